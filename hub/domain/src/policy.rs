//! Which role may call which method of the hub. What is not listed is denied.
//! Knows no certificate; a node's own cells are its scope by its identity.

use proto::identity::Subject;

/// What a caller is, as far as the table looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Showed no certificate.
    Anonymous,
    Node,
    /// A hub below this one.
    Child,
    Operator,
    Centre,
    Extension,
    Auditor,
    /// The hub itself.
    Hub,
}

impl Role {
    pub fn of(subject: Option<&Subject>) -> Role {
        match subject {
            None => Role::Anonymous,
            Some(Subject::Hub) => Role::Hub,
            Some(Subject::Community(_)) => Role::Node,
            Some(Subject::Child(_)) => Role::Child,
            Some(Subject::Operator(_)) => Role::Operator,
            Some(Subject::Centre(_)) => Role::Centre,
            Some(Subject::Extension(_)) => Role::Extension,
            Some(Subject::Auditor(_)) => Role::Auditor,
        }
    }
}

/// The table's answer about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Others may; this role may not.
    Forbidden,
    /// No such method here.
    Unlisted,
}

use Role::{Anonymous, Auditor, Centre, Child, Extension, Hub, Node, Operator};

const EVERYBODY: &[Role] = &[
    Anonymous, Node, Child, Operator, Centre, Extension, Auditor, Hub,
];
const MEMBERS: &[Role] = &[Node, Child, Operator, Centre, Extension, Auditor];
/// Report numbers, each of its own place.
const REPORTERS: &[Role] = &[Node, Child];
const OPERATORS: &[Role] = &[Operator];
/// May look at everything the district may look at.
const READERS: &[Role] = &[Operator, Auditor];
/// May look at one community's cells: a node at its own.
const AUDITED: &[Role] = &[Operator, Auditor, Node];
/// Centres and extensions within their scope (`centre::scope`, `extension`).
const INDICATOR_READERS: &[Role] = &[Operator, Auditor, Centre, Extension];
/// Extensions are told of what names them.
const CATALOGUE_READERS: &[Role] = &[Operator, Auditor, Centre, Extension];
/// A centre is told of itself.
const CENTRE_READERS: &[Role] = &[Operator, Auditor, Centre];
/// An extension is told of itself.
const EXTENSION_READERS: &[Role] = &[Operator, Auditor, Extension];
const CENTRES: &[Role] = &[Centre];
/// Whoever is fed, and tells communities something: extensions by notices alone.
const CLOUD: &[Role] = &[Centre, Extension];
const AUDITORS: &[Role] = &[Auditor];

/// Are told when a number crosses a bound; a centre of its own rules alone.
const WATCHERS: &[Role] = &[Operator, Auditor, Centre];

