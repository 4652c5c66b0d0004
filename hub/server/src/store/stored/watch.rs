//! Watch rules and warnings as stored.

use hub_domain::{
    query,
    watch::{Condition, Event, Rule, WarningId},
};
use proto::{
    indicator::cell::Revision,
    period::{Grain, Period},
    place::{Level, Place},
};

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredWatch {
    #[prost(oneof = "What", tags = "1, 2, 3, 4, 5")]
    pub what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum What {
    #[prost(message, tag = "1")]
    Ruled(StoredRule),
    #[prost(message, tag = "2")]
    Retired(StoredRetired),
    #[prost(message, tag = "3")]
    Raised(StoredRaised),
    #[prost(message, tag = "4")]
    Cleared(StoredCleared),
    #[prost(message, tag = "5")]
    Acknowledged(StoredAcknowledged),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRule {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub code: String,
    #[prost(string, tag = "3")]
    pub indicator: String,
    /// 0: the newest.
    #[prost(uint32, tag = "4")]
    pub revision: u32,
    /// Digits of the code.
    #[prost(string, tag = "5")]
    pub place: String,
    /// 1 province … 5 community.
    #[prost(uint32, tag = "6")]
    pub level: u32,
    /// 1 day … 6 year.
    #[prost(uint32, tag = "7")]
    pub grain: u32,
    /// 1 above, 2 below, 3 rising, 4 falling.
    #[prost(uint32, tag = "8")]
    pub condition: u32,
    #[prost(double, tag = "9")]
    pub warn: f64,
    #[prost(double, tag = "10")]
    pub clear: f64,
    #[prost(uint32, tag = "11")]
    pub periods: u32,
    #[prost(string, tag = "12")]
    pub centre: String,
    #[prost(string, tag = "13")]
    pub note: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRetired {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub rule: String,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRaised {
    #[prost(uint64, tag = "1")]
    pub warning: u64,
    #[prost(string, tag = "2")]
    pub rule: String,
    #[prost(string, tag = "3")]
    pub place: String,
    #[prost(uint32, tag = "4")]
    pub period: u32,
    #[prost(double, tag = "5")]
    pub value: f64,
    #[prost(message, optional, tag = "6")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCleared {
    #[prost(uint64, tag = "1")]
    pub warning: u64,
    #[prost(uint32, tag = "2")]
    pub period: u32,
    #[prost(double, tag = "3")]
    pub value: f64,
    #[prost(message, optional, tag = "4")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAcknowledged {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint64, tag = "2")]
    pub warning: u64,
    #[prost(string, tag = "3")]
    pub note: String,
    #[prost(message, optional, tag = "4")]
    pub at: Option<StoredTime>,
}

const LEVELS: [Level; 5] = [
    Level::Province,
    Level::City,
    Level::District,
    Level::Street,
    Level::Community,
];

impl From<&Event> for StoredWatch {
    fn from(event: &Event) -> StoredWatch {
        let what = match event {
            Event::Ruled { asked, rule } => What::Ruled(StoredRule {
                asked: Some(asked.into()),
                ..rule.into()
            }),
            Event::Retired { asked, rule, at } => What::Retired(StoredRetired {
                asked: Some(asked.into()),
                rule: rule.to_string(),
                at: Some((*at).into()),
            }),
            Event::Raised {
                warning,
                rule,
                place,
                period,
                value,
                at,
            } => What::Raised(StoredRaised {
                warning: warning.0,
                rule: rule.to_string(),
                place: place.to_string(),
                period: period.number(),
                value: *value,
                at: Some((*at).into()),
            }),
            Event::Cleared {
                warning,
                period,
                value,
                at,
            } => What::Cleared(StoredCleared {
                warning: warning.0,
                period: period.number(),
                value: *value,
                at: Some((*at).into()),
            }),
            Event::Acknowledged {
                asked,
                warning,
                note,
                at,
            } => What::Acknowledged(StoredAcknowledged {
                asked: Some(asked.into()),
                warning: warning.0,
                note: note.clone(),
                at: Some((*at).into()),
            }),
        };
        StoredWatch { what: Some(what) }
    }
}

impl From<&Rule> for StoredRule {
    fn from(rule: &Rule) -> StoredRule {
        let (warn, clear) = rule.condition.bounds();
        let level = LEVELS.iter().position(|level| *level == rule.level);
        StoredRule {
            asked: None,
            code: rule.code.to_string(),
            indicator: rule.indicator.code.clone(),
            revision: rule.indicator.revision.map_or(0, |revision| revision.0),
            place: rule.place.to_string(),
            level: level.map_or(0, |at| at as u32 + 1),
            grain: rule.grain as u32,
            condition: match rule.condition {
                Condition::Above { .. } => 1,
                Condition::Below { .. } => 2,
                Condition::Rising { .. } => 3,
                Condition::Falling { .. } => 4,
            },
            warn,
            clear,
            periods: rule.periods.into(),
            centre: rule.centre.to_string(),
            note: rule.note.clone(),
        }
    }
}

impl TryFrom<StoredRule> for Rule {
    type Error = Unreadable;

    fn try_from(stored: StoredRule) -> Result<Rule, Unreadable> {
        let (warn, clear) = (stored.warn, stored.clear);
        let level = (stored.level as usize).checked_sub(1);
        let rule = Rule {
            code: parsed(&stored.code, "code")?,
            indicator: query::Asked {
                code: stored.indicator,
                revision: (stored.revision != 0).then_some(Revision(stored.revision)),
            },
            place: parsed(&stored.place, "place")?,
            level: (level.and_then(|at| LEVELS.get(at)).copied())
                .ok_or_else(|| Unreadable::field("level"))?,
            grain: (Grain::ALL
                .into_iter()
                .find(|grain| *grain as u32 == stored.grain))
            .ok_or_else(|| Unreadable::field("grain"))?,
            condition: match stored.condition {
                1 => Condition::Above { warn, clear },
                2 => Condition::Below { warn, clear },
                3 => Condition::Rising { warn, clear },
                4 => Condition::Falling { warn, clear },
                _ => return Err(Unreadable::field("condition")),
            },
            periods: u8::try_from(stored.periods).map_err(|_| Unreadable::field("periods"))?,
            centre: parsed(&stored.centre, "centre")?,
            note: stored.note,
        };
        rule.checked()
            .map_err(|cause| Unreadable::of("rule")(&cause))
    }
}

impl TryFrom<StoredWatch> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredWatch) -> Result<Event, Unreadable> {
        Ok(
            match stored.what.ok_or_else(|| Unreadable::field("what"))? {
                What::Ruled(mut stored) => Event::Ruled {
                    asked: asked(stored.asked.take())?,
                    rule: stored.try_into()?,
                },
                What::Retired(stored) => Event::Retired {
                    asked: asked(stored.asked)?,
                    rule: parsed(&stored.rule, "rule")?,
                    at: time(stored.at)?,
                },
                What::Raised(stored) => Event::Raised {
                    warning: WarningId(stored.warning),
                    rule: parsed(&stored.rule, "rule")?,
                    place: parsed::<Place>(&stored.place, "place")?,
                    period: period(stored.period)?,
                    value: stored.value,
                    at: time(stored.at)?,
                },
                What::Cleared(stored) => Event::Cleared {
                    warning: WarningId(stored.warning),
                    period: period(stored.period)?,
                    value: stored.value,
                    at: time(stored.at)?,
                },
                What::Acknowledged(stored) => Event::Acknowledged {
                    asked: asked(stored.asked)?,
                    warning: WarningId(stored.warning),
                    note: stored.note,
                    at: time(stored.at)?,
                },
            },
        )
    }
}

fn parsed<T: std::str::FromStr>(text: &str, field: &'static str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable::field(field))
}

fn period(number: u32) -> Result<Period, Unreadable> {
    Period::from_number(number).map_err(|_| Unreadable::field("period"))
}

#[cfg(test)]
mod tests {
    use hub_domain::event::Event as HubEvent;

    use super::super::{decode, encode};
    use super::*;

    fn events() -> Vec<(Event, &'static str)> {
        let asked = hub_domain::event::Asked {
            by: "operator/li".parse().unwrap(),
            request: "r-1".parse().unwrap(),
        };
        let at = "2026-03-01T04:00:00Z".parse().unwrap();
        let rule = Rule {
            code: "open-cases".parse().unwrap(),
            indicator: query::Asked {
                code: "QS.R01".to_owned(),
                revision: Some(Revision(2)),
            },
            place: "510115".parse().unwrap(),
            level: Level::Community,
            grain: Grain::Month,
            condition: Condition::Rising {
                warn: 0.5,
                clear: 0.25,
            },
            periods: 2,
            centre: "care".parse().unwrap(),
            note: "看".to_owned(),
        };
        let (code, period) = (rule.code.clone(), "202602".parse().unwrap());
        let place = "510115003064".parse().unwrap();
        let warning = WarningId(3);
        let ruled = Event::Ruled {
            asked: asked.clone(),
            rule,
        };
        let raised = Event::Raised {
            warning,
            rule: code.clone(),
            place,
            period,
            value: 12.0,
            at,
        };
        let cleared = Event::Cleared {
            warning,
            period,
            value: 4.0,
            at,
        };
        let acknowledged = Event::Acknowledged {
            asked: asked.clone(),
            warning,
            note: "去看".to_owned(),
            at,
        };
        let retired = Event::Retired {
            asked,
            rule: code,
            at,
        };
        vec![
            (ruled, RULED),
            (raised, RAISED),
            (cleared, CLEARED),
            (acknowledged, ACKNOWLEDGED),
            (retired, RETIRED),
        ]
    }

    const RULED: &str = "01e203590a570a120a0b6f70657261746f722f6c691203722d31120a6f70656e2d63617365731a0651532e52303120022a0635313031313530053803400349000000000000e03f51000000000000d03f58026204636172656a03e79c8b";
    const RAISED: &str = "01e203321a300803120a6f70656e2d63617365731a0c35313031313530303330363420cb5e29000000000000284032060880e79d9a0d";
    const CLEARED: &str = "01e203182216080310cb5e19000000000000104022060880e79d9a0d";
    const ACKNOWLEDGED: &str =
        "01e203282a260a120a0b6f70657261746f722f6c691203722d3110031a06e58ebbe79c8b22060880e79d9a0d";
    const RETIRED: &str = "01e2032a12280a120a0b6f70657261746f722f6c691203722d31120a6f70656e2d63617365731a060880e79d9a0d";

    #[test]
    fn the_bytes_are_frozen_and_read_back() {
        let (events, frozen): (Vec<Event>, Vec<&str>) = events().into_iter().unzip();
        let written = events
            .iter()
            .map(|event| encode(&HubEvent::Watch(event.clone()), None));
        let written: Vec<Vec<u8>> = written.collect();
        let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let said: Vec<String> = written.iter().map(hex).collect();
        assert_eq!(said, frozen);
        for (event, bytes) in events.iter().zip(&written) {
            let HubEvent::Watch(read) = decode(bytes).unwrap() else {
                panic!("another event");
            };
            assert_eq!(read, *event);
        }
    }
}
