//! Fields that several services have in common: pages, request ids, dates,
//! places, times. Knows no service.

use hub_domain::network::Share;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    identity::{RequestId, Subject},
    pb::hub as pb,
    place::Place,
};
use proto_edge::{clock::Clock, peer::Peer, problem::Problem};
use tonic::Request;

use super::status::{Mistake, no_certificate};

/// Who calls, by its certificate.
pub fn caller<T>(request: &mut Request<T>) -> Result<Subject, Problem> {
    let peer = request.extensions_mut().remove::<Peer>();
    Ok(peer.ok_or_else(no_certificate)?.identity.subject)
}

pub fn request_id(text: &str) -> Result<RequestId, Mistake> {
    text.parse()
        .map_err(|invalid: proto::identity::InvalidRequestId| {
            Mistake::new(
                "request_id",
                invalid.to_string(),
                "应为 1 至 36 个可打印 ASCII 字符",
            )
        })
}

/// Rows of one page: `usual` when nothing is said, at most `most`.
pub fn page_size(size: i32, usual: usize, most: usize) -> Result<usize, Mistake> {
    match usize::try_from(size) {
        Ok(0) => Ok(usual),
        Ok(size) => Ok(size.min(most)),
        Err(_) => Err(Mistake::new(
            "page_size",
            format!("want 0 to {most}"),
            format!("应为 0 至 {most}"),
        )),
    }
}

pub fn share(share: Share) -> pb::Share {
    pb::Share {
        numerator: share.numerator,
        denominator: share.denominator,
    }
}

pub fn foreign_page_token() -> Mistake {
    Mistake::new(
        "page_token",
        "want the next_page_token of an answer to the same request, or nothing",
        "应为同一请求上一页的 next_page_token，或留空",
    )
}

/// Empty is the whole hub.
pub fn place(field: &str, text: &str) -> Result<Place, Mistake> {
    text.parse().map_err(|invalid: proto::place::InvalidPlace| {
        Mistake::new(
            field,
            invalid.to_string(),
            "地点代码应为 2、4、6、9 或 12 位数字",
        )
    })
}

pub fn date(field: &str, text: &str) -> Result<Option<Date>, Mistake> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let shown: String = text.chars().take(32).collect();
        Mistake::new(
            field,
            format!("{shown:?}: want a date such as 2026-01-31"),
            "应为日期，如 2026-01-31",
        )
    })
}

/// By the clock that also judges certificates.
pub fn now(clock: &Clock) -> Timestamp {
    let second = i64::try_from(clock.now_s()).unwrap_or(i64::MAX);
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

/// The civil day of the district.
pub fn today(clock: &Clock, zone: &TimeZone) -> Date {
    zone.to_datetime(now(clock)).date()
}

pub fn wire_time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pages_are_capped_and_negative_ones_refused() {
        assert_eq!(page_size(0, 100, 1000), Ok(100));
        assert_eq!(page_size(5000, 100, 1000), Ok(1000));
        assert_eq!(page_size(-1, 100, 1000).unwrap_err().field, "page_size");
    }

    #[test]
    fn dates_and_places_say_what_they_want() {
        assert_eq!(date("as_of", ""), Ok(None));
        assert!(date("as_of", "2026-01-31").unwrap().is_some());
        let wrong = date("as_of", "31.1.2026").unwrap_err();
        assert!(wrong.want.contains("2026-01-31") && wrong.field == "as_of");
        assert_eq!(place("place", ""), Ok(Place::COUNTRY));
        assert_eq!(place("place", "51011").unwrap_err().field, "place");
    }
}
