//! What the hub's catalogue, on its own day, says of a cell that arrives.
//! Knows no line and no store.

use std::time::Duration;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{Breakdown, Cell},
        definition::Definition,
    },
    period::{Grain, Period},
    sync::uplink::{RejectReason, Rejection, Retry},
};

use crate::{query::midnight, sync::batch::Rules};

/// The catalogue's rules at one instant.
pub struct CellRules<'a> {
    catalogue: &'a Catalogue,
    catalogue_seq: u64,
    zone: &'a TimeZone,
    now: Timestamp,
    today: Date,
}

impl<'a> CellRules<'a> {
    /// `zone`: the district's, which decides when a period has begun.
    pub fn new(
        catalogue: &'a Catalogue,
        catalogue_seq: u64,
        zone: &'a TimeZone,
        now: Timestamp,
    ) -> CellRules<'a> {
        CellRules {
            catalogue,
            catalogue_seq,
            zone,
            now,
            today: zone.to_datetime(now).date(),
        }
    }

    /// `None` when the period has begun; else how long until then.
    fn until_begun(&self, period: Period) -> Option<Duration> {
        let running = Period::containing(self.today, period.grain())?;
        (period > running).then(|| {
            let begins = midnight(period.first_day(), self.zone);
            let wait = begins.duration_since(self.now);
            wait.try_into().unwrap_or_default()
        })
    }
}

impl Rules for CellRules<'_> {
    fn judge(&self, cell: &Cell) -> Result<(), Rejection> {
        let reject = |reason, retry| Err(Rejection { reason, retry });
        let key = &cell.key;
        let Some(definition) = self.catalogue.definition(key.indicator, key.revision) else {
            let retry = Retry::PastCatalogue(self.catalogue_seq);
            return reject(RejectReason::UnknownIndicator, retry);
        };
        if !fits(definition, key.period.grain(), key.breakdown) {
            return reject(RejectReason::Shape, Retry::OnChange);
        }
        if let Some(wait) = self.until_begun(key.period) {
            return reject(RejectReason::FuturePeriod, Retry::After(wait));
        }
        if cell.state.is_removed() {
            return match cell.state.bytes.is_empty() {
                true => Ok(()),
                false => reject(RejectReason::MalformedState, Retry::OnChange),
            };
        }
        let is_of_kind = cell.state.kind == definition.released_kind().number();
        let is_sound = match Accumulator::decode(&cell.state) {
            // Of small counts about people only rounded ones are taken.
            Ok(Accumulator::Rounded(rounded)) => {
                let base = definition.protection.base();
                base.is_some_and(|base| rounded.is_multiple_of(base))
            }
            Ok(_) => true,
            Err(_) => false,
        };
        if is_of_kind && is_sound {
            Ok(())
        } else {
            reject(RejectReason::MalformedState, Retry::OnChange)
        }
    }
}

/// The base grain, a member for each breakdown, and none besides.
fn fits(definition: &Definition, grain: Grain, breakdown: Breakdown) -> bool {
    let used = definition.breakdowns.len();
    let has_members = (0..Breakdown::MAX).all(|at| (breakdown.member(at) != 0) == (at < used));
    grain == definition.base_grain && has_members
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::indicator::cell::{CellKey, CellState, IndicatorId, Order, Revision};

    #[test]
    fn cells_are_held_against_their_definition() {
        let first = include_str!("../../../deploy/catalogue/first.toml");
        let catalogue = Catalogue::from_toml(first).unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // The first of February has begun in the district, not in UTC.
        let now = "2026-01-31T16:30:00Z".parse().unwrap();
        let rules = CellRules::new(&catalogue, 9, &zone, now);
        let cell = |id, period: &str, members: &[u16], kind, bytes: &[u8]| Cell {
            key: CellKey {
                indicator: IndicatorId(id),
                revision: Revision(1),
                period: period.parse().unwrap(),
                breakdown: Breakdown::new(members.iter().copied()),
            },
            order: Order { lineage: 1, seq: 1 },
            state: CellState {
                kind,
                bytes: bytes.into(),
            },
        };
        let judged = |cell| rules.judge(&cell).map_err(|rejection| rejection.reason);
        let full = &[1, 2, 3][..];
        use RejectReason::{FuturePeriod, MalformedState, Shape, UnknownIndicator};
        assert_eq!(judged(cell(2, "202601", full, 3, &[1, 2])), Ok(()));
        assert_eq!(judged(cell(2, "202602", full, 3, &[1, 2])), Ok(()));
        assert_eq!(judged(cell(2, "202601", full, 0, &[])), Ok(()));
        let refused = [
            (cell(77, "202601", full, 3, &[1, 2]), UnknownIndicator),
            (cell(2, "20260101", full, 3, &[1, 2]), Shape),
            (cell(2, "202601", &[1, 2], 3, &[1, 2]), Shape),
            (cell(2, "202601", &[1, 2, 3, 4], 3, &[1, 2]), Shape),
            (cell(2, "202603", full, 3, &[1, 2]), FuturePeriod),
            (cell(2, "202601", full, 1, &[1]), MalformedState),
            (cell(2, "202601", full, 3, &[0, 0]), MalformedState),
            (cell(2, "202601", full, 0, &[1]), MalformedState),
        ];
        for (cell, reason) in refused {
            assert_eq!(judged(cell.clone()), Err(reason), "{cell:?}");
        }
        let protected = first.replacen(r#"protection = "A""#, r#"protection = "B""#, 1);
        let protected = protected.replacen(r#", "grid"]"#, "]", 1);
        let catalogue = Catalogue::from_toml(&protected).unwrap();
        let rules_b = CellRules::new(&catalogue, 9, &zone, now);
        for (kind, bytes, is_taken) in [
            (10, &[10, 4][..], true),
            (10, &[7, 4], false),
            (1, &[7], false),
            (1, &[10], false),
        ] {
            let judged = rules_b.judge(&cell(1, "20260131", &[1, 2], kind, bytes));
            assert_eq!(judged.is_ok(), is_taken, "{kind} {bytes:?}");
        }
        let future = rules
            .judge(&cell(1, "20260203", full, 1, &[1]))
            .unwrap_err();
        let wait = Duration::from_secs(47 * 3600 + 1800);
        assert_eq!(future.retry, Retry::After(wait));
        let unknown = rules.judge(&cell(77, "202601", full, 3, &[1])).unwrap_err();
        assert_eq!(unknown.retry, Retry::PastCatalogue(9));
    }
}
