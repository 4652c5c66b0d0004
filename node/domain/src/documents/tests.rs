//! Documents: from draft to repeal, texts that stay as they were shown, votes on
//! exactly this text, the shipped indicators.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proto::indicator::catalogue::Catalogue;

mod about;

use super::{Action, Clause, Document, Grounds, Open, Stage, Text, canonical};
use crate::actor::{Actor, Pseudonym};
use crate::indicators::{Evaluator, backfill};
use crate::process::Refusal;
use crate::process::trial::Trial;
use crate::sha256::Sha256;

const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
const PAPER: Sha256 = Sha256([1; 32]);

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[a_covenant_is_consulted_voted_in_force_amended_and_repealed];

fn name(text: &str) -> crate::code::Name {
    text.parse().unwrap()
}

/// A hash that tells these tests' texts apart.
fn sum(text: &str) -> Sha256 {
    let mut bytes = [0; 32];
    for (at, byte) in text.bytes().enumerate() {
        bytes[at % 32] = byte.wrapping_add(bytes[at % 32]).rotate_left(3);
    }
    Sha256(bytes)
}

fn text(clauses: &[(&str, &str)]) -> Text {
    let clauses = clauses.iter().map(|(code, words)| Clause {
        code: code.parse().unwrap(),
        words: words.parse().unwrap(),
    });
    Text::of(clauses.collect(), sum).unwrap()
}

fn covenant(words: &str) -> Text {
    text(&[("purpose", "邻里和睦"), ("dogs", words)])
}

fn open(playbook: &str, kind: &str, text: Text) -> Result<Trial, Refusal> {
    let mut trial = Trial::new(playbook, "2026-03-02T01:00:00Z");
    let open = Open {
        kind: kind.parse().unwrap(),
        title: name("居民公约"),
        grid: None,
        text,
    };
    trial.act(Actor::Staff, Action::Open(open)).map(|()| trial)
}

fn document(trial: &Trial) -> &Document {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn act(trial: &mut Trial, action: Action) -> Result<(), Refusal> {
    trial.act(Actor::Staff, action)
}

fn refused(trial: &mut Trial, action: Action) -> &'static str {
    act(trial, action).unwrap_err().reason
}

fn post() -> Action {
    Action::Post {
        place: name("公告栏"),
    }
}

fn voted(consent: u64, text: &Text) -> Action {
    Action::Adopt {
        grounds: Grounds::Consent(consent),
        voted: Some(text.sha256),
    }
}

fn draft(text: Text) -> Action {
    Action::Draft {
        text,
        reason: name("修订"),
    }
}

fn stages(trial: &Trial) -> Vec<(u32, Stage)> {
    let versions = document(trial).versions.iter();
    versions
        .map(|version| (version.number, version.stage))
        .collect()
}

/// In force on 10 March.
fn in_force() -> Trial {
    let first = covenant("遛狗拴绳");
    let mut trial = open(BAIBUTING, "residents-covenant", first.clone()).unwrap();
    act(&mut trial, post()).unwrap();
    trial.pass_to("2026-03-10T01:00:00Z");
    act(&mut trial, Action::Consult { comments: 12 }).unwrap();
    act(&mut trial, voted(7, &first)).unwrap();
    act(&mut trial, Action::PutInForce { from: None }).unwrap();
    trial
}

#[test]
fn a_covenant_is_consulted_voted_in_force_amended_and_repealed() {
    let mut trial = in_force();
    assert_eq!(stages(&trial), [(1, Stage::InForce)]);
    let second = covenant("遛狗拴绳，清理粪便");
    act(&mut trial, draft(covenant("草稿"))).unwrap();
    act(&mut trial, draft(second.clone())).unwrap();
    assert_eq!(stages(&trial), [(1, Stage::InForce), (2, Stage::Draft)]);
    act(&mut trial, post()).unwrap();
    assert_eq!(
        refused(&mut trial, draft(covenant("改"))),
        "VERSION_IS_FIXED"
    );
    trial.pass_to("2026-04-10T01:00:00Z");
    act(&mut trial, Action::Consult { comments: 0 }).unwrap();
    act(&mut trial, voted(8, &second)).unwrap();
    assert_eq!(
        document(&trial).in_force().unwrap().number,
        1,
        "the old one holds until then"
    );
    act(&mut trial, Action::PutInForce { from: None }).unwrap();
    assert_eq!(stages(&trial), [(1, Stage::Amended), (2, Stage::InForce)]);
    let repeal = |consent| Action::Repeal {
        grounds: Grounds::Consent(consent),
        voted: Some(second.sha256),
        reason: name("另立新约"),
    };
    assert_eq!(refused(&mut trial, repeal(8)), "SAME_VOTE");
    act(&mut trial, repeal(9)).unwrap();
    assert_eq!(stages(&trial), [(1, Stage::Amended), (2, Stage::Repealed)]);
    assert!(!trial.state.as_ref().unwrap().is_open());
    assert_eq!(refused(&mut trial, repeal(9)), "NOT_IN_FORCE");
    assert_eq!(trial.members("document.put_in_force"), [",no", ",yes"]);
    // Three drafts, and nobody was told of one.
    let told = ["POSTED+ []", "CONSULTED+ []", "ADOPTED+ []", "IN_FORCE+ []"];
    assert_eq!(trial.told(), [&told[..], &told, &["REPEALED+ []"]].concat());
}

