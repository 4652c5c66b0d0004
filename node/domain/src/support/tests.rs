//! A request from asking to rating, with letters that come late, twice or not.

use proto::support::{Progress, RequestKey, Up};

use super::*;
use crate::actor::{Actor, Pseudonym};
use crate::process::{Happenings, Refusal, trial::Trial};

const PLAYBOOK: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
const CATALOGUE: &str = include_str!("../../../../deploy/catalogue/support.toml");
const KEY: RequestKey = RequestKey(7);

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[asked_accepted_done_and_rated_in_time];

fn ask(centre: Option<&str>) -> Action {
    Action::Ask(Box::new(Ask {
        key: KEY,
        centre: centre.map(|code| code.parse().unwrap()),
        text: "请派社工教议事规则".parse().unwrap(),
        attachment: None,
        wanted_by: None,
    }))
}

/// What a letter says of a request that `centre` has.
fn progress(centre: &str) -> Progress {
    Progress {
        request: KEY,
        centre: centre.parse().unwrap(),
        routed_at: None,
        accepted_at: None,
        declined_at: None,
        begun_at: None,
        done_at: None,
        deliver_by: None,
        words: None,
    }
}

fn learn(trial: &mut Trial, progress: &Progress) {
    let action = Action::Learn(Box::new(progress.clone()));
    trial.act(Actor::System, action).unwrap();
}

fn rate(stars: u8) -> Action {
    Action::Rate(Rating {
        stars,
        comment: Some("很有用".parse().unwrap()),
        is_shared: false,
    })
}

/// A Monday, 09:00 in Shanghai.
fn trial() -> Trial {
    Trial::new(PLAYBOOK, "2026-03-02T01:00:00Z")
}

fn request(trial: &Trial) -> &Request {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn refused(outcome: Result<(), Refusal>) -> &'static str {
    outcome.unwrap_err().reason
}

#[test]
fn asked_accepted_done_and_rated_in_time() {
    let mut trial = trial();
    trial.act(Actor::Staff, ask(Some("social-work"))).unwrap();
    // Three working days: until the office closes on Thursday.
    let due = request(&trial).accept_by;
    assert!(due > "2026-03-05T08:00:00Z".parse().unwrap(), "{due}");
    assert!(due < "2026-03-05T16:00:00Z".parse().unwrap(), "{due}");
    let mut letter = progress("social-work");
    letter.accepted_at = Some("2026-03-03T01:00:00Z".parse().unwrap());
    letter.deliver_by = Some("2026-03-10".parse().unwrap());
    trial.now = "2026-03-03T02:00:00Z".parse().unwrap();
    learn(&mut trial, &letter);
    learn(&mut trial, &letter);
    assert_eq!(request(&trial).stage(), Stage::Accepted);
    assert_eq!(refused(trial.act(Actor::Staff, rate(5))), "NOT_DONE");
    letter.begun_at = Some("2026-03-06T01:00:00Z".parse().unwrap());
    letter.done_at = Some("2026-03-09T01:00:00Z".parse().unwrap());
    letter.words = Some("讲了两课".parse().unwrap());
    trial.now = "2026-03-09T02:00:00Z".parse().unwrap();
    learn(&mut trial, &letter);
    assert_eq!(request(&trial).stage(), Stage::Done);
    assert_eq!(
        refused(trial.act(Actor::Staff, Action::Withdraw)),
        "ALREADY_DONE"
    );
    assert_eq!(refused(trial.act(Actor::Staff, rate(6))), "STARS");
    trial.act(Actor::Staff, rate(5)).unwrap();
    assert_eq!(refused(trial.act(Actor::Staff, rate(4))), "ALREADY_OVER");
    let numbers = trial.numbers(CATALOGUE);
    assert_eq!(numbers["WJ.S01 2026Q1"], (1, Some(1)));
    assert_eq!(numbers["WJ.S02 2026S1"], (1, Some(1)));
    assert_eq!(trial.members("support.done"), ["yes"]);
}

#[test]
fn a_playbook_says_how_long_an_answer_may_take() {
    let asked = |limit: &str| {
        let playbook = format!("{PLAYBOOK}\n[support]\nanswer = \"{limit}\"\n");
        let mut trial = Trial::new(&playbook, "2026-03-02T01:00:00Z");
        trial.act(Actor::Staff, ask(None)).unwrap();
        request(&trial).accept_by.to_string()
    };
    assert_eq!(asked("4 hours"), "2026-03-02T05:00:00Z");
    assert_eq!(asked("7 days"), "2026-03-09T01:00:00Z");
    let odd = format!("{PLAYBOOK}\n[support]\nanswer = \"soon\"\n");
    let mistakes = crate::playbook::Playbook::parse(&odd).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
}

