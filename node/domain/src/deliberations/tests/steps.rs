//! The order of steps, and the text that goes through them unchanged.

use super::*;

const STAFF: Actor = Actor::Staff;

/// One act of each step after the proposal, in their order.
fn acts() -> [(Step, Action); 5] {
    [
        (Step::Talk, talk(&["居民", "居委会", "物业公司"])),
        (Step::Draft, draft("方案")),
        (Step::Post, Action::Post),
        (Step::Review, advise(90)),
        (Step::Vote, open_vote("方案", date(2026, 4, 30))),
    ]
}

fn complete(trial: &mut Trial, step: Step) {
    match step {
        Step::Post => trial.pass_to("2026-03-10T01:00:00Z"),
        Step::Review => {
            trial.act(STAFF, answer(1, false)).unwrap();
            trial.act(STAFF, fix("方案")).unwrap();
        }
        _ => {}
    }
}

#[test]
fn none_of_the_six_steps_can_be_skipped() {
    // For each number of steps done, every act that reaches further is refused.
    for done in 0..5 {
        let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
        trial.act(STAFF, propose("six-step")).unwrap();
        for (step, act) in &acts()[..done] {
            trial.act(STAFF, act.clone()).unwrap();
            complete(&mut trial, *step);
        }
        // The next one asks first that the present one be complete.
        if done == 0 {
            assert_eq!(reason(trial.act(STAFF, draft("方案"))), "STEP_NOT_COMPLETE");
        }
        for (step, act) in acts().into_iter().skip(done.max(1) + 1) {
            let refused = trial.act(STAFF, act).unwrap_err();
            assert_eq!(refused.reason, "STEP_OUT_OF_ORDER", "{done} done: {step:?}");
        }
        let on_record: Vec<Step> = topic(&trial)
            .steps_done
            .iter()
            .map(|one| one.step)
            .collect();
        let steps: Vec<Step> = acts().into_iter().map(|(step, _)| step).collect();
        assert_eq!(on_record, steps[..done.saturating_sub(1)]);
        // Nor is one gone back to but by sending it back.
        if done == 5 {
            assert_eq!(reason(trial.act(STAFF, draft("别的"))), "STEP_OUT_OF_ORDER");
        }
    }
}

#[test]
fn a_step_ends_only_when_all_is_there() {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("six-step")).unwrap();
    // Two of three parties have talked.
    trial.act(STAFF, talk(&["居民", "居委会"])).unwrap();
    trial.act(STAFF, talk(&["居民"])).unwrap();
    assert_eq!(reason(trial.act(STAFF, draft("方案"))), "STEP_NOT_COMPLETE");
    trial.act(STAFF, talk(&["物业公司"])).unwrap();
    let stranger = Action::Draft {
        by: "物业公司".parse().unwrap(),
        text: words("方案"),
        hash: hash("方案"),
    };
    assert_eq!(reason(trial.act(STAFF, stranger)), "NOT_THE_DRAFTER");
    let council = Actor::Handler("议事会".parse().unwrap());
    trial.act(council, draft("方案")).unwrap();
    let resident = Actor::Resident(Pseudonym(7));
    let comment = Action::Comment {
        origin: Origin::Online,
        case: None,
    };
    assert_eq!(
        reason(trial.act(resident.clone(), comment.clone())),
        "NOT_NOW"
    );
    trial.act(STAFF, Action::Post).unwrap();
    trial.act(resident, comment.clone()).unwrap();
    // Posted on the 2nd; seven full days are over on the 10th.
    trial.pass_to("2026-03-09T15:59:59Z");
    let early = trial.act(STAFF, advise(90));
    assert_eq!(reason(early), "STEP_NOT_COMPLETE");
    trial.pass_to("2026-03-09T16:00:00Z");
    trial.act(STAFF, advise(90)).unwrap();
    assert_eq!(reason(trial.act(STAFF, comment)), "NOT_NOW");
    assert_eq!(topic(&trial).posting.unwrap().comments, 1);
    assert_eq!(trial.members("deliberation.commented"), ["online"]);
}

