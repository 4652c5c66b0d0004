//! How a command ends badly: an exit code that scripts may rely on and a text
//! that says what, why and what helps. Knows no command.

use std::{error::Error, fmt, io};

use tonic::Code;

/// Exit codes are part of the interface: 0 done, and these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Failure = 1,
    Usage = 2,
    BadData = 65,
    Unreachable = 69,
    /// The store cannot be read or written; the words say which file.
    Storage = 74,
    TryLater = 75,
    NotPermitted = 77,
    Configuration = 78,
}

#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub text: String,
}

impl Failure {
    pub fn new(exit: Exit, text: impl Into<String>) -> Failure {
        Failure {
            exit,
            text: text.into(),
        }
    }

    /// What a called server said, in the reader's language where it has one.
    pub fn from_status(status: &tonic::Status) -> Failure {
        use tonic_types::StatusExt as _;
        let exit = match status.code() {
            Code::InvalidArgument | Code::OutOfRange => Exit::BadData,
            Code::Unauthenticated | Code::PermissionDenied => Exit::NotPermitted,
            _ if disbelieved(status) => Exit::NotPermitted,
            Code::Unavailable | Code::ResourceExhausted | Code::Aborted => Exit::TryLater,
            Code::Unknown | Code::Cancelled | Code::DeadlineExceeded => Exit::Unreachable,
            _ => Exit::Failure,
        };
        let localised = status
            .get_details_localized_message()
            .map(|message| message.message);
        let text = match crate::locale::pick(localised, None) {
            Some(message) => message,
            None if status.message().is_empty() => source_text(status),
            None => status.message().to_owned(),
        };
        let fields = status
            .get_details_bad_request()
            .into_iter()
            .flat_map(|bad| bad.field_violations);
        let fields = fields.map(|field| format!("\n  {}: {}", field.field, field.description));
        Failure::new(exit, text + &fields.collect::<String>())
    }
}

/// Whether a certificate of the other side, or ours, was not accepted.
fn disbelieved(error: &(dyn Error + 'static)) -> bool {
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(
        tls,
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_))
    ) || error.source().is_some_and(disbelieved)
}

/// Transport faults carry their story in the chain of sources.
fn source_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failure {}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Failure {
        Failure::from_status(&status)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(Exit::Failure, error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::new(Exit::Failure, format!("{error:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_a_server_keep_their_class() {
        for (code, exit) in [
            (Code::InvalidArgument, Exit::BadData),
            (Code::PermissionDenied, Exit::NotPermitted),
            (Code::Unavailable, Exit::TryLater),
            (Code::Unknown, Exit::Unreachable),
            (Code::Internal, Exit::Failure),
        ] {
            assert_eq!(Failure::from(tonic::Status::new(code, "x")).exit, exit);
        }
    }
}