#[test]
fn no_stage_is_skipped_and_the_vote_is_on_this_very_text() {
    let first = covenant("遛狗拴绳");
    let mut trial = open(BAIBUTING, "residents-covenant", first.clone()).unwrap();
    assert_eq!(refused(&mut trial, voted(7, &first)), "NOT_CONSULTED");
    assert_eq!(
        refused(&mut trial, Action::PutInForce { from: None }),
        "WRONG_STAGE"
    );
    assert_eq!(
        refused(&mut trial, Action::Consult { comments: 0 }),
        "WRONG_STAGE"
    );
    act(&mut trial, post()).unwrap();
    assert_eq!(refused(&mut trial, voted(7, &first)), "WRONG_STAGE");
    // Posted for seven days: the last is the ninth, in Shanghai.
    trial.pass_to("2026-03-09T15:59:59Z");
    assert_eq!(
        refused(&mut trial, Action::Consult { comments: 0 }),
        "CONSULTATION_RUNS"
    );
    trial.pass_to("2026-03-09T16:00:00Z");
    act(&mut trial, Action::Consult { comments: 0 }).unwrap();
    assert_eq!(
        refused(&mut trial, voted(7, &covenant("别的"))),
        "TEXT_DIFFERS"
    );
    let lost = Action::Adopt {
        grounds: Grounds::Consent(7),
        voted: None,
    };
    assert_eq!(refused(&mut trial, lost), "NOT_CARRIED");
    let decided = Grounds::Decision {
        by: name("居委会"),
        document: PAPER,
    };
    let decided = Action::Adopt {
        grounds: decided,
        voted: None,
    };
    assert_eq!(refused(&mut trial, decided), "VOTE_NEEDED");
    act(&mut trial, voted(7, &first)).unwrap();
    let tomorrow = Action::PutInForce {
        from: Some(jiff::civil::date(2026, 3, 11)),
    };
    assert_eq!(refused(&mut trial, tomorrow), "NOT_TODAY");
}

#[test]
fn a_lift_covenant_says_three_things_at_least() {
    let all = [
        ("bulky-goods", "不得运载大件"),
        ("cleaning", "轮流保洁"),
        ("breach", "劝阻、公示、诉讼"),
    ];
    for left_out in 0..3 {
        let mut some = all.to_vec();
        let (code, _) = some.remove(left_out);
        let refusal = open(TIANNING, "lift-covenant", text(&some))
            .map(drop)
            .unwrap_err();
        assert_eq!(refusal.reason, "CLAUSE_MISSING");
        assert_eq!(refusal.details, [("clause", code.to_owned())]);
    }
    let signed = text(&all);
    let mut trial = open(TIANNING, "lift-covenant", signed.clone()).unwrap();
    assert_eq!(refused(&mut trial, draft(covenant("改"))), "CLAUSE_MISSING");
    act(&mut trial, voted(3, &signed)).unwrap();
    act(&mut trial, Action::PutInForce { from: None }).unwrap();
}

#[test]
fn charters_are_decided_and_notices_published() {
    let duties = text(&[
        ("duties", "参会"),
        ("rights", "提案"),
        ("obligations", "公开"),
    ]);
    let mut trial = open(QINGHE, "council-charter", duties).unwrap();
    let published = Action::Adopt {
        grounds: Grounds::Publication,
        voted: None,
    };
    assert_eq!(refused(&mut trial, published.clone()), "DECISION_NEEDED");
    let decided = Grounds::Decision {
        by: name("议事会"),
        document: PAPER,
    };
    act(
        &mut trial,
        Action::Adopt {
            grounds: decided,
            voted: None,
        },
    )
    .unwrap();
    act(&mut trial, Action::PutInForce { from: None }).unwrap();
    let mut trial = open(BAIBUTING, "community-news", covenant("停水通知")).unwrap();
    act(&mut trial, published).unwrap();
    act(&mut trial, Action::PutInForce { from: None }).unwrap();
    assert_eq!(stages(&trial), [(1, Stage::InForce)]);
}

