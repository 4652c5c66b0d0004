//! Who somebody is on the district's line: a SPIFFE name with a role, and the
//! small fixed-width names of stores, sessions and requests. Knows no keys and
//! no certificates.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::place::{Level, Place};

/// The district's trust domain: lower-case letters, digits, hyphens, 1 to 63.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct District(String);

/// What an identity may be on this line (design section 6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Hub,
    /// A community's node; the place is of community level.
    Community(Place),
    /// A hub below this one: of a district, a city or a province.
    Child(Place),
    Operator(Label),
    Centre(Label),
    Extension(Label),
    Auditor(Label),
}

/// Lower-case letters, digits and hyphens, 1 to 63, no hyphen at the ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// `spiffe://<district>/<role>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub district: District,
    pub subject: Subject,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentity {
    #[error("label {0:?}: want 1 to 63 of a-z, 0-9 and '-', no '-' at the ends")]
    Label(String),
    #[error(
        "subject {0:?}: want hub, community/<12 digits>, child/<2, 4 or 6 digits>, operator/<name>, centre/<code>, extension/<code> or auditor/<name>"
    )]
    Subject(String),
    #[error("identity {0:?}: want spiffe://<district>/<subject>")]
    Uri(String),
}

impl FromStr for Label {
    type Err = InvalidIdentity;

    fn from_str(s: &str) -> Result<Label, InvalidIdentity> {
        let fits = (1..=63).contains(&s.len())
            && s.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !s.starts_with('-')
            && !s.ends_with('-');
        fits.then(|| Label(s.to_owned()))
            .ok_or_else(|| InvalidIdentity::Label(s.chars().take(80).collect()))
    }
}

impl Label {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = InvalidIdentity;

    fn try_from(label: String) -> Result<Label, InvalidIdentity> {
        label.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> String {
        label.0
    }
}

impl FromStr for District {
    type Err = InvalidIdentity;

    fn from_str(s: &str) -> Result<District, InvalidIdentity> {
        s.parse::<Label>().map(|label| District(label.0))
    }
}

impl FromStr for Subject {
    type Err = InvalidIdentity;

    fn from_str(s: &str) -> Result<Subject, InvalidIdentity> {
        let invalid = || InvalidIdentity::Subject(s.chars().take(80).collect());
        if s == "hub" {
            return Ok(Subject::Hub);
        }
        let (role, name) = s.split_once('/').ok_or_else(invalid)?;
        match role {
            "community" => name
                .parse::<Place>()
                .ok()
                .and_then(Subject::reporting)
                .filter(|subject| matches!(subject, Subject::Community(_)))
                .ok_or_else(invalid),
            "child" => name
                .parse::<Place>()
                .ok()
                .and_then(Subject::reporting)
                .filter(|subject| matches!(subject, Subject::Child(_)))
                .ok_or_else(invalid),
            "operator" => name.parse().map(Subject::Operator),
            "centre" => name.parse().map(Subject::Centre),
            "extension" => name.parse().map(Subject::Extension),
            "auditor" => name.parse().map(Subject::Auditor),
            _ => Err(invalid()),
        }
    }
}

impl Subject {
    /// Whoever reports for `place`: a community's node or a child hub. `None`
    /// for a place that nobody reports for.
    pub fn reporting(place: Place) -> Option<Subject> {
        match place.level() {
            Level::Community if Place::reporting(place.aligned()) == Some(place) => {
                Some(Subject::Community(place))
            }
            _ if place.is_of_a_hub() => Some(Subject::Child(place)),
            _ => None,
        }
    }

    /// The place that it reports for.
    pub const fn place(&self) -> Option<Place> {
        match self {
            Subject::Community(place) | Subject::Child(place) => Some(*place),
            _ => None,
        }
    }
}

impl FromStr for Identity {
    type Err = InvalidIdentity;

    fn from_str(uri: &str) -> Result<Identity, InvalidIdentity> {
        let invalid = || InvalidIdentity::Uri(uri.chars().take(160).collect());
        let rest = uri.strip_prefix("spiffe://").ok_or_else(invalid)?;
        let (district, subject) = rest.split_once('/').ok_or_else(invalid)?;
        Ok(Identity {
            district: district.parse()?,
            subject: subject.parse()?,
        })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for District {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Hub => f.write_str("hub"),
            Subject::Community(place) => write!(f, "community/{place}"),
            Subject::Child(place) => write!(f, "child/{place}"),
            Subject::Operator(name) => write!(f, "operator/{name}"),
            Subject::Centre(code) => write!(f, "centre/{code}"),
            Subject::Extension(code) => write!(f, "extension/{code}"),
            Subject::Auditor(name) => write!(f, "auditor/{name}"),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}/{}", self.district, self.subject)
    }
}

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl TryFrom<&[u8]> for $name {
            type Error = WrongLength;

            fn try_from(bytes: &[u8]) -> Result<$name, WrongLength> {
                bytes.try_into().map($name).map_err(|_| WrongLength(bytes.len()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes: want 16")]
pub struct WrongLength(pub usize);

sixteen_bytes!(
    /// A node's store, minted with it: another store is another history.
    StoreId
);
sixteen_bytes!(
    /// Random, persisted before it is sent, so that a copied store is noticed.
    Nonce
);
sixteen_bytes!(
    /// A log's identity: a cursor of another log means nothing here.
    LogId
);

/// A client's name for one mutation: 1 to 36 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("request_id: want 1 to 36 printable ASCII characters, got {0:?}")]
pub struct InvalidRequestId(pub String);

impl RequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(s: &str) -> Result<RequestId, InvalidRequestId> {
        let fits = (1..=36).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| RequestId(s.to_owned()))
            .ok_or_else(|| InvalidRequestId(s.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_survive_a_round_trip() {
        for uri in [
            "spiffe://wenjiang/hub",
            "spiffe://wenjiang/community/510115003064",
            "spiffe://wenjiang/child/510115",
            "spiffe://sichuan/child/5101",
            "spiffe://wenjiang/operator/li-na",
            "spiffe://wenjiang/centre/social-work",
            "spiffe://wenjiang/extension/flood-watch",
            "spiffe://wenjiang/auditor/shen",
        ] {
            assert_eq!(uri.parse::<Identity>().unwrap().to_string(), uri);
        }
    }

    #[test]
    fn malformed_identities_are_refused() {
        for uri in [
            "https://wenjiang/hub",
            "spiffe://wenjiang",
            "spiffe://Wenjiang/hub",
            "spiffe://wenjiang/community/510115",
            "spiffe://wenjiang/community/510115000000",
            "spiffe://wenjiang/child/510115003",
            "spiffe://wenjiang/child/510115003064",
            "spiffe://wenjiang/child/510000",
            "spiffe://wenjiang/child/",
            "spiffe://wenjiang/community/510115003064/x",
            "spiffe://wenjiang/operator/-li",
            "spiffe://wenjiang/mayor/li",
            "spiffe:///hub",
        ] {
            assert!(uri.parse::<Identity>().is_err(), "{uri}");
        }
    }

    #[test]
    fn request_ids_are_short_and_printable() {
        assert!("a".repeat(36).parse::<RequestId>().is_ok());
        for bad in ["", "a b", "号", &"a".repeat(37)] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad:?}");
        }
    }
}