/// Every method a hub serves, with the roles that may call it.
pub const TABLE: &[(&str, &[Role])] = &[
    ("/grpc.health.v1.Health/Check", EVERYBODY),
    ("/grpc.health.v1.Health/List", EVERYBODY),
    ("/grpc.health.v1.Health/Watch", EVERYBODY),
    (
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        EVERYBODY,
    ),
    // What Python's reflection client still asks for.
    (
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        EVERYBODY,
    ),
    ("/tongxin.enrol.v1.EnrolService/Enrol", &[Anonymous]),
    ("/tongxin.enrol.v1.EnrolService/Renew", MEMBERS),
    ("/tongxin.sync.v1.SyncService/Uplink", REPORTERS),
    ("/tongxin.sync.v1.SyncService/Downlink", REPORTERS),
    ("/tongxin.sync.v1.LetterService/Exchange", &[Node]),
    (
        "/tongxin.hub.v1.IndicatorService/QueryIndicators",
        INDICATOR_READERS,
    ),
    (
        "/tongxin.hub.v1.IndicatorService/ListIndicators",
        CATALOGUE_READERS,
    ),
    (
        "/tongxin.hub.v1.IndicatorService/PublishCatalogue",
        OPERATORS,
    ),
    ("/tongxin.hub.v1.QualityService/ListOutliers", READERS),
    ("/tongxin.hub.v1.QualityService/CheckRule", READERS),
    ("/tongxin.hub.v1.PeriodService/LockPeriod", OPERATORS),
    ("/tongxin.hub.v1.PeriodService/ReopenPeriod", OPERATORS),
    ("/tongxin.hub.v1.PeriodService/ListLocks", INDICATOR_READERS),
    (
        "/tongxin.hub.v1.PeriodService/ListRevisions",
        INDICATOR_READERS,
    ),
    ("/tongxin.hub.v1.RolloutService/DraftRollout", OPERATORS),
    ("/tongxin.hub.v1.RolloutService/ApproveRollout", OPERATORS),
    ("/tongxin.hub.v1.RolloutService/RetireIndicator", OPERATORS),
    ("/tongxin.hub.v1.RolloutService/ListRollouts", READERS),
    ("/tongxin.hub.v1.RegisterService/ListCommunities", READERS),
    (
        "/tongxin.hub.v1.RegisterService/ImportCommunities",
        OPERATORS,
    ),
    ("/tongxin.hub.v1.MemberService/CreateInvite", OPERATORS),
    ("/tongxin.hub.v1.MemberService/ListMembers", READERS),
    ("/tongxin.hub.v1.MemberService/RevokeMember", OPERATORS),
    ("/tongxin.hub.v1.AuthorityService/GetAuthority", READERS),
    ("/tongxin.hub.v1.AuthorityService/RollRoot", OPERATORS),
    ("/tongxin.hub.v1.AuthorityService/RetireRoot", OPERATORS),
    ("/tongxin.hub.v1.NodeService/ReclaimNode", OPERATORS),
    ("/tongxin.hub.v1.ReleaseService/ListReleases", AUDITED),
    ("/tongxin.hub.v1.ReleaseService/ExportCells", AUDITED),
    ("/tongxin.hub.v1.CentreDeskService/SetRecipient", CENTRES),
    (
        "/tongxin.hub.v1.CentreDeskService/ListDeskRequests",
        CENTRES,
    ),
    ("/tongxin.hub.v1.CentreDeskService/GetDeskRequest", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/RouteRequest", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/AcceptRequest", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/DeclineRequest", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/StartDelivery", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/CompleteRequest", CENTRES),
    ("/tongxin.hub.v1.CentreDeskService/PublishOffer", CLOUD),
    ("/tongxin.hub.v1.CentreDeskService/CloseOffer", CLOUD),
    ("/tongxin.hub.v1.CentreDeskService/ListDeskOffers", CLOUD),
    ("/tongxin.hub.v1.CentreService/ListCentres", CENTRE_READERS),
    ("/tongxin.hub.v1.CentreService/SetCentre", OPERATORS),
    ("/tongxin.hub.v1.CentreService/SetInbox", OPERATORS),
    (
        "/tongxin.hub.v1.ExtensionService/RegisterExtension",
        OPERATORS,
    ),
    (
        "/tongxin.hub.v1.ExtensionService/ApproveExtension",
        OPERATORS,
    ),
    (
        "/tongxin.hub.v1.ExtensionService/RetireExtension",
        OPERATORS,
    ),
    (
        "/tongxin.hub.v1.ExtensionService/ListExtensions",
        EXTENSION_READERS,
    ),
    ("/tongxin.hub.v1.FeedService/Follow", CLOUD),
    ("/tongxin.hub.v1.AuditService/ListDecisions", AUDITORS),
    ("/tongxin.hub.v1.AssignmentService/ReleaseNode", OPERATORS),
    ("/tongxin.hub.v1.AssignmentService/ListMoves", READERS),
    ("/tongxin.hub.v1.HubStatusService/GetHubStatus", READERS),
    ("/tongxin.hub.v1.HubStatusService/ListNodeStatuses", READERS),
    ("/tongxin.hub.v1.HubStatusService/GetNodeStatus", READERS),
    ("/tongxin.hub.v1.AskService/ListAsks", CATALOGUE_READERS),
    ("/tongxin.hub.v1.WatchService/SetWatchRule", OPERATORS),
    ("/tongxin.hub.v1.WatchService/RetireWatchRule", OPERATORS),
    ("/tongxin.hub.v1.WatchService/ListWatchRules", WATCHERS),
    ("/tongxin.hub.v1.WatchService/ListWarnings", WATCHERS),
    (
        "/tongxin.hub.v1.WatchService/AcknowledgeWarning",
        &[Operator, Centre],
    ),
    ("/tongxin.hub.v1.WatchService/FollowWarnings", WATCHERS),
];

/// May `role` call the method with this full path?
pub fn verdict(path: &str, role: Role) -> Verdict {
    match TABLE.iter().find(|(listed, _)| *listed == path) {
        None => Verdict::Unlisted,
        Some((_, roles)) if roles.contains(&role) => Verdict::Allowed,
        Some(_) => Verdict::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_denied() {
        for path in ["", "/", "/tongxin.sync.v1.SyncService/", "/x.Y/Z"] {
            for role in EVERYBODY {
                assert_eq!(verdict(path, *role), Verdict::Unlisted, "{path}");
            }
        }
    }

    #[test]
    fn a_caller_without_certificate_may_only_enrol_and_look_around() {
        for (path, _) in TABLE {
            let open = path.ends_with("/Enrol") || path.starts_with("/grpc.");
            let allowed = verdict(path, Anonymous) == Verdict::Allowed;
            assert_eq!(allowed, open, "{path}");
        }
    }

    #[test]
    fn a_node_reaches_its_line_and_nothing_of_the_district() {
        for (path, _) in TABLE {
            let allowed = verdict(path, Node) == Verdict::Allowed;
            let own = path.contains(".hub.v1.ReleaseService/");
            let of_the_district = path.contains(".hub.v1.") && !own;
            assert_eq!(
                allowed,
                !of_the_district && !path.ends_with("/Enrol"),
                "{path}"
            );
        }
    }

    #[test]
    fn no_method_is_listed_twice() {
        let paths: std::collections::HashSet<_> = TABLE.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), TABLE.len());
    }
}
