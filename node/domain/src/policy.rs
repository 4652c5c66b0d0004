//! Which role may call which method of a node. What is not listed is denied.
//! Knows no token, and of cases only who may ask at all; the engines decide
//! about each case.

use crate::actor::Role;

/// Who may call one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Also without a token.
    Open,
    Only(&'static [Role]),
}

/// The table's answer about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Only with a token.
    TokenRequired,
    /// Others may; this role may not.
    Forbidden,
    /// No such method here.
    Unlisted,
}

use Access::{Only, Open};
use Role::{Admin, Auditor, GridWorker, Handler, Resident, Staff};

const BEARERS: &[Role] = &[Resident, GridWorker, Handler, Staff, Admin, Auditor];
const INVOLVED: &[Role] = &[Resident, GridWorker, Handler, Staff, Admin];
const WORKERS: &[Role] = &[GridWorker, Handler, Staff, Admin];
/// Everybody but residents.
const READERS: &[Role] = &[GridWorker, Handler, Staff, Admin, Auditor];
const DESK: &[Role] = &[GridWorker, Staff, Admin];
const OFFICE: &[Role] = &[Staff, Admin];
const ADMINS: &[Role] = &[Admin];

/// Every method a node serves, with the roles that may call it.
pub const TABLE: &[(&str, Access)] = &[
    ("/grpc.health.v1.Health/Check", Open),
    ("/grpc.health.v1.Health/List", Open),
    ("/grpc.health.v1.Health/Watch", Open),
    (
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        Open,
    ),
    (
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        Open,
    ),
    ("/tongxin.node.v1.CaseService/ReportCase", Only(INVOLVED)),
    ("/tongxin.node.v1.CaseService/AcceptCase", Only(DESK)),
    ("/tongxin.node.v1.CaseService/DispatchCase", Only(DESK)),
    ("/tongxin.node.v1.CaseService/BounceCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/StartCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/PauseCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/ResumeCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/ReplyCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/CompleteCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/RefuseCase", Only(DESK)),
    ("/tongxin.node.v1.CaseService/MarkDuplicateCase", Only(DESK)),
    ("/tongxin.node.v1.CaseService/RateCase", Only(&[Resident])),
    ("/tongxin.node.v1.CaseService/AppealCase", Only(WORKERS)),
    ("/tongxin.node.v1.CaseService/RuleAppealCase", Only(OFFICE)),
    (
        "/tongxin.node.v1.CaseService/WithdrawCase",
        Only(&[Resident, Staff, Admin]),
    ),
    ("/tongxin.node.v1.CaseService/NoteCase", Only(INVOLVED)),
    ("/tongxin.node.v1.CaseService/GetCase", Only(BEARERS)),
    ("/tongxin.node.v1.CaseService/ListCases", Only(BEARERS)),
    ("/tongxin.node.v1.CaseService/ListCaseEvents", Only(BEARERS)),
    ("/tongxin.node.v1.CaseService/WatchCases", Only(BEARERS)),
    ("/tongxin.node.v1.CaseService/EraseSubject", Only(ADMINS)),
    ("/tongxin.node.v1.DutyService/OpenDuty", Only(DESK)),
    ("/tongxin.node.v1.DutyService/HoldDuty", Only(WORKERS)),
    ("/tongxin.node.v1.DutyService/DeclineDuty", Only(WORKERS)),
    ("/tongxin.node.v1.DutyService/AttemptDuty", Only(WORKERS)),
    ("/tongxin.node.v1.DutyService/PostponeDuty", Only(DESK)),
    ("/tongxin.node.v1.DutyService/TriggerDuty", Only(WORKERS)),
    ("/tongxin.node.v1.DutyService/EndDuty", Only(DESK)),
    ("/tongxin.node.v1.DutyService/GetDuty", Only(READERS)),
    ("/tongxin.node.v1.DutyService/ListDuties", Only(READERS)),
    ("/tongxin.node.v1.DutyService/ListDutyEvents", Only(READERS)),
    (
        "/tongxin.node.v1.DeliberationService/ProposeTopic",
        Only(INVOLVED),
    ),
    (
        "/tongxin.node.v1.DeliberationService/TriageTopic",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DeliberationService/CommentTopic",
        Only(&[Resident, GridWorker, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.DeliberationService/AdvanceTopic",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.DeliberationService/MeetOnTopic",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.DeliberationService/VoteOnTopic",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DeliberationService/FollowTopic",
        Only(WORKERS),
    ),
    (
        "/tongxin.node.v1.DeliberationService/GetTopic",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.DeliberationService/ListTopics",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.DeliberationService/ListTopicEvents",
        Only(BEARERS),
    ),
    ("/tongxin.node.v1.ActivityService/OpenProgramme", Only(DESK)),
    (
        "/tongxin.node.v1.ActivityService/AnnounceSession",
        Only(WORKERS),
    ),
    (
        "/tongxin.node.v1.ActivityService/ChangeProgramme",
        Only(WORKERS),
    ),
    ("/tongxin.node.v1.ActivityService/SignUp", Only(INVOLVED)),
    (
        "/tongxin.node.v1.ActivityService/CancelSignUp",
        Only(INVOLVED),
    ),
    (
        "/tongxin.node.v1.ActivityService/HoldSession",
        Only(WORKERS),
    ),
    (
        "/tongxin.node.v1.ActivityService/RecordSession",
        Only(WORKERS),
    ),
    (
        "/tongxin.node.v1.ActivityService/GetProgramme",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.ActivityService/ListProgrammes",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.ActivityService/ListProgrammeEvents",
        Only(READERS),
    ),
    (
        "/tongxin.node.v1.SurveyService/OpenSurvey",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.SurveyService/StartSurvey",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.SurveyService/AnswerSurvey",
        Only(INVOLVED),
    ),
    (
        "/tongxin.node.v1.SurveyService/CorrectSurvey",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.SurveyService/VisitHousehold",
        Only(WORKERS),
    ),
    (
        "/tongxin.node.v1.SurveyService/ConcludeSurvey",
        Only(&[Handler, Staff, Admin]),
    ),
    (
        "/tongxin.node.v1.SurveyService/HandOverIssues",
        Only(&[Handler, Staff, Admin]),
    ),
    ("/tongxin.node.v1.SurveyService/GetSurvey", Only(BEARERS)),
    ("/tongxin.node.v1.SurveyService/ListSurveys", Only(BEARERS)),
    (
        "/tongxin.node.v1.SurveyService/ListSurveyEvents",
        Only(READERS),
    ),
    ("/tongxin.node.v1.TokenService/CreateToken", Only(ADMINS)),
    ("/tongxin.node.v1.TokenService/ListTokens", Only(ADMINS)),
    ("/tongxin.node.v1.TokenService/RevokeToken", Only(ADMINS)),
    (
        "/tongxin.node.v1.NodeStatusService/GetNodeStatus",
        Only(&[Staff, Admin, Auditor]),
    ),
];

/// May the bearer of a token with `role`, or somebody without one, call the
/// method with this full path?
pub fn verdict(path: &str, role: Option<Role>) -> Verdict {
    let listed = TABLE.iter().find(|(listed, _)| *listed == path);
    match (listed.map(|(_, access)| *access), role) {
        (None, _) => Verdict::Unlisted,
        (Some(Open), _) => Verdict::Allowed,
        (Some(Only(_)), None) => Verdict::TokenRequired,
        (Some(Only(roles)), Some(role)) if roles.contains(&role) => Verdict::Allowed,
        (Some(Only(_)), Some(_)) => Verdict::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_denied_to_all() {
        for path in ["", "/", "/tongxin.node.v1.CaseService/", "/x.Y/Z"] {
            for role in Role::ALL.map(Some).into_iter().chain([None]) {
                assert_eq!(verdict(path, role), Verdict::Unlisted, "{path}");
            }
        }
    }

    #[test]
    fn without_a_token_one_may_only_look_at_health_and_shape() {
        for (path, _) in TABLE {
            let expected = match path.starts_with("/grpc.") {
                true => Verdict::Allowed,
                false => Verdict::TokenRequired,
            };
            assert_eq!(verdict(path, None), expected, "{path}");
        }
    }

    #[test]
    fn no_method_is_listed_twice() {
        let paths: std::collections::HashSet<_> = TABLE.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), TABLE.len());
    }

    #[test]
    fn an_auditor_changes_nothing_and_no_token_acts_for_the_node() {
        let allowed = |role| {
            let own = TABLE.iter().filter(|(path, _)| !path.starts_with("/grpc."));
            own.filter(move |(path, _)| verdict(path, Some(role)) == Verdict::Allowed)
                .map(|(path, _)| path.rsplit('/').next().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            allowed(Auditor),
            [
                "GetCase",
                "ListCases",
                "ListCaseEvents",
                "WatchCases",
                "GetDuty",
                "ListDuties",
                "ListDutyEvents",
                "GetTopic",
                "ListTopics",
                "ListTopicEvents",
                "GetProgramme",
                "ListProgrammes",
                "ListProgrammeEvents",
                "GetSurvey",
                "ListSurveys",
                "ListSurveyEvents",
                "GetNodeStatus"
            ]
        );
        assert_eq!(allowed(Role::Import), Vec::<&str>::new());
        assert_eq!(allowed(Role::System), Vec::<&str>::new());
    }

    #[test]
    fn tokens_and_erasure_are_an_administrators() {
        for (path, _) in TABLE {
            let guarded = path.contains("TokenService") || path.ends_with("EraseSubject");
            if guarded {
                for role in [Resident, GridWorker, Handler, Staff, Auditor] {
                    assert_eq!(verdict(path, Some(role)), Verdict::Forbidden, "{path}");
                }
                assert_eq!(verdict(path, Some(Admin)), Verdict::Allowed);
            }
        }
    }
}
