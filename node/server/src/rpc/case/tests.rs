//! Requests in, commands out: what every field must be, and that a wrong one is
//! named.

use node_domain::actor::Role;
use node_domain::cases::{Action, CaseId, Completion, Level, Origin};
use node_domain::sealed::Sealed;
use prost::Message as _;
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::parse::Ask;
use super::report::report;

fn named(problem: &Problem) -> Vec<&str> {
    let fields = problem.fields.iter();
    fields.map(|(field, _)| field.as_str()).collect()
}

/// The fields that are said to be wrong.
#[track_caller]
fn wrong<A>(asked: A, fields: &[&str])
where
    Ask: TryFrom<A, Error = Problem>,
{
    let problem = Ask::try_from(asked).unwrap_err();
    assert_eq!(named(&problem), fields);
    assert_eq!(problem.reason, "INVALID_FIELDS");
}

#[track_caller]
fn action<A>(asked: A) -> Action
where
    Ask: TryFrom<A, Error = Problem>,
{
    let ask = Ask::try_from(asked).unwrap();
    assert_eq!(ask.case, Some(CaseId(7)));
    assert_eq!(ask.request_id.unwrap().as_str(), "r-1");
    assert_eq!(ask.happened_at, None);
    ask.action.0
}

fn sealed(text: &str) -> Sealed {
    Sealed(text.as_bytes().into())
}

fn text() -> Option<Sealed> {
    Some(sealed("好"))
}

macro_rules! asked {
    ($kind:ident { $($field:ident: $value:expr),* $(,)? }) => {
        pb::$kind {
            request_id: "r-1".into(),
            name: "cases/7".into(),
            $($field: $value,)*
        }
    };
}

