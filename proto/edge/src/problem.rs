//! One shape for everything a call can be refused with, and its two readings:
//! a gRPC status on the server, a reason on the client. Knows no reason itself.

use std::{borrow::Cow, time::Duration};

use rustls::AlertDescription;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// The domain of our ErrorInfo. A status without it is a transport fault.
pub const DOMAIN: &str = "tongxin";

// Details travel in a trailer: they must stay far below a peer's header limit.
const MESSAGE_CHARS: usize = 200;
const VALUE_CHARS: usize = 120;
const MOST_VALUES: usize = 6;
const MOST_FIELDS: usize = 4;

/// Why a call was not done, for people (English and Chinese) and programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub code: Code,
    /// UPPER_SNAKE_CASE, stable.
    pub reason: &'static str,
    pub message: Box<str>,
    pub message_zh: Box<str>,
    pub metadata: Vec<(&'static str, String)>,
    /// Field path and what it should be.
    pub fields: Vec<(String, String)>,
    pub retry_after: Option<Duration>,
}

impl Problem {
    pub fn new(
        code: Code,
        reason: &'static str,
        message: impl Into<Box<str>>,
        message_zh: impl Into<Box<str>>,
    ) -> Problem {
        Problem {
            code,
            reason,
            message: message.into(),
            message_zh: message_zh.into(),
            metadata: Vec::new(),
            fields: Vec::new(),
            retry_after: None,
        }
    }

    /// Wrong input in one field; the messages say what would be right.
    pub fn field(
        reason: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
        message_zh: impl Into<Box<str>>,
    ) -> Problem {
        let message = message.into();
        Problem::new(Code::InvalidArgument, reason, message.as_str(), message_zh)
            .with_field(field, message)
    }

    pub fn with(mut self, key: &'static str, value: impl ToString) -> Problem {
        self.metadata.push((key, value.to_string()));
        self
    }

    pub fn with_field(mut self, field: impl Into<String>, want: impl Into<String>) -> Problem {
        self.fields.push((field.into(), want.into()));
        self
    }

    pub fn retry_after(mut self, delay: Duration) -> Problem {
        self.retry_after = Some(delay);
        self
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Status {
        let mut details = ErrorDetails::new();
        let metadata: Vec<(String, String)> = problem
            .metadata
            .into_iter()
            .take(MOST_VALUES)
            .map(|(key, value)| (key.to_owned(), cut(&value, VALUE_CHARS)))
            .collect();
        details.set_error_info(
            problem.reason,
            DOMAIN,
            metadata
                .into_iter()
                .collect::<std::collections::HashMap<_, _>>(),
        );
        details.set_localized_message("zh-CN", cut(&problem.message_zh, MESSAGE_CHARS));
        if !problem.fields.is_empty() {
            let violations: Vec<FieldViolation> = problem
                .fields
                .into_iter()
                .take(MOST_FIELDS)
                .map(|(field, want)| {
                    FieldViolation::new(cut(&field, VALUE_CHARS), cut(&want, VALUE_CHARS))
                })
                .collect();
            details.set_bad_request(violations);
        }
        if let Some(delay) = problem.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(problem.code, cut(&problem.message, MESSAGE_CHARS), details)
    }
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The reason a server of ours gave, also when it spoke by TLS alert because it
/// refused the handshake. `None`: a transport fault, whatever the code says.
pub fn reason_of(status: &Status) -> Option<Cow<'static, str>> {
    if let Some(info) = status.get_details_error_info()
        && info.domain == DOMAIN
    {
        return Some(info.reason.into());
    }
    match alert_of(status)? {
        AlertDescription::CertificateRevoked => Some("REVOKED".into()),
        AlertDescription::CertificateExpired => Some("CERTIFICATE_EXPIRED".into()),
        AlertDescription::AccessDenied => Some("NOT_ENROLLED".into()),
        AlertDescription::UnknownCA => Some("UNKNOWN_AUTHORITY".into()),
        _ => None,
    }
}

/// How long a server asked to wait before the next attempt, if it did.
pub fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// What a person is to read: the Chinese message of ours, or the status text.
pub fn localized(status: &Status) -> String {
    status
        .get_details_localized_message()
        .map_or_else(|| status.message().to_owned(), |text| text.message)
}

/// The TLS alert that a connector of ours met, under a status.
fn alert_of(status: &Status) -> Option<AlertDescription> {
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        let inner = io.and_then(|io| io.get_ref()?.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(alert)) = inner {
            return Some(*alert);
        }
        cause = error.source();
    }
    None
}

/// For people: why a hub did not do it, or that it was not reached.
pub fn explained(status: &Status) -> String {
    match reason_of(status) {
        Some(reason) => format!("{reason}: {} ({})", localized(status), status.message()),
        None => format!("cannot be reached: {}", root_cause(status)),
    }
}

fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reaches_the_client_whole() {
        let status = Status::from(
            Problem::field("BAD_PLACE", "subject", "want 12 digits", "应为 12 位代码")
                .with("given", 510_115)
                .retry_after(Duration::from_secs(3)),
        );
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "want 12 digits");
        assert_eq!(reason_of(&status).as_deref(), Some("BAD_PLACE"));
        assert_eq!(localized(&status), "应为 12 位代码");
        assert_eq!(retry_after(&status), Some(Duration::from_secs(3)));
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["given"], "510115");
        let field = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(
            (field.field.as_str(), field.description.as_str()),
            ("subject", "want 12 digits")
        );
    }

    #[test]
    fn a_status_that_is_not_ours_has_no_reason() {
        let mut details = ErrorDetails::new();
        details.set_error_info(
            "QUOTA",
            "somebody.else",
            std::collections::HashMap::<String, String>::new(),
        );
        let foreign = Status::with_error_details(Code::Unavailable, "no", details);
        assert_eq!(reason_of(&foreign), None);
        assert_eq!(reason_of(&Status::unknown("broken pipe")), None);
    }

    #[test]
    fn details_stay_small_whatever_is_put_in() {
        let long = "长".repeat(10_000);
        let mut problem =
            Problem::new(Code::Internal, "STORE_FAILED", long.as_str(), long.as_str());
        for _ in 0..100 {
            problem = problem.with("given", &long).with_field(&long, &long);
        }
        let status = Status::from(problem);
        assert!(
            status.details().len() < 6 * 1024,
            "{}",
            status.details().len()
        );
        assert!(status.message().chars().count() <= MESSAGE_CHARS + 1);
    }
}
