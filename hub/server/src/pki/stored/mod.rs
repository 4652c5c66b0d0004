//! The journalled form of issuance events: frozen field numbers, checked by
//! golden bytes. Times are milliseconds since 1970. Knows no journal.

mod convert;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredIssuance {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 20, 21")]
    pub kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Kind {
    #[prost(message, tag = "1")]
    Invited(StoredInvited),
    #[prost(message, tag = "2")]
    Enrolled(StoredEnrolled),
    #[prost(message, tag = "3")]
    Renewed(StoredRenewed),
    #[prost(message, tag = "4")]
    Revoked(StoredRevoked),
    #[prost(message, tag = "20")]
    RootRolled(StoredRootRolled),
    #[prost(message, tag = "21")]
    RootRetired(StoredRootRetired),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredInvited {
    #[prost(bytes = "vec", tag = "1")]
    pub invite: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub secret_sha256: Vec<u8>,
    #[prost(string, tag = "3")]
    pub subject: String,
    #[prost(int64, tag = "4")]
    pub expires_at_ms: i64,
    #[prost(string, tag = "5")]
    pub by: String,
    #[prost(int64, tag = "6")]
    pub at_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCertificate {
    #[prost(bytes = "vec", tag = "1")]
    pub serial: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub key_sha256: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub not_after_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredEnrolled {
    #[prost(string, tag = "1")]
    pub subject: String,
    /// Empty: appointed on the hub.
    #[prost(bytes = "vec", tag = "2")]
    pub invite: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub certificate: Option<StoredCertificate>,
    #[prost(int64, tag = "4")]
    pub at_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRenewed {
    #[prost(string, tag = "1")]
    pub subject: String,
    #[prost(bytes = "vec", tag = "2")]
    pub shown: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub certificate: Option<StoredCertificate>,
    #[prost(int64, tag = "4")]
    pub at_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRevoked {
    #[prost(string, tag = "1")]
    pub subject: String,
    #[prost(string, tag = "2")]
    pub reason: String,
    #[prost(string, tag = "3")]
    pub request: String,
    #[prost(string, tag = "4")]
    pub by: String,
    #[prost(int64, tag = "5")]
    pub at_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRootRolled {
    #[prost(bytes = "vec", tag = "1")]
    pub old_sha256: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub new_sha256: Vec<u8>,
    /// Empty: found so at a start.
    #[prost(string, tag = "3")]
    pub by: String,
    #[prost(int64, tag = "4")]
    pub at_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRootRetired {
    #[prost(bytes = "vec", tag = "1")]
    pub root_sha256: Vec<u8>,
    #[prost(uint32, tag = "2")]
    pub lost: u32,
    /// Empty: found so at a start.
    #[prost(string, tag = "3")]
    pub by: String,
    #[prost(int64, tag = "4")]
    pub at_ms: i64,
}

/// A stored event that this version cannot read: a fault of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored issuance event: {0} is missing or malformed")]
pub struct Unreadable(pub &'static str);

#[cfg(test)]
mod tests {
    use super::*;
    use hub_domain::issuance::{Certificate, Event, InviteId, RootHash, SecretHash, Serial};
    use jiff::Timestamp;
    use prost::Message as _;
    use proto::identity::Subject;

    fn events() -> Vec<Event> {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let node: Subject = "community/510115003064".parse().unwrap();
        let by: Subject = "operator/li".parse().unwrap();
        let certificate = Certificate {
            serial: Serial::from_entropy([0x41; 16]),
            key_sha256: [2; 32],
            not_after: at(3),
        };
        vec![
            Event::Invited {
                invite: InviteId([1; 16]),
                secret: SecretHash([2; 32]),
                subject: node.clone(),
                expires_at: at(300),
                by: by.clone(),
                at: at(-4),
            },
            Event::Enrolled {
                subject: by.clone(),
                invite: None,
                certificate: certificate.clone(),
                at: at(5),
            },
            Event::Renewed {
                subject: node.clone(),
                shown: Serial::from_entropy([0x42; 16]),
                certificate,
                at: at(6),
            },
            Event::Revoked {
                subject: node,
                reason: "丢失".into(),
                request: "r-1".parse().unwrap(),
                by: by.clone(),
                at: at(7),
            },
            Event::RootRolled {
                old: RootHash([8; 32]),
                new: RootHash([9; 32]),
                by: Some(by),
                at: at(10),
            },
            Event::RootRetired {
                root: RootHash([8; 32]),
                lost: 2,
                by: None,
                at: at(11),
            },
        ]
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_bytes_are_frozen() {
        let frozen: Vec<String> = events()
            .iter()
            .map(|event| hex(&StoredIssuance::from(event).encode_to_vec()))
            .collect();
        assert_eq!(frozen, GOLDEN);
    }

    #[test]
    fn events_survive_a_round_trip() {
        for event in events() {
            let bytes = StoredIssuance::from(&event).encode_to_vec();
            let back = Event::try_from(StoredIssuance::decode(&*bytes).unwrap()).unwrap();
            assert_eq!(format!("{back:?}"), format!("{event:?}"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let empty = StoredIssuance { kind: None };
        assert_eq!(Event::try_from(empty).err(), Some(Unreadable("kind")));
        let mut short = StoredIssuance::from(&events()[0]);
        if let Some(Kind::Invited(invited)) = &mut short.kind {
            invited.secret_sha256.pop();
        }
        let missing = Event::try_from(short).err();
        assert_eq!(missing, Some(Unreadable("secret_sha256")));
    }

    const GOLDEN: [&str; 6] = [
        "0a670a1001010101010101010101010101010101122002020202020202020202020202020202020202020202020202020202020202021a16636f6d6d756e6974792f35313031313530303330363420ac022a0b6f70657261746f722f6c6930fcffffffffffffffff01",
        "12470a0b6f70657261746f722f6c691a360a10414141414141414141414141414141411220020202020202020202020202020202020202020202020202020202020202020218032005",
        "1a640a16636f6d6d756e6974792f3531303131353030333036341210424242424242424242424242424242421a360a10414141414141414141414141414141411220020202020202020202020202020202020202020202020202020202020202020218032006",
        "22340a16636f6d6d756e6974792f3531303131353030333036341206e4b8a2e5a4b11a03722d31220b6f70657261746f722f6c692807",
        "a201530a200808080808080808080808080808080808080808080808080808080808080808122009090909090909090909090909090909090909090909090909090909090909091a0b6f70657261746f722f6c69200a",
        "aa01260a2008080808080808080808080808080808080808080808080808080808080808081002200b",
    ];
}
