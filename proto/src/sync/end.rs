//! How a session ends: the reasons of our own ErrorInfo (`reference/
//! sync-protocol.md` section 5.6). A status without one of them is a transport
//! fault, whatever its gRPC code says.

use std::{fmt, str::FromStr, time::Duration};

/// `google.rpc.ErrorInfo.domain` of every status that we make.
pub const DOMAIN: &str = "tongxin";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    NotEnrolled,
    Revoked,
    EpochStale,
    Superseded,
    CursorGap,
    Busy,
    StoreFailed,
    VersionUnsupported,
    Malformed,
}

/// Why a stream is over, as the other end said it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// `None`: a transport fault.
    pub reason: Option<Reason>,
    /// RetryInfo: not before this long.
    pub retry_after: Option<Duration>,
    pub detail: String,
}

impl End {
    pub fn fault(detail: impl Into<String>) -> End {
        End {
            detail: detail.into(),
            ..End::default()
        }
    }

    pub fn of(reason: Reason, retry_after: Option<Duration>, detail: impl Into<String>) -> End {
        End {
            reason: Some(reason),
            retry_after,
            detail: detail.into(),
        }
    }
}

impl Reason {
    pub const ALL: [Reason; 9] = [
        Reason::NotEnrolled,
        Reason::Revoked,
        Reason::EpochStale,
        Reason::Superseded,
        Reason::CursorGap,
        Reason::Busy,
        Reason::StoreFailed,
        Reason::VersionUnsupported,
        Reason::Malformed,
    ];

    /// `google.rpc.ErrorInfo.reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::NotEnrolled => "NOT_ENROLLED",
            Reason::Revoked => "REVOKED",
            Reason::EpochStale => "EPOCH_STALE",
            Reason::Superseded => "SUPERSEDED",
            Reason::CursorGap => "CURSOR_GAP",
            Reason::Busy => "BUSY",
            Reason::StoreFailed => "STORE_FAILED",
            Reason::VersionUnsupported => "VERSION_UNSUPPORTED",
            Reason::Malformed => "MALFORMED",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reason {0:?} is not one of the line's")]
pub struct UnknownReason(pub String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(s: &str) -> Result<Reason, UnknownReason> {
        Reason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == s)
            .ok_or_else(|| UnknownReason(s.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_survive_a_round_trip() {
        for reason in Reason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        assert!("busy".parse::<Reason>().is_err());
    }
}
