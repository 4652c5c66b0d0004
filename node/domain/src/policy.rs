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

/// Every method that a node serves, by service, with the roles that may call it.
const TABLE: &[(&str, &[(&str, Access)])] = &[
    (
        "grpc.health.v1.Health",
        &[("Check", Open), ("List", Open), ("Watch", Open)],
    ),
    (
        "grpc.reflection.v1.ServerReflection",
        &[("ServerReflectionInfo", Open)],
    ),
    (
        "grpc.reflection.v1alpha.ServerReflection",
        &[("ServerReflectionInfo", Open)],
    ),
    (
        "tongxin.node.v1.CaseService",
        &[
            ("ReportCase", Only(INVOLVED)),
            ("AcceptCase", Only(DESK)),
            ("DispatchCase", Only(DESK)),
            ("BounceCase", Only(WORKERS)),
            ("StartCase", Only(WORKERS)),
            ("PauseCase", Only(WORKERS)),
            ("ResumeCase", Only(WORKERS)),
            ("ReplyCase", Only(WORKERS)),
            ("CompleteCase", Only(WORKERS)),
            ("RefuseCase", Only(DESK)),
            ("MarkDuplicateCase", Only(DESK)),
            ("RateCase", Only(&[Resident])),
            ("AppealCase", Only(WORKERS)),
            ("RuleAppealCase", Only(OFFICE)),
            ("WithdrawCase", Only(&[Resident, Staff, Admin])),
            ("NoteCase", Only(INVOLVED)),
            ("GetCase", Only(BEARERS)),
            ("ListCases", Only(BEARERS)),
            ("ListCaseEvents", Only(BEARERS)),
            ("WatchCases", Only(BEARERS)),
            ("EraseSubject", Only(ADMINS)),
        ],
    ),
    (
        "tongxin.node.v1.SubjectService",
        &[
            ("ExportSubject", Only(&[Resident, Admin])),
            ("CorrectSubject", Only(OFFICE)),
            ("EraseSubject", Only(ADMINS)),
            ("ListSubjectAccesses", Only(&[Admin, Auditor])),
        ],
    ),
    (
        "tongxin.node.v1.RegisterService",
        &[
            ("RegisterEntry", Only(DESK)),
            ("AmendEntry", Only(DESK)),
            ("RenewEntry", Only(DESK)),
            ("LeaveEntry", Only(DESK)),
            ("MoveEntry", Only(DESK)),
            ("AcceptEntry", Only(DESK)),
            ("GrantRole", Only(DESK)),
            ("EndRole", Only(DESK)),
            ("AddPlots", Only(DESK)),
            ("OpenPlots", Only(DESK)),
            ("AskForPlot", Only(DESK)),
            ("WithdrawFromPlots", Only(DESK)),
            ("AllotPlots", Only(DESK)),
            ("ChangePlot", Only(DESK)),
            ("EraseEntry", Only(ADMINS)),
            ("GetEntry", Only(BEARERS)),
            ("ListEntries", Only(BEARERS)),
            ("ListEntryEvents", Only(BEARERS)),
            ("GetRoll", Only(&[Staff, Admin, Auditor])),
        ],
    ),
    (
        "tongxin.node.v1.DutyService",
        &[
            ("OpenDuty", Only(DESK)),
            ("HoldDuty", Only(WORKERS)),
            ("DeclineDuty", Only(WORKERS)),
            ("AttemptDuty", Only(WORKERS)),
            ("PostponeDuty", Only(DESK)),
            ("TriggerDuty", Only(WORKERS)),
            ("EndDuty", Only(DESK)),
            ("GetDuty", Only(READERS)),
            ("ListDuties", Only(READERS)),
            ("ListDutyEvents", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.DeliberationService",
        &[
            ("ProposeTopic", Only(INVOLVED)),
            ("TriageTopic", Only(OFFICE)),
            ("CommentTopic", Only(&[Resident, GridWorker, Staff, Admin])),
            ("AdvanceTopic", Only(&[Handler, Staff, Admin])),
            ("MeetOnTopic", Only(&[Handler, Staff, Admin])),
            ("VoteOnTopic", Only(OFFICE)),
            ("FollowTopic", Only(WORKERS)),
            ("GetTopic", Only(BEARERS)),
            ("ListTopics", Only(BEARERS)),
            ("ListTopicEvents", Only(BEARERS)),
        ],
    ),
    (
        "tongxin.node.v1.ConsentService",
        &[
            ("OpenConsent", Only(VOICES)),
            ("FreezeConsentRoll", Only(OFFICE)),
            ("AnswerConsent", Only(VOICES)),
            ("WithdrawConsent", Only(VOICES)),
            ("PubliciseConsent", Only(OFFICE)),
            ("ApproveConsent", Only(OFFICE)),
            ("StartConsentWorks", Only(OFFICE)),
            ("InspectConsentWorks", Only(OFFICE)),
            ("PutConsentInUse", Only(OFFICE)),
            ("AttachConsentCovenant", Only(OFFICE)),
            ("BeginMandate", Only(AGENTS)),
            ("FinishMandate", Only(AGENTS)),
            ("EndConsent", Only(OFFICE)),
            ("GetConsent", Only(BEARERS)),
            ("ListConsents", Only(BEARERS)),
            ("ListConsentAnswers", Only(READERS)),
            ("ListConsentEvents", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.ElectionService",
        &[
            ("OpenElection", Only(OFFICE)),
            ("GatherElectionViews", Only(OFFICE)),
            ("NominateCandidate", Only(PROPOSERS)),
            ("ReviewCandidate", Only(OFFICE)),
            ("StandDown", Only(OFFICE)),
            ("PublishCandidates", Only(OFFICE)),
            ("FreezeElectionRoll", Only(OFFICE)),
            ("OpenVoting", Only(OFFICE)),
            ("MarkVoter", Only(OFFICE)),
            ("UnmarkVoter", Only(OFFICE)),
            ("CloseVoting", Only(OFFICE)),
            ("MixBallotBox", Only(OFFICE)),
            ("CountBallotBox", Only(OFFICE)),
            ("VoidBallotBox", Only(OFFICE)),
            ("AnnounceElection", Only(OFFICE)),
            ("ObjectToElection", Only(PROPOSERS)),
            ("RuleObjection", Only(OFFICE)),
            ("DeclineSeat", Only(OFFICE)),
            ("SeatElected", Only(OFFICE)),
            ("VacateSeat", Only(OFFICE)),
            ("CancelElection", Only(OFFICE)),
            ("GetElection", Only(BEARERS)),
            ("ListElections", Only(BEARERS)),
            ("ListElectionRoll", Only(ROLL_READERS)),
            ("ListElectionEvents", Only(ROLL_READERS)),
        ],
    ),
    (
        "tongxin.node.v1.FundService",
        &[
            ("OpenFund", Only(OFFICE)),
            ("AppointFundPosts", Only(OFFICE)),
            ("PlanShares", Only(OFFICE)),
            ("AgreeShare", Only(OFFICE)),
            ("StartWorks", Only(OFFICE)),
            ("PayShare", Only(OFFICE)),
            ("ReceiveIncome", Only(OFFICE)),
            ("RequestExpense", Only(OFFICE)),
            ("AnswerExpense", Only(OFFICE)),
            ("PublishExpenses", Only(OFFICE)),
            ("ApplyForSubsidy", Only(OFFICE)),
            ("PledgeHouseholdPart", Only(OFFICE)),
            ("ChangeBuilding", Only(OFFICE)),
            ("PaySubsidy", Only(OFFICE)),
            ("ApproveGrant", Only(OFFICE)),
            ("MoveGrant", Only(OFFICE)),
            ("CloseFund", Only(OFFICE)),
            ("GetFund", Only(BEARERS)),
            ("ListFunds", Only(BEARERS)),
            ("ListFundEvents", Only(BEARERS)),
        ],
    ),
    (
        "tongxin.node.v1.AssessmentService",
        &[
            ("OpenAssessment", Only(OFFICE)),
            ("AppointAssessor", Only(OFFICE)),
            ("ScoreAssessment", Only(OFFICE)),
            ("CountAssessment", Only(OFFICE)),
            ("JudgeAssessment", Only(OFFICE)),
            ("NotifyAssessment", Only(OFFICE)),
            ("ReplyToAssessment", Only(OFFICE)),
            ("FinaliseAssessment", Only(OFFICE)),
            ("PublishAssessment", Only(OFFICE)),
            ("CorrectAssessment", Only(OFFICE)),
            ("GetAssessment", Only(BEARERS)),
            ("ListAssessments", Only(BEARERS)),
            (
                "ListAssessmentEvents",
                Only(&[GridWorker, Staff, Admin, Auditor]),
            ),
        ],
    ),
    (
        "tongxin.node.v1.ActivityService",
        &[
            ("OpenProgramme", Only(DESK)),
            ("AnnounceSession", Only(WORKERS)),
            ("ChangeProgramme", Only(WORKERS)),
            ("SignUp", Only(INVOLVED)),
            ("CancelSignUp", Only(INVOLVED)),
            ("HoldSession", Only(WORKERS)),
            ("RecordSession", Only(WORKERS)),
            ("GetProgramme", Only(BEARERS)),
            ("ListProgrammes", Only(BEARERS)),
            ("ListProgrammeEvents", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.SurveyService",
        &[
            ("OpenSurvey", Only(&[Handler, Staff, Admin])),
            ("StartSurvey", Only(&[Handler, Staff, Admin])),
            ("AnswerSurvey", Only(INVOLVED)),
            ("CorrectSurvey", Only(&[Handler, Staff, Admin])),
            ("VisitHousehold", Only(WORKERS)),
            ("ConcludeSurvey", Only(&[Handler, Staff, Admin])),
            ("HandOverIssues", Only(&[Handler, Staff, Admin])),
            ("GetSurvey", Only(BEARERS)),
            ("ListSurveys", Only(BEARERS)),
            ("ListSurveyEvents", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.SupportService",
        &[
            ("RequestSupport", Only(OFFICE)),
            ("WithdrawSupport", Only(OFFICE)),
            ("RateSupport", Only(OFFICE)),
            ("GetSupport", Only(&[GridWorker, Staff, Admin, Auditor])),
            ("ListSupport", Only(&[GridWorker, Staff, Admin, Auditor])),
            (
                "ListSupportEvents",
                Only(&[GridWorker, Staff, Admin, Auditor]),
            ),
            ("ListCentres", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.OfferService",
        &[
            ("GetOffer", Only(BEARERS)),
            ("ListOffers", Only(BEARERS)),
            (
                "ListOfferEvents",
                Only(&[GridWorker, Staff, Admin, Auditor]),
            ),
            ("Enrol", Only(DESK)),
            ("LeaveOffer", Only(DESK)),
            ("AttendOffer", Only(DESK)),
            ("CompleteOffer", Only(DESK)),
            ("ApplyForOffer", Only(OFFICE)),
        ],
    ),
    (
        "tongxin.node.v1.DocumentService",
        &[
            ("OpenDocument", Only(OFFICE)),
            ("DraftVersion", Only(OFFICE)),
            ("PostVersion", Only(OFFICE)),
            ("ConsultVersion", Only(OFFICE)),
            ("AdoptVersion", Only(OFFICE)),
            ("PutVersionInForce", Only(OFFICE)),
            ("DropVersion", Only(OFFICE)),
            ("RepealDocument", Only(OFFICE)),
            ("GetDocument", Only(BEARERS)),
            ("GetVersion", Only(BEARERS)),
            ("ListDocuments", Only(BEARERS)),
            ("ListDocumentEvents", Only(READERS)),
        ],
    ),
    (
        "tongxin.node.v1.NoticeService",
        &[
            ("FollowNotices", Only(WORKERS)),
            ("AckNotices", Only(WORKERS)),
            ("CloseNotices", Only(WORKERS)),
            ("FollowProcess", Only(INVOLVED)),
            ("UnfollowProcess", Only(INVOLVED)),
        ],
    ),
    (
        "tongxin.node.v1.PlaybookService",
        &[
            ("AdoptPlaybooks", Only(ADMINS)),
            ("AmendPlaybook", Only(ADMINS)),
            ("ListPlaybooks", Only(BEARERS)),
            ("GetPlaybook", Only(BEARERS)),
            ("ListPlaybookVersions", Only(BEARERS)),
        ],
    ),
    (
        "tongxin.node.v1.TokenService",
        &[
            ("CreateToken", Only(ADMINS)),
            ("ListTokens", Only(ADMINS)),
            ("RevokeToken", Only(ADMINS)),
        ],
    ),
    (
        "tongxin.node.v1.NodeStatusService",
        &[("GetNodeStatus", Only(&[Staff, Admin, Auditor]))],
    ),
];

/// The full path of every method in the table.
pub fn paths() -> impl Iterator<Item = String> {
    let services = TABLE.iter();
    services.flat_map(|(service, methods)| {
        methods
            .iter()
            .map(move |(method, _)| format!("/{service}/{method}"))
    })
}

fn access(path: &str) -> Option<Access> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let (_, methods) = TABLE.iter().find(|(listed, _)| *listed == service)?;
    let mut methods = methods.iter();
    methods
        .find(|(listed, _)| *listed == method)
        .map(|(_, access)| *access)
}

/// May the bearer of a token with `role`, or somebody without one, call the
/// method with this full path?
pub fn verdict(path: &str, role: Option<Role>) -> Verdict {
    match (access(path), role) {
        (None, _) => Verdict::Unlisted,
        (Some(Open), _) => Verdict::Allowed,
        (Some(Only(_)), None) => Verdict::TokenRequired,
        (Some(Only(roles)), Some(role)) if roles.contains(&role) => Verdict::Allowed,
        (Some(Only(_)), Some(_)) => Verdict::Forbidden,
    }
}

#[cfg(test)]
mod tests;
