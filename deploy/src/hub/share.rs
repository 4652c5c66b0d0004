//! A part of a whole, as a person reads it.

use proto::pb::hub as pb;

/// "23/95 = 24.2 %"; of nothing there is no rate.
pub fn share(share: Option<pb::Share>) -> String {
    let pb::Share {
        numerator,
        denominator,
    } = share.unwrap_or_default();
    match denominator {
        0 => "–".to_owned(),
        _ => {
            let rate = f64::from(numerator) * 100.0 / f64::from(denominator);
            format!("{numerator}/{denominator} = {rate:.1} %")
        }
    }
}
