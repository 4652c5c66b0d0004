//! The register of asked numbers: who asks for what, why, until when, what it
//! costs. A view of the catalogue and its rollouts; holds nothing of its own.

use jiff::civil::Date;
use proto::indicator::{
    catalogue::{Catalogue, ItemId},
    cell::Revision,
    definition::IndicatorCode,
};

use crate::{
    catalogue::Log,
    rollout::{Rollouts, Tried},
};

/// A sunset is announced so many days ahead.
pub const NOTICE_DAYS: i32 = 30;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub code: IndicatorCode,
    pub revision: Revision,
    pub name_zh: String,
    pub owner: String,
    pub reason: String,
    pub legal_basis: Option<String>,
    pub sunset: Option<Date>,
    pub centres: Vec<String>,
    pub standing: Standing,
    /// Asked for after the hub was founded, as this rollout.
    pub rollout: Option<u32>,
    pub cost: Cost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Collected,
    /// So many days of collection are left, the last one included.
    Ending(i32),
    /// Its last day is over: nodes count nothing that happens since, and let it go.
    Ended,
    /// Withdrawn before its time.
    Retired,
}

/// What it asks of communities. Nobody fills anything in: it is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Computed at the hub, from other numbers or from what it sees of its net; no
    /// community does anything.
    pub is_derived: bool,
    /// Of the dry run: nodes that answered, facts read and time taken by all.
    pub tried: u32,
    pub facts: u64,
    pub took_ms: u64,
}

impl Cost {
    const WORKED_OUT: Cost = Cost {
        is_derived: true,
        tried: 0,
        facts: 0,
        took_ms: 0,
    };
}

/// In the order of their codes, retired ones last.
pub fn register(log: &Log, rollouts: &Rollouts, today: Date) -> Vec<Ask> {
    let catalogue: &Catalogue = log.catalogue();
    let standing = |code: &IndicatorCode, revision, sunset: Option<Date>| {
        let left = sunset.map(|last| (last - today).get_days() + 1);
        match left {
            // The hub retires it then; it was not before its time.
            Some(left) if left <= 0 => Standing::Ended,
            _ if log.is_retired(&ItemId::Indicator(code.clone(), revision)) => Standing::Retired,
            Some(left) if left <= NOTICE_DAYS => Standing::Ending(left),
            _ => Standing::Collected,
        }
    };
    let names =
        |centres: &[proto::identity::Label]| centres.iter().map(ToString::to_string).collect();
    let counted = catalogue.definitions().map(|of| Ask {
        code: of.code.clone(),
        revision: of.revision,
        name_zh: of.name.zh.clone(),
        owner: of.owner.clone(),
        reason: of.reason.clone(),
        legal_basis: of.legal_basis.clone(),
        sunset: of.sunset,
        centres: names(&of.centres),
        standing: standing(&of.code, of.revision, of.sunset),
        rollout: rollout(rollouts, &of.code, of.revision),
        cost: match of.fold.is_observed() {
            true => Cost::WORKED_OUT,
            false => cost(rollouts, &of.code, of.revision),
        },
    });
    let derived = catalogue.all_derived().map(|of| Ask {
        code: of.code.clone(),
        revision: of.revision,
        name_zh: of.name.zh.clone(),
        owner: of.owner.clone(),
        reason: of.reason.clone(),
        legal_basis: of.legal_basis.clone(),
        sunset: of.sunset,
        centres: names(&of.centres),
        standing: standing(&of.code, of.revision, of.sunset),
        rollout: rollout(rollouts, &of.code, of.revision),
        cost: Cost::WORKED_OUT,
    });
    let mut asks: Vec<Ask> = counted.chain(derived).collect();
    asks.sort_by(|a, b| {
        let retired = |ask: &Ask| matches!(ask.standing, Standing::Retired | Standing::Ended);
        let keys = |ask: &Ask| (retired(ask), ask.code.clone(), ask.revision);
        keys(a).cmp(&keys(b))
    });
    asks
}

/// HUB.B01 基层填报负担: numbers that communities count for the hub beyond those
/// that it was founded with. Fewer is better.
pub fn burden(asks: &[Ask]) -> usize {
    let counted = asks.iter().filter(|ask| {
        let is_live = matches!(ask.standing, Standing::Collected | Standing::Ending(_));
        is_live && ask.rollout.is_some() && !ask.cost.is_derived
    });
    counted.count()
}

fn rollout(rollouts: &Rollouts, code: &IndicatorCode, revision: Revision) -> Option<u32> {
    let item = ItemId::Indicator(code.clone(), revision);
    let mut all = rollouts.all().rev();
    let found = all.find(|rollout| rollout.indicators().any(|of| of == item));
    found.map(|rollout| rollout.number)
}

fn cost(rollouts: &Rollouts, code: &IndicatorCode, revision: Revision) -> Cost {
    let number = rollout(rollouts, code, revision);
    let Some(rollout) = number.and_then(|number| rollouts.get(number)) else {
        return Cost::default();
    };
    let counted = rollout.tried.values().filter_map(|tried| match tried {
        Tried::Counted(trial) => Some(trial),
        Tried::Refused { .. } => None,
    });
    counted.fold(Cost::default(), |cost, trial| Cost {
        is_derived: false,
        tried: cost.tried + 1,
        facts: cost.facts + trial.facts,
        took_ms: cost.took_ms + trial.took_ms,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use proto::{
        identity::LogId,
        indicator::catalogue::{Catalogue, Item},
        pb::types as pb,
    };

    use super::*;

    fn log(sunset: &str) -> Log {
        let first = Catalogue::from_toml(include_str!("../../../deploy/catalogue/first.toml"));
        let first = first.unwrap();
        let mut wire = pb::IndicatorDefinition::from(&**first.by_code("QS.R01", None).unwrap());
        wire.sunset = sunset.to_owned();
        wire.legal_basis = "统计法第七条".to_owned();
        let dimensions = first.dimensions().map(|of| Item::Dimension(Arc::clone(of)));
        let mut log = Log::new(LogId([7; 16]));
        let items: Vec<Item> = dimensions
            .chain([Item::from_definition(wire).unwrap()])
            .collect();
        log.apply(&items);
        log
    }

    #[test]
    fn a_sunset_is_told_thirty_days_ahead_and_ends_the_collection() {
        let log = log("2026-06-30");
        for (today, want) in [
            (date(2026, 5, 31), Standing::Collected),
            (date(2026, 6, 1), Standing::Ending(30)),
            (date(2026, 6, 30), Standing::Ending(1)),
            (date(2026, 7, 1), Standing::Ended),
        ] {
            let asks = register(&log, &Rollouts::default(), today);
            assert_eq!((asks.len(), asks[0].standing), (1, want), "{today}");
            assert_eq!(asks[0].legal_basis.as_deref(), Some("统计法第七条"));
            assert_eq!(burden(&asks), 0, "it was there from the beginning");
        }
    }

    #[test]
    fn what_is_withdrawn_is_shown_as_such() {
        let mut log = log("");
        log.withdraw(&[ItemId::Indicator("QS.R01".parse().unwrap(), Revision(1))]);
        let asks = register(&log, &Rollouts::default(), date(2026, 1, 1));
        assert_eq!(asks[0].standing, Standing::Retired);
    }
}
