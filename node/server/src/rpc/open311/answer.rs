//! An answer as it goes out: status, body in the format that was asked for, errors
//! in GeoReport's own shape. Knows no case.

use http::{Response, StatusCode, header};
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use tonic::Code;

use super::route::Format;
use super::value::Value;

/// What our fields are called here.
const NAMES: [(&str, &str); 7] = [
    ("personal.text", "description"),
    ("personal.phone", "phone"),
    ("personal.address", "address_string"),
    ("personal.name", "first_name and last_name"),
    ("due_at", "attribute[due_at]"),
    ("grid", "attribute[grid]"),
    ("kind", "service_code"),
];

pub struct Told {
    status: StatusCode,
    root: &'static str,
    value: Value,
}

/// Why a request was not answered.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    description: String,
}

impl Told {
    pub fn new(root: &'static str, value: Value) -> Told {
        Told {
            status: StatusCode::OK,
            root,
            value,
        }
    }

    pub fn requests(requests: Vec<Value>) -> Told {
        Told::new("service_requests", Value::List("request", requests))
    }

    pub fn submitted(case: &pb::Case) -> Told {
        let number = case.name.rsplit('/').next().unwrap_or_default();
        let request = Value::Fields(vec![
            ("service_request_id", Value::text(number)),
            ("service_notice", Value::Null),
            ("account_id", Value::Null),
        ]);
        Told {
            status: StatusCode::CREATED,
            ..Told::requests(vec![request])
        }
    }

    pub fn refused(refused: Refused) -> Told {
        let error = Value::Fields(vec![
            ("code", Value::Whole(refused.status.as_u16().into())),
            ("description", Value::Text(refused.description)),
        ]);
        Told {
            status: refused.status,
            root: "errors",
            value: Value::List("error", vec![error]),
        }
    }

    pub fn in_format(self, format: Format) -> Told {
        match (format, self.value) {
            (Format::Json, value) => Told {
                root: "",
                value,
                ..self
            },
            (Format::Xml, value) => Told { value, ..self },
        }
    }

    /// The root is named in XML alone.
    pub fn into_response(self) -> Response<String> {
        let (kind, body) = match self.root {
            "" => ("application/json", Ok(self.value.json().to_string())),
            root => ("text/xml", self.value.xml(root)),
        };
        let kind = format!("{kind}; charset=utf-8");
        let built = body.map_err(|fault| fault.to_string()).and_then(|body| {
            let head = Response::builder().status(self.status);
            let head = head.header(header::CONTENT_TYPE, kind);
            // What one caller may see is no other's.
            let head = head.header(header::CACHE_CONTROL, "no-store");
            head.body(body).map_err(|fault| fault.to_string())
        });
        built.unwrap_or_else(|fault| {
            tracing::error!(%fault, "an Open311 answer could not be written");
            let mut broken = Response::new(String::new());
            *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            broken
        })
    }
}

impl Refused {
    pub fn bad(description: impl Into<String>) -> Refused {
        Refused {
            status: StatusCode::BAD_REQUEST,
            description: description.into(),
        }
    }

    pub fn not_found(description: impl Into<String>) -> Refused {
        Refused {
            status: StatusCode::NOT_FOUND,
            description: description.into(),
        }
    }

    pub fn with(status: StatusCode, description: impl Into<String>) -> Refused {
        Refused {
            status,
            description: description.into(),
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        let status = match problem.code {
            Code::InvalidArgument | Code::FailedPrecondition => StatusCode::BAD_REQUEST,
            // So GeoReport: a missing or wrong api_key is 403.
            Code::Unauthenticated | Code::PermissionDenied => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::AlreadyExists => StatusCode::CONFLICT,
            Code::Unavailable | Code::ResourceExhausted => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let field = problem
            .fields
            .first()
            .map(|(field, _)| format!("{field}: "));
        let field = field.filter(|field| !problem.message.contains(field.as_str()));
        let said = format!(
            "{}: {}{} · {}",
            problem.reason,
            field.unwrap_or_default(),
            problem.message,
            problem.message_zh
        );
        let description = NAMES.iter().fold(said, |said, (ours, theirs)| {
            said.replace(&format!("{ours}:"), &format!("{theirs}:"))
                .replace(&format!("{ours}："), &format!("{theirs}："))
        });
        Refused {
            status,
            description,
        }
    }
}
