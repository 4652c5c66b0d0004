//! The door of the hub: the allow-list at each handshake, and at each call the
//! allow-list, the certificate's dates and the table of roles again.

use std::{fmt, sync::Arc};

use hub_domain::{
    issuance::{Serial, Standing, State},
    policy::{Role, Verdict, verdict},
};
use proto::identity::{District, Subject};
use proto_edge::{
    authorise::Gate,
    clock::Clock,
    peer::Peer,
    problem::Problem,
    tls::{Admission, Barred},
};
use tonic::Code;

use crate::rpc::auditor::Auditor;

/// Where the newest list of members is read.
pub type Members = Arc<dyn Fn() -> Arc<State> + Send + Sync>;

pub struct HubGate {
    district: District,
    members: Members,
    clock: Clock,
    auditor: Option<Arc<Auditor>>,
}

impl HubGate {
    pub fn new(district: District, members: Members, clock: Clock) -> HubGate {
        HubGate {
            district,
            members,
            clock,
            auditor: None,
        }
    }

    /// Whom it turns away is told to `auditor`.
    pub fn audited(self, auditor: Arc<Auditor>) -> HubGate {
        HubGate {
            auditor: Some(auditor),
            ..self
        }
    }

    /// Whether this peer's open connection may go on.
    pub fn keeps(&self, peer: &Peer) -> bool {
        self.standing(peer) == Standing::Member && peer.is_current(self.clock.now_s())
    }

    fn standing(&self, peer: &Peer) -> Standing {
        // The hub is in no list: it certifies itself and dials nobody.
        if peer.identity.district != self.district || peer.identity.subject == Subject::Hub {
            return Standing::NotEnrolled;
        }
        let serial = Serial::from_bytes(&peer.serial);
        (self.members)().standing(&peer.identity.subject, serial)
    }
}

impl Admission for HubGate {
    fn admits(&self, peer: &Peer) -> Result<(), Barred> {
        let (barred, reason) = match self.standing(peer) {
            Standing::Member => return Ok(()),
            Standing::NotEnrolled => (Barred::NotEnrolled, "NOT_ENROLLED"),
            Standing::Revoked { .. } => (Barred::Revoked, "REVOKED"),
            Standing::Replaced => (Barred::Replaced, "CERTIFICATE_REPLACED"),
        };
        self.note(peer, HANDSHAKE, reason);
        Err(barred)
    }
}

/// In the audit log, for a connection that was refused.
const HANDSHAKE: &str = "handshake";

impl Gate for HubGate {
    fn admit(&self, call: &str, peer: Option<&Peer>) -> Result<(), Problem> {
        let admitted = self.judge(call, peer);
        if let (Some(peer), Err(problem)) = (peer, &admitted) {
            self.note(peer, call, problem.reason);
        }
        admitted
    }
}

impl HubGate {
    fn note(&self, peer: &Peer, call: &str, reason: &str) {
        if let Some(auditor) = &self.auditor
            && peer.identity.district == self.district
        {
            auditor.note(&peer.identity.subject, call, "", false, reason);
        }
    }

    fn judge(&self, call: &str, peer: Option<&Peer>) -> Result<(), Problem> {
        if let Some(peer) = peer {
            self.admit_peer(peer)?;
        }
        let role = Role::of(peer.map(|peer| &peer.identity.subject));
        match verdict(call, role) {
            Verdict::Allowed => Ok(()),
            Verdict::Forbidden if role == Role::Anonymous => Err(Problem::new(
                Code::Unauthenticated,
                "CERTIFICATE_REQUIRED",
                "this call needs a client certificate; join with a token first",
                "此调用需要客户端证书；请先用令牌加入",
            )),
            Verdict::Forbidden => Err(Problem::new(
                Code::PermissionDenied,
                "ROLE_FORBIDDEN",
                "your role may not call this",
                "您的角色无权进行此调用",
            )
            .with("call", call)),
            Verdict::Unlisted => Err(Problem::new(
                Code::Unimplemented,
                "CALL_UNKNOWN",
                "this hub has no such call",
                "本枢纽没有此调用",
            )
            .with("call", call)),
        }
    }

    fn admit_peer(&self, peer: &Peer) -> Result<(), Problem> {
        let denied = |reason, message: &str, message_zh: &str| {
            Problem::new(Code::PermissionDenied, reason, message, message_zh)
                .with("identity", &peer.identity)
        };
        match self.standing(peer) {
            Standing::Member if peer.is_current(self.clock.now_s()) => Ok(()),
            Standing::Member => Err(Problem::new(
                Code::Unauthenticated,
                "CERTIFICATE_EXPIRED",
                "the certificate has expired or is not valid yet",
                "证书已过期或尚未生效",
            )
            .with("identity", &peer.identity)),
            Standing::NotEnrolled => Err(denied(
                "NOT_ENROLLED",
                "not a member of this district",
                "不是本区成员",
            )),
            Standing::Revoked { at } => {
                Err(
                    denied("REVOKED", "this membership was revoked", "成员资格已被吊销")
                        .with("revoked_at", at),
                )
            }
            Standing::Replaced => Err(denied(
                "CERTIFICATE_REPLACED",
                "a newer certificate of this member is in use",
                "该成员已启用更新的证书",
            )),
        }
    }
}

impl fmt::Debug for HubGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubGate")
            .field("district", &self.district)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use hub_domain::policy::TABLE;
    use prost::Message as _;
    use std::collections::BTreeSet;

    /// A method that is not in the table, or a row without a method, fails here.
    #[test]
    fn the_table_names_exactly_the_methods_of_the_hub() {
        let set = prost_types::FileDescriptorSet::decode(proto::pb::DESCRIPTORS).unwrap();
        let mut methods = BTreeSet::new();
        for file in &set.file {
            let package = file.package();
            if !["tongxin.enrol.v1", "tongxin.sync.v1", "tongxin.hub.v1"].contains(&package) {
                continue;
            }
            for service in &file.service {
                for method in &service.method {
                    methods.insert(format!("/{package}.{}/{}", service.name(), method.name()));
                }
            }
        }
        assert!(methods.len() >= 14, "{methods:?}");
        let listed: BTreeSet<String> = TABLE
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .filter(|path| !path.starts_with("/grpc."))
            .collect();
        assert_eq!(listed, methods);
    }
}
