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
/// Residents for themselves, the desk for those who come on paper.
const VOICES: &[Role] = &[Resident, GridWorker, Staff, Admin];
const PROPOSERS: &[Role] = &[Resident, Staff, Admin];
/// Of who has voted and who has not.
const ROLL_READERS: &[Role] = &[Staff, Admin, Auditor];
const AGENTS: &[Role] = &[Handler, Staff, Admin];
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
    ("/tongxin.node.v1.RegisterService/RegisterEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/AmendEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/RenewEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/LeaveEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/MoveEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/AcceptEntry", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/GrantRole", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/EndRole", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/AddPlots", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/OpenPlots", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/AskForPlot", Only(DESK)),
    (
        "/tongxin.node.v1.RegisterService/WithdrawFromPlots",
        Only(DESK),
    ),
    ("/tongxin.node.v1.RegisterService/AllotPlots", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/ChangePlot", Only(DESK)),
    ("/tongxin.node.v1.RegisterService/EraseEntry", Only(ADMINS)),
    ("/tongxin.node.v1.RegisterService/GetEntry", Only(BEARERS)),
    (
        "/tongxin.node.v1.RegisterService/ListEntries",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.RegisterService/ListEntryEvents",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.RegisterService/GetRoll",
        Only(&[Staff, Admin, Auditor]),
    ),
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
    ("/tongxin.node.v1.FundService/OpenFund", Only(OFFICE)),
    (
        "/tongxin.node.v1.FundService/AppointFundPosts",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.FundService/PlanShares", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/AgreeShare", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/StartWorks", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/PayShare", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/ReceiveIncome", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/RequestExpense", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/AnswerExpense", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/PublishExpenses", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/ApplyForSubsidy", Only(OFFICE)),
    (
        "/tongxin.node.v1.FundService/PledgeHouseholdPart",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.FundService/ChangeBuilding", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/PaySubsidy", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/ApproveGrant", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/MoveGrant", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/CloseFund", Only(OFFICE)),
    ("/tongxin.node.v1.FundService/GetFund", Only(BEARERS)),
    ("/tongxin.node.v1.FundService/ListFunds", Only(BEARERS)),
    ("/tongxin.node.v1.FundService/ListFundEvents", Only(BEARERS)),
    (
        "/tongxin.node.v1.AssessmentService/OpenAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/AppointAssessor",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/ScoreAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/CountAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/JudgeAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/NotifyAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/ReplyToAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/FinaliseAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/PublishAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/CorrectAssessment",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.AssessmentService/GetAssessment",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.AssessmentService/ListAssessments",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.AssessmentService/ListAssessmentEvents",
        Only(&[GridWorker, Staff, Admin, Auditor]),
    ),
    ("/tongxin.node.v1.ConsentService/OpenConsent", Only(VOICES)),
    (
        "/tongxin.node.v1.ConsentService/FreezeConsentRoll",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/AnswerConsent",
        Only(VOICES),
    ),
    (
        "/tongxin.node.v1.ConsentService/WithdrawConsent",
        Only(VOICES),
    ),
    (
        "/tongxin.node.v1.ConsentService/PubliciseConsent",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/ApproveConsent",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/StartConsentWorks",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/InspectConsentWorks",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/PutConsentInUse",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ConsentService/AttachConsentCovenant",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.ConsentService/BeginMandate", Only(AGENTS)),
    (
        "/tongxin.node.v1.ConsentService/FinishMandate",
        Only(AGENTS),
    ),
    ("/tongxin.node.v1.ConsentService/EndConsent", Only(OFFICE)),
    ("/tongxin.node.v1.ConsentService/GetConsent", Only(BEARERS)),
    (
        "/tongxin.node.v1.ConsentService/ListConsents",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.ConsentService/ListConsentAnswers",
        Only(READERS),
    ),
    (
        "/tongxin.node.v1.ConsentService/ListConsentEvents",
        Only(READERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/OpenElection",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/GatherElectionViews",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/NominateCandidate",
        Only(PROPOSERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/ReviewCandidate",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.ElectionService/StandDown", Only(OFFICE)),
    (
        "/tongxin.node.v1.ElectionService/PublishCandidates",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/FreezeElectionRoll",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.ElectionService/OpenVoting", Only(OFFICE)),
    ("/tongxin.node.v1.ElectionService/MarkVoter", Only(OFFICE)),
    ("/tongxin.node.v1.ElectionService/UnmarkVoter", Only(OFFICE)),
    ("/tongxin.node.v1.ElectionService/CloseVoting", Only(OFFICE)),
    (
        "/tongxin.node.v1.ElectionService/MixBallotBox",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/CountBallotBox",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/VoidBallotBox",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/AnnounceElection",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/ObjectToElection",
        Only(PROPOSERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/RuleObjection",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.ElectionService/DeclineSeat", Only(OFFICE)),
    ("/tongxin.node.v1.ElectionService/SeatElected", Only(OFFICE)),
    ("/tongxin.node.v1.ElectionService/VacateSeat", Only(OFFICE)),
    (
        "/tongxin.node.v1.ElectionService/CancelElection",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.ElectionService/GetElection",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/ListElections",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/ListElectionRoll",
        Only(ROLL_READERS),
    ),
    (
        "/tongxin.node.v1.ElectionService/ListElectionEvents",
        Only(ROLL_READERS),
    ),
    (
        "/tongxin.node.v1.DocumentService/OpenDocument",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DocumentService/DraftVersion",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.DocumentService/PostVersion", Only(OFFICE)),
    (
        "/tongxin.node.v1.DocumentService/ConsultVersion",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DocumentService/AdoptVersion",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DocumentService/PutVersionInForce",
        Only(OFFICE),
    ),
    ("/tongxin.node.v1.DocumentService/DropVersion", Only(OFFICE)),
    (
        "/tongxin.node.v1.DocumentService/RepealDocument",
        Only(OFFICE),
    ),
    (
        "/tongxin.node.v1.DocumentService/GetDocument",
        Only(BEARERS),
    ),
    ("/tongxin.node.v1.DocumentService/GetVersion", Only(BEARERS)),
    (
        "/tongxin.node.v1.DocumentService/ListDocuments",
        Only(BEARERS),
    ),
    (
        "/tongxin.node.v1.DocumentService/ListDocumentEvents",
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
                "GetEntry",
                "ListEntries",
                "ListEntryEvents",
                "GetRoll",
                "GetDuty",
                "ListDuties",
                "ListDutyEvents",
                "GetFund",
                "ListFunds",
                "ListFundEvents",
                "GetAssessment",
                "ListAssessments",
                "ListAssessmentEvents",
                "GetConsent",
                "ListConsents",
                "ListConsentAnswers",
                "ListConsentEvents",
                "GetElection",
                "ListElections",
                "ListElectionRoll",
                "ListElectionEvents",
                "GetDocument",
                "GetVersion",
                "ListDocuments",
                "ListDocumentEvents",
                "GetNodeStatus"
            ]
        );
        assert_eq!(allowed(Role::Import), Vec::<&str>::new());
        assert_eq!(allowed(Role::System), Vec::<&str>::new());
    }

    #[test]
    fn tokens_and_erasure_are_an_administrators() {
        for (path, _) in TABLE {
            let guarded = path.contains("TokenService") || path.contains("/Erase");
            if guarded {
                for role in [Resident, GridWorker, Handler, Staff, Auditor] {
                    assert_eq!(verdict(path, Some(role)), Verdict::Forbidden, "{path}");
                }
                assert_eq!(verdict(path, Some(Admin)), Verdict::Allowed);
            }
        }
    }
}
