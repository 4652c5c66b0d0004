//! Aggregate data exchange, the XML of IHE's ADX profile: one group for each place
//! and period, one value for each element. Structure: `tests/data/adx.xsd`.

use std::collections::BTreeMap;

use proto::period::{Grain, Period};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::Answer;
use super::point::{Point, points};
use crate::failure::Failure;

const NAMESPACE: &str = "urn:ihe:qrph:adx:2015";

pub fn render(answer: &Answer<'_>) -> Result<Vec<u8>, Failure> {
    let mut groups: BTreeMap<(String, Period), Vec<Point>> = BTreeMap::new();
    for point in points(answer)? {
        let group = (point.place.clone(), point.period);
        groups.entry(group).or_default().push(point);
    }
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let exported = answer.answered_at.to_string();
    let root = writer
        .create_element("adx")
        .with_attributes([("xmlns", NAMESPACE), ("exported", exported.as_str())]);
    root.write_inner_content(|writer| {
        for ((place, period), points) in &groups {
            let group = writer.create_element("group").with_attributes([
                ("dataSet", "tongxin"),
                ("orgUnit", place.as_str()),
                ("period", interval(*period).as_str()),
            ]);
            group.write_inner_content(|writer| values(writer, points))?;
        }
        Ok(())
    })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn values(writer: &mut Writer<Vec<u8>>, points: &[Point]) -> std::io::Result<()> {
    for point in points {
        let mut value = writer.create_element("dataValue").with_attributes([
            ("dataElement", point.element.as_str()),
            ("value", point.value.as_str()),
        ]);
        if let Some(category) = &point.category {
            value = value.with_attribute(("category", category.as_str()));
        }
        value.write_empty()?;
    }
    Ok(())
}

/// ISO 8601: first day and length.
fn interval(period: Period) -> String {
    let length = match period.grain() {
        Grain::Day => "P1D",
        Grain::Week => "P7D",
        Grain::Month => "P1M",
        Grain::Quarter => "P3M",
        Grain::Half => "P6M",
        Grain::Year => "P1Y",
    };
    format!("{}/{length}", period.first_day())
}
