//! Refused cells by reason, with the first few keys of each. Bounded by the
//! reasons that there are, however many cells were refused.

use std::collections::BTreeMap;

use hub_domain::sync::line::Marker;
use proto::{
    indicator::{
        catalogue::Catalogue,
        cell::{Breakdown, CellKey},
    },
    pb::hub::RejectedCells,
    sync::uplink::RejectReason,
};

/// Keys shown of each reason.
const FIRST: usize = 3;

pub fn by_reason(
    rejected: &BTreeMap<CellKey, Marker>,
    catalogue: &Catalogue,
) -> Vec<RejectedCells> {
    let mut reasons: BTreeMap<RejectReason, RejectedCells> = BTreeMap::new();
    for (key, marker) in rejected {
        let group = reasons.entry(marker.reason).or_default();
        group.count = group.count.saturating_add(1);
        if group.first.len() < FIRST {
            group.first.push(shown(key, catalogue));
        }
    }
    let named = reasons.into_iter().map(|(reason, group)| RejectedCells {
        reason: word(reason).to_owned(),
        ..group
    });
    named.collect()
}

pub fn word(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::UnknownIndicator => "UNKNOWN_INDICATOR",
        RejectReason::MalformedState => "MALFORMED_STATE",
        RejectReason::FuturePeriod => "FUTURE_PERIOD",
        RejectReason::Shape => "SHAPE",
        RejectReason::Conflict => "CONFLICT",
        RejectReason::Withheld => "WITHHELD",
    }
}

/// By code where the catalogue has one, else by number.
fn shown(key: &CellKey, catalogue: &Catalogue) -> String {
    let CellKey {
        indicator,
        revision,
        period,
        breakdown,
    } = key;
    let code = catalogue.definition(*indicator, *revision).map_or_else(
        || indicator.0.to_string(),
        |definition| definition.code.to_string(),
    );
    let members: Vec<String> = (0..Breakdown::MAX)
        .map(|at| breakdown.member(at).to_string())
        .collect();
    format!("{code}@{} {period} {}", revision.0, members.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub_domain::sync::line::MarkerRetry;
    use proto::indicator::cell::{IndicatorId, Order, Revision};

    #[test]
    fn reasons_are_counted_and_only_a_few_keys_named() {
        let catalogue = include_str!("../../../../../deploy/catalogue/first.toml");
        let catalogue = Catalogue::from_toml(catalogue).unwrap();
        let known = catalogue.definitions().next().unwrap();
        let mut rejected = BTreeMap::new();
        for n in 0..10u16 {
            let (indicator, reason) = match n % 5 {
                0 => (known.id, RejectReason::FuturePeriod),
                _ => (IndicatorId(9_999), RejectReason::UnknownIndicator),
            };
            let key = CellKey {
                indicator,
                revision: known.revision,
                period: "202603".parse().unwrap(),
                breakdown: Breakdown::new([n]),
            };
            let marker = Marker {
                order: Order { lineage: 1, seq: 1 },
                hash: 0,
                reason,
                retry: MarkerRetry::OnChange,
            };
            rejected.insert(key, marker);
        }
        assert_eq!(known.revision, Revision(1));
        let groups = by_reason(&rejected, &catalogue);
        let counts: Vec<(&str, u32, usize)> = groups
            .iter()
            .map(|group| (group.reason.as_str(), group.count, group.first.len()))
            .collect();
        assert_eq!(
            counts,
            [("UNKNOWN_INDICATOR", 8, 3), ("FUTURE_PERIOD", 2, 2)]
        );
        assert_eq!(groups[0].first[0], "9999@1 202603 1/0/0/0");
        let code = &known.code;
        assert_eq!(
            groups[1].first,
            [
                format!("{code}@1 202603 0/0/0/0"),
                format!("{code}@1 202603 5/0/0/0")
            ]
        );
    }
}