#[test]
fn residents_read_what_was_posted_and_write_nothing() {
    let resident = Actor::Resident(Pseudonym(1));
    let mut trial = open(BAIBUTING, "residents-covenant", covenant("遛狗拴绳")).unwrap();
    let sees = |trial: &Trial| trial.state.as_ref().unwrap().is_visible_to(&resident);
    assert!(!sees(&trial));
    let own = trial.act(resident.clone(), post());
    assert_eq!(own.unwrap_err().reason, "NOT_YOURS");
    act(&mut trial, post()).unwrap();
    assert!(sees(&trial));
    act(
        &mut trial,
        Action::Drop {
            reason: name("意见太大"),
        },
    )
    .unwrap();
    assert!(sees(&trial), "what was shown stays shown");
    assert_eq!(refused(&mut trial, post()), "NOTHING_PENDING");
    act(&mut trial, draft(covenant("再写"))).unwrap();
    assert_eq!(stages(&trial), [(1, Stage::Dropped), (2, Stage::Draft)]);
}

#[test]
fn texts_have_limits_and_a_hash_that_anybody_can_compute() {
    let clause = |code: &str, words: &str| Clause {
        code: code.parse().unwrap(),
        words: words.parse().unwrap(),
    };
    let clauses = vec![clause("a", "一"), clause("b", "二\n三")];
    assert_eq!(canonical(&clauses), "a\n一\n\nb\n二\n三\n\n");
    let refusal = |clauses| Text::of(clauses, sum).unwrap_err().reason;
    assert_eq!(refusal(vec![]), "CLAUSES");
    assert_eq!(
        refusal(vec![clause("a", "一"), clause("a", "二")]),
        "CLAUSE_TWICE"
    );
    let long = (0..30).map(|at| clause(&format!("c{at}"), &"路".repeat(4_000)));
    assert_eq!(refusal(long.collect()), "TEXT_TOO_LONG");
    let many = (0..=200).map(|at| clause(&format!("c{at}"), "路"));
    assert_eq!(refusal(many.collect()), "CLAUSES");
}

proptest! {
    /// Whatever is tried in whatever order: the text of a version that somebody was
    /// shown never changes, at most one is in force and one on its way, and numbers
    /// only grow.
    #[test]
    fn what_was_shown_never_changes(actions in proptest::collection::vec((0u8..7, 0u8..4), 1..40)) {
        let mut trial = open(BAIBUTING, "residents-covenant", covenant("0")).unwrap();
        let mut shown = std::collections::BTreeMap::new();
        for (at, (what, which)) in actions.into_iter().enumerate() {
            trial.now += jiff::SignedDuration::from_hours(24 * 9);
            let text = covenant(&format!("{which}"));
            let hash = document(&trial).versions.last().map(|version| version.text.sha256);
            let grounds = Grounds::Consent(at as u64 + 1);
            let action = match what {
                0 => draft(text),
                1 => post(),
                2 => Action::Consult { comments: 1 },
                3 => Action::Adopt { grounds, voted: hash },
                4 => Action::PutInForce { from: None },
                5 => Action::Drop { reason: name("不再需要") },
                _ => Action::Repeal { grounds, voted: hash, reason: name("不再需要") },
            };
            // A refusal changes nothing.
            let _ = act(&mut trial, action);
            let versions = &document(&trial).versions;
            prop_assert!(versions.is_sorted_by_key(|version| version.number));
            prop_assert!(versions.iter().filter(|one| one.is_pending()).count() <= 1);
            prop_assert!(versions.iter().filter(|one| one.stage == Stage::InForce).count() <= 1);
            for version in versions.iter().filter(|version| version.is_public()) {
                let before = shown.insert(version.number, version.text.clone());
                prop_assert!(before.is_none_or(|before| before == version.text));
            }
        }
    }
}

#[test]
fn covenants_in_force_are_a_stock() {
    let first = include_str!("../../../../deploy/catalogue/first.toml");
    let own = include_str!("../../../../deploy/catalogue/documents.toml");
    let catalogue = Catalogue::from_toml(&[first, own].join("\n"));
    let catalogue = catalogue.unwrap_or_else(|invalid| panic!("{invalid}"));
    let mut trial = in_force();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let level = |trial: &Trial, period: &str| {
        let tally = backfill(&Evaluator::new(&catalogue, zone.clone()), &trial.facts).unwrap();
        let id = catalogue.by_code("HUB.P01", None).unwrap().id;
        let mut cells = tally.cells.into_iter();
        let cell = cells.find(|(key, _)| key.indicator == id && key.period.to_string() == period);
        cell.and_then(|(_, cell)| cell.number())
    };
    assert_eq!(level(&trial, "202603"), Some(1));
    let text = document(&trial).in_force().unwrap().text.sha256;
    trial.pass_to("2026-03-20T01:00:00Z");
    let repeal = Action::Repeal {
        grounds: Grounds::Consent(9),
        voted: Some(text),
        reason: name("另立新约"),
    };
    act(&mut trial, repeal).unwrap();
    assert_eq!(level(&trial, "202603"), Some(0));
}
