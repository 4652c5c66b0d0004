//! What a topic's history says of what happened.

use super::{Happening, Route, Seat};

type Details = Vec<(&'static str, String)>;

pub(super) fn told(what: &Happening) -> (&'static str, Details) {
    let follow_up = |number: &u32| ("follow_up", number.to_string());
    let votes = |yes: &u32, no: &u32, abstained: &u32| {
        vec![
            ("yes", yes.to_string()),
            ("no", no.to_string()),
            ("abstained", abstained.to_string()),
        ]
    };
    match what {
        Happening::Proposed {
            kind,
            rules,
            source,
            supporters,
            ..
        } => (
            "PROPOSED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("source", source.code().to_owned()),
                ("supporters", supporters.to_string()),
            ],
        ),
        Happening::Triaged(triage) => {
            let mut details = vec![
                ("grade", triage.grade.code().to_owned()),
                ("route", triage.route.code().to_owned()),
                ("reason", triage.reason.to_string()),
            ];
            if let Route::Elsewhere(to) = &triage.route {
                details.push(("to", to.to_string()));
            }
            ("TRIAGED", details)
        }
        Happening::StepEnded { step } => ("STEP_ENDED", vec![("step", step.code().to_owned())]),
        Happening::Talked { parties, ideas } => {
            let parties: Vec<&str> = parties.iter().map(|name| name.as_str()).collect();
            (
                "TALKED",
                vec![
                    ("parties", parties.join("、")),
                    ("ideas", ideas.to_string()),
                ],
            )
        }
        Happening::Drafted { by, hash, .. } => (
            "DRAFTED",
            vec![("by", by.to_string()), ("hash", hash.to_string())],
        ),
        Happening::Posted { from } => ("POSTED", vec![("from", from.to_string())]),
        Happening::Commented { origin, case } => {
            let mut details = vec![("origin", origin.code().to_owned())];
            details.extend(case.map(|case| ("case", format!("cases/{case}"))));
            ("COMMENTED", details)
        }
        Happening::Advised {
            discipline,
            has_interest,
            text,
            ..
        } => (
            "ADVISED",
            vec![
                ("discipline", discipline.to_string()),
                ("has_interest", has_interest.to_string()),
                ("text", text.to_string()),
            ],
        ),
        Happening::AdviceAnswered {
            advice,
            adopted,
            reason,
        } => (
            "ADVICE_ANSWERED",
            vec![
                ("advice", advice.to_string()),
                ("adopted", adopted.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::Fixed { hash, .. } => ("FIXED", vec![("hash", hash.to_string())]),
        Happening::SentBack { reason } => ("SENT_BACK", vec![("reason", reason.to_string())]),
        Happening::Surveyed { survey } => {
            ("SURVEYED", vec![("survey", format!("surveys/{survey}"))])
        }
        Happening::FollowUpSet { owner, what, due } => (
            "FOLLOW_UP_SET",
            vec![
                ("owner", owner.to_string()),
                ("what", what.to_string()),
                ("due", due.to_string()),
            ],
        ),
        Happening::FollowUpDone { follow_up: number } => {
            ("FOLLOW_UP_DONE", vec![follow_up(number)])
        }
        Happening::FollowUpChecked {
            follow_up: number,
            by,
            passed,
            note,
            ..
        } => {
            let mut details = vec![follow_up(number), ("passed", passed.to_string())];
            details.extend(by.as_ref().map(|by| ("by", by.to_string())));
            details.extend(note.as_ref().map(|note| ("note", note.to_string())));
            ("FOLLOW_UP_CHECKED", details)
        }
        Happening::FollowUpFellDue { follow_up: number } => {
            ("FOLLOW_UP_FELL_DUE", vec![follow_up(number)])
        }
        Happening::Verified => ("VERIFIED", Vec::new()),
        Happening::Announced { channel } => ("ANNOUNCED", vec![("channel", channel.to_string())]),
        Happening::AnnouncementFellDue => ("ANNOUNCEMENT_FELL_DUE", Vec::new()),
        Happening::Withdrawn { reason } => ("WITHDRAWN", vec![("reason", reason.to_string())]),
        Happening::Closed => ("CLOSED", Vec::new()),
        Happening::YearTurned { year } => ("YEAR_TURNED", vec![("year", year.to_string())]),
        Happening::Convened { on, participants } => {
            let stakeholders = participants.iter().filter_map(|one| match &one.seat {
                Seat::Stakeholder(reason) => Some(reason.as_str()),
                _ => None,
            });
            let stakeholders: Vec<&str> = stakeholders.collect();
            (
                "CONVENED",
                vec![
                    ("on", on.to_string()),
                    ("listed", participants.len().to_string()),
                    ("stakeholders", stakeholders.join("；")),
                ],
            )
        }
        Happening::Held(held) => (
            "HELD",
            vec![
                ("present", held.present.len().to_string()),
                ("parties", held.parties_present.to_string()),
                ("quorate", held.is_quorate.to_string()),
                ("votes", held.votes.to_string()),
            ],
        ),
        Happening::Found { text } => ("FOUND", vec![("text", text.to_string())]),
        Happening::TaskSet { to, what } => (
            "TASK_SET",
            vec![("to", to.to_string()), ("what", what.to_string())],
        ),
        Happening::TaskReported {
            task,
            result,
            survey,
        } => {
            let mut details = vec![("task", task.to_string()), ("result", result.to_string())];
            details.extend(survey.map(|survey| ("survey", format!("surveys/{survey}"))));
            ("TASK_REPORTED", details)
        }
        Happening::OrderFixed(order) => (
            "ORDER_FIXED",
            vec![
                ("document", format!("documents/{}", order.document)),
                ("version", order.version.to_string()),
                ("sha256", order.sha256.to_string()),
            ],
        ),
        Happening::BreachNoted { rule } => ("BREACH_NOTED", vec![("rule", rule.to_string())]),
        Happening::MotionLost {
            text,
            yes,
            no,
            abstained,
        } => {
            let mut details = votes(yes, no, abstained);
            details.push(("text", text.to_string()));
            ("MOTION_LOST", details)
        }
        Happening::Decided {
            passed,
            text,
            yes,
            no,
            abstained,
        } => {
            let mut details = votes(yes, no, abstained);
            details.push(("passed", passed.to_string()));
            details.extend(text.as_ref().map(|text| ("text", text.to_string())));
            ("DECIDED", details)
        }
        Happening::VoteOpened { hash, roll, until } => (
            "VOTE_OPENED",
            vec![
                ("hash", hash.to_string()),
                ("roll", roll.heads().to_string()),
                ("roll_hash", roll.sha256.to_string()),
                ("until", until.to_string()),
            ],
        ),
        Happening::VotersMarked { voters, origin } => (
            "VOTERS_MARKED",
            vec![
                ("voters", voters.len().to_string()),
                ("origin", origin.code().to_owned()),
            ],
        ),
        Happening::BallotsCounted(count) => {
            let mut details = votes(&count.yes, &count.no, &count.abstained);
            details.push(("invalid", count.invalid.to_string()));
            details.push(("origin", count.origin.code().to_owned()));
            ("BALLOTS_COUNTED", details)
        }
    }
}