#[test]
pub(super) fn what_is_voted_on_is_the_reviewed_text_byte_for_byte() {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("six-step")).unwrap();
    for (step, act) in &acts()[..3] {
        trial.act(STAFF, act.clone()).unwrap();
        complete(&mut trial, *step);
    }
    assert_eq!(reason(trial.act(STAFF, fix("方案"))), "NOT_NOW");
    trial.act(STAFF, advise(90)).unwrap();
    assert_eq!(reason(trial.act(STAFF, fix("方案"))), "ADVICE_OPEN");
    assert_eq!(reason(trial.act(STAFF, answer(2, true))), "NO_SUCH_NUMBER");
    trial.act(STAFF, answer(1, false)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, answer(1, true))),
        "ALREADY_ANSWERED"
    );
    // Nothing was adopted: the text may not change in the review.
    assert_eq!(reason(trial.act(STAFF, fix("方案。"))), "TEXT_CHANGED");
    trial.act(STAFF, advise(91)).unwrap();
    trial.act(STAFF, answer(2, true)).unwrap();
    trial.act(STAFF, fix("方案,坡道加宽")).unwrap();
    assert_eq!(reason(trial.act(STAFF, fix("方案"))), "TEXT_FIXED");
    let until = date(2026, 3, 20);
    for other in ["方案", "方案,坡道加宽 ", "方案, 坡道加宽"] {
        let refused = trial.act(STAFF, open_vote(other, until)).unwrap_err();
        assert_eq!(refused.reason, "TEXT_DIFFERS", "{other:?}");
    }
    trial.act(STAFF, open_vote("方案,坡道加宽", until)).unwrap();
    assert_eq!(
        topic(&trial).vote.as_ref().unwrap().hash,
        topic(&trial).fixed.unwrap()
    );
    assert_eq!(trial.members("deliberation.advice_answered"), ["no", "yes"]);
}

#[test]
fn from_posting_and_review_it_can_go_back_to_drafting_with_a_reason() {
    let back = || Action::SendBack {
        reason: words("居民意见较大"),
    };
    for done in [3, 4] {
        let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
        trial.act(STAFF, propose("six-step")).unwrap();
        assert_eq!(reason(trial.act(STAFF, back())), "NOT_NOW");
        for (step, act) in &acts()[..done] {
            trial.act(STAFF, act.clone()).unwrap();
            complete(&mut trial, *step);
        }
        trial.act(STAFF, back()).unwrap();
        assert_eq!(topic(&trial).step(), Some(Step::Draft));
        // What came before is on record, what came after is to be done again.
        assert_eq!(topic(&trial).steps_done.len(), 1);
        assert_eq!(reason(trial.act(STAFF, Action::Post)), "STEP_NOT_COMPLETE");
        trial.act(STAFF, draft("新方案")).unwrap();
        assert_eq!(topic(&trial).draft.as_ref().unwrap().version, 2);
        trial.act(STAFF, Action::Post).unwrap();
        assert_eq!(reason(trial.act(STAFF, advise(90))), "STEP_NOT_COMPLETE");
    }
}

#[test]
fn an_upgrade_is_advised_by_experts_who_do_not_vote() {
    let mut trial = Trial::new(QINGHE, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("upgrade")).unwrap();
    trial.act(STAFF, talk(&["居民"])).unwrap();
    let draft = Action::Draft {
        by: "议事委员会".parse().unwrap(),
        text: words("自行车棚改造"),
        hash: hash("自行车棚改造"),
    };
    trial.act(STAFF, draft).unwrap();
    for (number, adopted) in [(1, true), (2, false)] {
        trial.act(STAFF, advise(90 + u64::from(number))).unwrap();
        trial.act(STAFF, answer(number, adopted)).unwrap();
    }
    trial.act(STAFF, fix("自行车棚改造")).unwrap();
    let list = |seat| {
        let mut list: Vec<Participant> = (1..=3)
            .map(|entry| party(entry, "deliberation-committee"))
            .collect();
        list.push(Participant { entry: 91, seat });
        Action::Convene {
            on: date(2026, 3, 2),
            participants: list,
        }
    };
    let voting = trial.act(STAFF, list(Seat::Resident));
    assert_eq!(reason(voting), "EXPERT_VOTES");
    trial.act(STAFF, list(Seat::Expert)).unwrap();
    trial.act(STAFF, hold(&[1, 2, 3, 91])).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, decide(3, 0))),
        "MORE_VOTES_THAN_VOTERS"
    );
    trial.act(STAFF, decide(2, 0)).unwrap();
    assert_eq!(trial.members("deliberation.advice_answered"), ["yes", "no"]);
    assert_eq!(trial.members("deliberation.decided"), ["office,,yes,yes"]);
}

#[test]
fn a_playbook_whose_steps_cannot_follow_each_other_is_refused() {
    use crate::playbook::Playbook;
    let steps = r#"steps = ["talk", "draft", "post", "review", "vote"]"#;
    for odd in [
        r#"steps = ["talk", "post", "draft", "vote"]"#,
        r#"steps = ["talk", "draft", "draft", "vote"]"#,
        r#"steps = ["vote", "talk"]"#,
        r#"steps = ["talk", "draft"]"#,
        r#"steps = ["session", "draft", "vote"]"#,
        r#"steps = ["tea", "draft", "vote"]"#,
        "steps = []",
    ] {
        let mistakes = Playbook::parse(&BAIBUTING.replace(steps, odd)).unwrap_err();
        assert!(
            mistakes[0].field == "deliberation.six-step.steps",
            "{odd}: {mistakes:?}"
        );
    }
    let odd = BAIBUTING.replace(r#"turnout = "more than 1/2""#, r#"turnout = "66%""#);
    let mistakes = Playbook::parse(&odd).unwrap_err();
    assert!(mistakes[0].en.contains("2/3"), "{mistakes:?}");
}
