//! What the table must not say, whatever it says.

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
    for path in paths() {
        let expected = match path.starts_with("/grpc.") {
            true => Verdict::Allowed,
            false => Verdict::TokenRequired,
        };
        assert_eq!(verdict(&path, None), expected, "{path}");
    }
}

#[test]
fn no_method_is_listed_twice() {
    let distinct: std::collections::HashSet<_> = paths().collect();
    assert_eq!(distinct.len(), paths().count());
}

#[test]
fn an_auditor_changes_nothing_and_no_token_acts_for_the_node() {
    let allowed = |role| {
        let own = paths().filter(|path| !path.starts_with("/grpc."));
        own.filter(move |path| verdict(path, Some(role)) == Verdict::Allowed)
            .map(|path| path.rsplit('/').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        allowed(Auditor),
        [
            "GetCase",
            "ListCases",
            "ListCaseEvents",
            "WatchCases",
            "ListSubjectAccesses",
            "GetEntry",
            "ListEntries",
            "ListEntryEvents",
            "GetRoll",
            "GetDuty",
            "ListDuties",
            "ListDutyEvents",
            "GetTopic",
            "ListTopics",
            "ListTopicEvents",
            "GetConsent",
            "ListConsents",
            "ListConsentAnswers",
            "ListConsentEvents",
            "GetElection",
            "ListElections",
            "ListElectionRoll",
            "ListElectionEvents",
            "GetFund",
            "ListFunds",
            "ListFundEvents",
            "GetAssessment",
            "ListAssessments",
            "ListAssessmentEvents",
            "GetProgramme",
            "ListProgrammes",
            "ListProgrammeEvents",
            "GetSurvey",
            "ListSurveys",
            "ListSurveyEvents",
            "GetSupport",
            "ListSupport",
            "ListSupportEvents",
            "ListCentres",
            "GetOffer",
            "ListOffers",
            "ListOfferEvents",
            "GetDocument",
            "GetVersion",
            "ListDocuments",
            "ListDocumentEvents",
            "ListPlaybooks",
            "GetPlaybook",
            "ListPlaybookVersions",
            "GetNodeStatus",
        ]
    );
    assert_eq!(allowed(Role::Import), Vec::<String>::new());
    assert_eq!(allowed(Role::System), Vec::<String>::new());
}

#[test]
fn tokens_erasure_and_playbooks_are_an_administrators() {
    for path in paths() {
        let adopts = path.ends_with("/AdoptPlaybooks") || path.ends_with("/AmendPlaybook");
        let guarded = path.contains("TokenService") || path.contains("/Erase") || adopts;
        if guarded {
            for role in [Resident, GridWorker, Handler, Staff, Auditor] {
                assert_eq!(verdict(&path, Some(role)), Verdict::Forbidden, "{path}");
            }
            assert_eq!(verdict(&path, Some(Admin)), Verdict::Allowed);
        }
    }
}
