//! DHIS2's `dataValueSets`: to be posted with `dataElementIdScheme=CODE` and
//! `orgUnitIdScheme=CODE`. Periods as DHIS2 spells them: weeks have no leading 0.

use proto::period::{Grain, Period};
use serde_json::{Value, json};

use super::Answer;
use super::point::points;
use crate::failure::Failure;

pub fn render(answer: &Answer<'_>) -> Result<Vec<u8>, Failure> {
    let points = points(answer)?.into_iter().map(|point| {
        let mut value = json!({
            "dataElement": point.element,
            "period": period(point.period),
            "orgUnit": point.place,
            "value": point.value,
        });
        if let Some(category) = point.category {
            value["categoryOptionCombo"] = category.into();
        }
        value
    });
    let set = json!({ "dataValues": points.collect::<Vec<Value>>() });
    Ok(format!("{set:#}\n").into_bytes())
}

fn period(period: Period) -> String {
    match period.grain() {
        Grain::Week => period.to_string().replace("W0", "W"),
        _ => period.to_string(),
    }
}