#[test]
fn a_request_to_whoever_can_counts_for_the_centre_that_it_is_routed_to() {
    let mut trial = trial();
    trial.act(Actor::Staff, ask(None)).unwrap();
    assert!(!trial.numbers(CATALOGUE).contains_key("WJ.S01 2026Q1"));
    let mut letter = progress("care");
    letter.routed_at = Some("2026-03-02T03:00:00Z".parse().unwrap());
    trial.now = "2026-03-03T02:00:00Z".parse().unwrap();
    learn(&mut trial, &letter);
    assert_eq!(request(&trial).stage(), Stage::Routed);
    assert_eq!(request(&trial).centre.as_ref().unwrap().as_str(), "care");
    // Not answered by Thursday: the community is reminded, once.
    trial.pass_to("2026-03-06T01:00:00Z");
    assert!(request(&trial).reminded_of_answer);
    assert_eq!(trial.numbers(CATALOGUE)["WJ.S01 2026Q1"], (0, Some(1)));
    // The answer was given in time; its letter came late.
    letter.accepted_at = Some("2026-03-05T02:00:00Z".parse().unwrap());
    letter.deliver_by = Some("2026-03-09".parse().unwrap());
    learn(&mut trial, &letter);
    assert_eq!(trial.numbers(CATALOGUE)["WJ.S01 2026Q1"], (1, Some(1)));
    trial.pass_to("2026-03-09T15:59:00Z");
    assert!(!request(&trial).reminded_of_delivery);
    trial.pass_to("2026-03-09T16:00:00Z");
    assert!(request(&trial).reminded_of_delivery);
    letter.done_at = Some("2026-03-10T01:00:00Z".parse().unwrap());
    trial.now = "2026-03-10T02:00:00Z".parse().unwrap();
    learn(&mut trial, &letter);
    assert_eq!(trial.members("support.done"), ["no"]);
    trial.act(Actor::Staff, rate(2)).unwrap();
    assert_eq!(trial.numbers(CATALOGUE)["WJ.S02 2026S1"], (0, Some(1)));
}

#[test]
fn an_answer_after_the_limit_is_asked_and_not_in_time_and_a_declined_one_is_over() {
    let mut late = trial();
    late.act(Actor::Staff, ask(Some("care"))).unwrap();
    let mut letter = progress("care");
    letter.accepted_at = Some("2026-03-06T01:00:00Z".parse().unwrap());
    late.now = "2026-03-07T01:00:00Z".parse().unwrap();
    learn(&mut late, &letter);
    assert_eq!(late.numbers(CATALOGUE)["WJ.S01 2026Q1"], (0, Some(1)));

    let mut declined = trial();
    declined.act(Actor::Staff, ask(None)).unwrap();
    let mut letter = progress("support");
    letter.declined_at = Some("2026-03-02T02:00:00Z".parse().unwrap());
    letter.words = Some("本季名额已满".parse().unwrap());
    declined.now = "2026-03-03T01:00:00Z".parse().unwrap();
    learn(&mut declined, &letter);
    assert_eq!(request(&declined).stage(), Stage::Declined);
    assert_eq!(declined.numbers(CATALOGUE)["WJ.S01 2026Q1"], (0, Some(1)));
    let outcome = declined.act(Actor::Staff, Action::Withdraw);
    assert_eq!(refused(outcome), "ALREADY_OVER");
}

#[test]
fn what_was_withdrawn_learns_no_more_and_only_the_office_asks() {
    let mut trial = trial();
    let resident = Actor::Resident(Pseudonym(3));
    assert_eq!(refused(trial.act(resident.clone(), ask(None))), "NOT_YOURS");
    trial.act(Actor::Staff, ask(Some("care"))).unwrap();
    assert!(!trial.state.as_ref().unwrap().is_visible_to(&resident));
    let forged = Action::Learn(Box::new(progress("care")));
    assert_eq!(refused(trial.act(Actor::Admin, forged)), "UNKNOWN_PROCESS");
    trial.act(Actor::Staff, Action::Withdraw).unwrap();
    let mut letter = progress("care");
    letter.accepted_at = Some(trial.now);
    learn(&mut trial, &letter);
    assert_eq!(request(&trial).stage(), Stage::Withdrawn);
    assert!(trial.state.as_ref().unwrap().next_alarm().is_none());
    let past = Action::Ask(Box::new(Ask {
        wanted_by: Some("2026-03-01".parse().unwrap()),
        key: KEY,
        centre: None,
        text: "迟".parse().unwrap(),
        attachment: None,
    }));
    let mut other = self::trial();
    assert_eq!(refused(other.act(Actor::Staff, past)), "IN_THE_PAST");
}

#[test]
fn a_command_is_one_letter_and_a_comment_stays_unless_it_is_shared() {
    let rated = |is_shared| {
        let rating = Rating {
            stars: 3,
            comment: Some("等了两周".parse().unwrap()),
            is_shared,
        };
        let happened = crate::process::Happened {
            at: "2026-03-02T01:00:00Z".parse().unwrap(),
            by: Actor::Staff,
            what: Happening::Rated { key: KEY, rating },
        };
        letter(&crate::process::Event {
            process: crate::process::ProcessId(1),
            happenings: Happenings::Support(vec![happened]),
        })
    };
    let comment = |letter: Option<Up>| match letter {
        Some(Up::Rated(rated)) => rated.comment,
        other => panic!("{other:?}"),
    };
    assert_eq!(comment(rated(false)), None);
    assert_eq!(comment(rated(true)).unwrap().as_str(), "等了两周");
}