#[test]
fn every_request_becomes_its_command() {
    assert_eq!(action(asked!(AcceptCaseRequest {})), Action::Accept);
    assert_eq!(action(asked!(StartCaseRequest {})), Action::Start);
    assert_eq!(action(asked!(ResumeCaseRequest {})), Action::Resume);
    assert_eq!(
        action(asked!(DispatchCaseRequest {
            handler: "物业".into()
        })),
        Action::Dispatch {
            handler: "物业".parse().unwrap()
        }
    );
    assert_eq!(
        action(asked!(BounceCaseRequest {
            reason: " 好\n".into()
        })),
        Action::Bounce { reason: text() }
    );
    assert_eq!(
        action(asked!(PauseCaseRequest {
            cause: "weather".into()
        })),
        Action::Pause {
            cause: "weather".parse().unwrap()
        }
    );
    assert_eq!(
        action(asked!(RefuseCaseRequest {
            refusal: Some(pb::Refusal {
                by: "居委会".into(),
                refer_to: "供电局".into()
            }),
            text: String::new(),
        })),
        Action::Refuse {
            by: "居委会".parse().unwrap(),
            refer_to: "供电局".parse().unwrap(),
            text: None,
        }
    );
    assert_eq!(
        action(asked!(MarkDuplicateCaseRequest {
            duplicate_of: "cases/3".into()
        })),
        Action::MarkDuplicate { of: CaseId(3) }
    );
    assert_eq!(
        action(asked!(RateCaseRequest {
            level: pb::RatingLevel::VeryBad.into(),
            text: "好".into(),
        })),
        Action::Rate {
            level: Level::VeryBad,
            text: text()
        }
    );
    assert_eq!(
        action(asked!(AppealCaseRequest {
            reason: "好".into()
        })),
        Action::Appeal { reason: text() }
    );
    assert_eq!(
        action(asked!(RuleAppealCaseRequest {
            upheld: true,
            reason: "好".into()
        })),
        Action::RuleAppeal {
            upheld: true,
            reason: text()
        }
    );
    assert_eq!(
        action(asked!(WithdrawCaseRequest {
            reason: String::new()
        })),
        Action::Withdraw { reason: None }
    );
    for said in [
        action(asked!(ReplyCaseRequest { text: "好".into() })),
        action(asked!(NoteCaseRequest { text: "好".into() })),
    ] {
        match said {
            Action::Reply(said) | Action::Note(said) => assert_eq!(said.text, sealed("好")),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_completion_says_how_and_a_referral_may_say_to_whom() {
    let complete = |outcome: pb::Outcome, refer_to: &str| {
        asked!(CompleteCaseRequest {
            outcome: outcome.into(),
            text: String::new(),
            refer_to: refer_to.into(),
        })
    };
    let street = "街道".parse().unwrap();
    let rows = [
        (pb::Outcome::Resolved, "", Completion::Resolved),
        (pb::Outcome::Partly, "", Completion::Partly),
        (pb::Outcome::Explained, "", Completion::Explained),
        (pb::Outcome::Referred, "", Completion::Referred(None)),
        (
            pb::Outcome::Referred,
            "街道",
            Completion::Referred(Some(street)),
        ),
    ];
    for (outcome, refer_to, completion) in rows {
        let text = None;
        let expected = Action::Complete { completion, text };
        assert_eq!(action(complete(outcome, refer_to)), expected);
    }
    for outcome in [
        pb::Outcome::Unspecified,
        pb::Outcome::Refused,
        pb::Outcome::Duplicate,
        pb::Outcome::Withdrawn,
    ] {
        wrong(complete(outcome, ""), &["outcome"]);
    }
    wrong(complete(pb::Outcome::Resolved, "街道"), &["refer_to"]);
    wrong(complete(pb::Outcome::Referred, "\n"), &["refer_to"]);
}

#[test]
fn every_wrong_field_of_a_command_is_named() {
    let long = || "路".repeat(4001);
    let name = || "case/7".to_owned();
    wrong(pb::AcceptCaseRequest::default(), &["name"]);
    wrong(
        pb::StartCaseRequest {
            request_id: "x".repeat(37),
            name: name(),
        },
        &["request_id", "name"],
    );
    wrong(
        pb::DispatchCaseRequest {
            name: name(),
            ..Default::default()
        },
        &["name", "handler"],
    );
    wrong(asked!(BounceCaseRequest { reason: long() }), &["reason"]);
    wrong(
        asked!(PauseCaseRequest {
            cause: "Weather".into()
        }),
        &["cause"],
    );
    wrong(asked!(ReplyCaseRequest { text: " ".into() }), &["text"]);
    wrong(asked!(NoteCaseRequest { text: long() }), &["text"]);
    wrong(
        asked!(RefuseCaseRequest {
            refusal: None,
            text: String::new()
        }),
        &["refusal.by", "refusal.refer_to"],
    );
    wrong(
        asked!(MarkDuplicateCaseRequest {
            duplicate_of: "7".into()
        }),
        &["duplicate_of"],
    );
    wrong(
        asked!(RateCaseRequest {
            level: 9,
            text: long()
        }),
        &["level", "text"],
    );
    wrong(asked!(AppealCaseRequest { reason: long() }), &["reason"]);
    wrong(asked!(WithdrawCaseRequest { reason: long() }), &["reason"]);
    wrong(
        asked!(RuleAppealCaseRequest {
            upheld: false,
            reason: "\u{7}".into()
        }),
        &["reason"],
    );
}

fn reported() -> pb::ReportCaseRequest {
    pb::ReportCaseRequest {
        request_id: "r-1".into(),
        kind: "street-light".into(),
        origin: pb::Origin::Paper.into(),
        grid: "003".into(),
        personal: Some(pb::Personal {
            name: " 李娜 ".into(),
            text: "路灯不亮".into(),
            ..Default::default()
        }),
        reported_at: Some(prost_types::Timestamp {
            seconds: 1_772_413_200,
            nanos: 0,
        }),
        on_behalf: true,
        due_at: None,
        area: String::new(),
    }
}

#[test]
fn a_report_carries_its_personal_fields_as_one_message() {
    let ask = report(reported(), Role::Staff).unwrap();
    assert_eq!(ask.case, None);
    assert_eq!(ask.happened_at.unwrap().as_second(), 1_772_413_200);
    let Action::Report(report) = ask.action.0 else {
        panic!("not a report");
    };
    assert_eq!(report.kind.as_str(), "street-light");
    assert_eq!((report.origin, report.on_behalf), (Origin::Paper, true));
    assert_eq!(report.grid.unwrap().number(), 3);
    let personal = pb::Personal::decode(&*report.personal.unwrap().0).unwrap();
    assert_eq!(
        (personal.name.as_str(), personal.text.as_str()),
        ("李娜", "路灯不亮")
    );
}

#[test]
fn every_wrong_field_of_a_report_is_named() {
    let problem = report(pb::ReportCaseRequest::default(), Role::Staff).unwrap_err();
    assert_eq!(named(&problem), ["kind", "origin"]);
    let bad = pb::ReportCaseRequest {
        request_id: "号".into(),
        grid: "3".into(),
        personal: Some(pb::Personal {
            name: "李".repeat(65),
            phone: "1".repeat(41),
            address: "路".repeat(201),
            text: "路".repeat(4001),
        }),
        reported_at: Some(prost_types::Timestamp {
            seconds: 0,
            nanos: -1,
        }),
        ..reported()
    };
    let problem = report(bad, Role::Staff).unwrap_err();
    let expected = [
        "request_id",
        "grid",
        "personal.name",
        "personal.phone",
        "personal.address",
        "personal.text",
        "reported_at",
    ];
    assert_eq!(named(&problem), expected);
}

#[test]
fn only_who_takes_reports_for_others_enters_earlier_ones() {
    for role in [Role::Resident, Role::Handler] {
        let problem = report(reported(), role).unwrap_err();
        assert_eq!(named(&problem), ["reported_at"]);
    }
    for role in [Role::GridWorker, Role::Staff, Role::Admin] {
        assert!(report(reported(), role).is_ok(), "{role:?}");
    }
}
