//! A submitted form as a report: GeoReport's fields turned into ours. Decides
//! nothing; what is too long or unknown the report's own parsing says.

use jiff::Timestamp;
use node_domain::playbook::Playbooks;
use proto::pb::node as pb;

use super::answer::Refused;
use super::listener::Fields;
use super::service::offered;

pub fn request(form: &Fields, playbooks: &Playbooks) -> Result<pb::ReportCaseRequest, Refused> {
    let text = |key: &str| form.get(key).map(str::trim).unwrap_or_default();
    let code = text("service_code");
    if code.is_empty() {
        return Err(Refused::bad("service_code: must be given · 必填"));
    }
    let kind = offered(playbooks, code)?;
    let address = place(form)?;
    let due_at = match text("attribute[due_at]") {
        "" => None,
        due => Some(time("attribute[due_at]", due)?),
    };
    Ok(pb::ReportCaseRequest {
        request_id: String::new(),
        kind: kind.code.to_string(),
        origin: pb::Origin::Online.into(),
        grid: text("attribute[grid]").to_owned(),
        personal: Some(pb::Personal {
            // As Chinese names are written.
            name: joined([text("last_name"), text("first_name")], ""),
            phone: joined([text("phone"), text("email")], " "),
            address,
            text: said(form)?,
        }),
        reported_at: None,
        on_behalf: false,
        area: String::new(),
        due_at: due_at.map(|at| prost_types::Timestamp {
            seconds: at.as_second(),
            nanos: at.subsec_nanosecond(),
        }),
    })
}

/// GeoReport wants one of an address and a position; here a grid does too.
fn place(form: &Fields) -> Result<String, Refused> {
    let text = |key: &str| form.get(key).map(str::trim).unwrap_or_default();
    let position = match (text("lat"), text("long")) {
        ("", "") => String::new(),
        (lat, long) => {
            let degrees = |field: &str, text: &str, most: f64| {
                let number = text.parse().ok();
                let number = number.filter(|number: &f64| number.abs() <= most);
                number.ok_or_else(|| {
                    Refused::bad(format!("{field}: want WGS 84 degrees · 应为 WGS 84 度数"))
                })
            };
            let (lat, long) = (degrees("lat", lat, 90.0)?, degrees("long", long, 180.0)?);
            format!("WGS84 {lat:.6},{long:.6}")
        }
    };
    let parts = [text("address_string"), text("address_id"), &position];
    let place = joined(parts, " ");
    if place.is_empty() && text("attribute[grid]").is_empty() {
        return Err(Refused::bad(
            "want address_string, address_id, lat and long, or attribute[grid] · 请填写地点",
        ));
    }
    Ok(place)
}

/// What was said, and where its picture is; we fetch none.
fn said(form: &Fields) -> Result<String, Refused> {
    let text = |key: &str| form.get(key).map(str::trim).unwrap_or_default();
    let media = text("media_url");
    if !media.is_empty() && !media.starts_with("https://") && !media.starts_with("http://") {
        return Err(Refused::bad(
            "media_url: want http:// or https:// · 应为网址",
        ));
    }
    Ok(joined([text("description"), media], "\n"))
}

fn joined<const N: usize>(parts: [&str; N], between: &str) -> String {
    let given: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    given.join(between)
}

/// W3C: a date and time with its offset.
pub fn time(field: &str, text: &str) -> Result<Timestamp, Refused> {
    text.parse().map_err(|_| {
        Refused::bad(format!(
            "{field}: want a time with its offset, 2026-03-04T11:00:00+08:00 · 应为带时区的时间"
        ))
    })
}
