//! Which of GeoReport's calls a path and method mean, and in which format the
//! answer goes. Knows nothing of what the calls do.

use http::{Method, StatusCode};

use super::answer::Refused;
use super::listener::Asked;

/// Where GeoReport's paths begin.
pub const ROOT: &str = "/open311/v2/";
pub const DISCOVERY: &str = "/open311/discovery";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    Discovery,
    Services,
    Service(String),
    Requests,
    Request(u64),
    Submit,
}

pub struct Route {
    /// XML where the path names none that we know: it is GeoReport's own.
    pub format: Format,
    pub wanted: Result<Wanted, Refused>,
}

impl Route {
    pub fn parse(asked: &Asked) -> Route {
        let (path, format) = match asked.path.rsplit_once('.') {
            Some((path, "json")) => (path, Some(Format::Json)),
            Some((path, "xml")) => (path, Some(Format::Xml)),
            _ => (asked.path.as_str(), None),
        };
        let wanted = match format {
            Some(_) => wanted(path, &asked.method),
            None => Err(Refused::not_found(
                "want a path that ends with .json or .xml · 路径应以 .json 或 .xml 结尾",
            )),
        };
        Route {
            format: format.unwrap_or(Format::Xml),
            wanted,
        }
    }
}

fn wanted(path: &str, method: &Method) -> Result<Wanted, Refused> {
    let unknown = || Refused::not_found(format!("there is nothing at {path} · 没有这个路径"));
    let parts: Vec<&str> = match path.strip_prefix(ROOT) {
        Some(rest) => rest.split('/').collect(),
        None if path == DISCOVERY => vec!["discovery"],
        None => return Err(unknown()),
    };
    let found = match parts.as_slice() {
        ["discovery"] => Wanted::Discovery,
        ["services"] => Wanted::Services,
        ["services", code] => Wanted::Service((*code).to_owned()),
        ["requests"] if method == Method::POST => Wanted::Submit,
        ["requests"] => Wanted::Requests,
        ["requests", number] => match number.parse() {
            Ok(number) => Wanted::Request(number),
            Err(_) => {
                let wants = "service_request_id: want a number · 应为数字";
                return Err(Refused::not_found(wants));
            }
        },
        // We answer with the request's id at once: no token is ever given.
        ["tokens", _] => {
            let none = "no token is given here: the answer names the request · 不发放 token";
            return Err(Refused::not_found(none));
        }
        _ => return Err(unknown()),
    };
    if method == Method::GET || found == Wanted::Submit {
        return Ok(found);
    }
    let only = "only GET here, and POST to requests · 只接受 GET，以及对 requests 的 POST";
    Err(Refused::with(StatusCode::METHOD_NOT_ALLOWED, only))
}
