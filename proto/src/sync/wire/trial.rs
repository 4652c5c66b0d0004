//! Dry runs on the wire: what a hub asks to be counted, and what it came to.

use prost::Message as _;

use super::{InvalidMessage, invalid};
use crate::{
    indicator::{catalogue::Item, cell::Revision, definition::IndicatorCode, dimension::Dimension},
    pb::sync as pb,
    sync::trial::{Trial, TrialCount, UNRECORDED},
};

/// The payload of an item that asks for a dry run.
pub fn dry_run(rollout: u32, items: &[Item]) -> Vec<u8> {
    let (mut dimensions, mut indicators) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Dimension(dimension) => dimensions.push((&**dimension).into()),
            Item::Definition(definition) => indicators.push((&**definition).into()),
            // Of no node.
            Item::Derived(_) => {}
        }
    }
    let asked = pb::DryRun {
        rollout,
        dimensions,
        indicators,
    };
    asked.encode_to_vec()
}

/// What is to be tried out, as far as this build understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    pub rollout: u32,
    pub items: Vec<Item>,
    /// Definitions that this build cannot take, and why.
    pub beyond: Vec<TrialCount>,
}

impl DryRun {
    pub fn from_payload(payload: &[u8]) -> Result<DryRun, InvalidMessage> {
        let asked = pb::DryRun::decode(payload);
        let asked = asked.map_err(|_| invalid("payload", "want a DryRun"))?;
        let mut read = DryRun {
            rollout: asked.rollout,
            items: Vec::new(),
            beyond: Vec::new(),
        };
        for dimension in asked.dimensions {
            let dimension = Dimension::try_from(dimension);
            let dimension =
                dimension.map_err(|wrong| invalid("payload.dimensions", wrong.to_string()))?;
            read.items
                .push(Item::Dimension(std::sync::Arc::new(dimension)));
        }
        for wire in asked.indicators {
            let names = (wire.code.parse::<IndicatorCode>(), Revision(wire.revision));
            match Item::from_definition(wire) {
                Ok(item) => read.items.push(item),
                Err(refused) => {
                    let (code, revision) = names;
                    let code = code.map_err(|_| invalid("payload.indicators", "want codes"))?;
                    let refusal = refused.to_string();
                    read.beyond.push(TrialCount {
                        code,
                        revision,
                        cells: 0,
                        smallest: None,
                        refusal,
                    });
                }
            }
        }
        Ok(read)
    }
}

impl From<&Trial> for pb::Trial {
    fn from(trial: &Trial) -> pb::Trial {
        let counts = trial.counts.iter().map(|count| pb::TrialCount {
            code: count.code.to_string(),
            revision: count.revision.0,
            cells: count.cells,
            smallest: count.smallest,
            refusal: count.refusal.clone(),
        });
        pb::Trial {
            rollout: trial.rollout,
            facts: trial.facts,
            took_ms: trial.took_ms,
            counts: counts.collect(),
            unrecorded: trial.unrecorded.clone(),
        }
    }
}

impl TryFrom<pb::Trial> for Trial {
    type Error = InvalidMessage;

    fn try_from(wire: pb::Trial) -> Result<Trial, InvalidMessage> {
        if wire.unrecorded.len() > UNRECORDED {
            return Err(invalid("trial.unrecorded", "want at most 100"));
        }
        let counts = wire.counts.into_iter().map(|count| {
            let code = count.code.parse::<IndicatorCode>();
            Ok(TrialCount {
                code: code.map_err(|_| invalid("trial.counts.code", "want a code"))?,
                revision: Revision(count.revision),
                cells: count.cells,
                smallest: count.smallest,
                refusal: count.refusal,
            })
        });
        Ok(Trial {
            rollout: wire.rollout,
            facts: wire.facts,
            took_ms: wire.took_ms,
            counts: counts.collect::<Result<_, InvalidMessage>>()?,
            unrecorded: wire.unrecorded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{indicator::catalogue::Catalogue, pb::types};

    #[test]
    fn what_is_beyond_this_build_is_named_and_the_rest_tried_out() {
        let first = include_str!("../../../../deploy/catalogue/first.toml");
        let items: Vec<Item> = Catalogue::from_toml(first).unwrap().items().collect();
        let payload = dry_run(7, &items);
        let read = DryRun::from_payload(&payload).unwrap();
        assert_eq!((read.rollout, &read.items), (7, &items));
        assert_eq!(read.beyond, []);

        let mut newer = pb::DryRun::decode(&payload[..]).unwrap();
        let of = |wire: &mut types::IndicatorDefinition| {
            let spec = wire.accumulator.as_mut().unwrap();
            spec.of.as_mut().unwrap().fact_type = "weather.reported".into();
        };
        of(&mut newer.indicators[0]);
        newer.indicators[1].accumulator.as_mut().unwrap().kind = 77;
        let read = DryRun::from_payload(&newer.encode_to_vec()).unwrap();
        assert_eq!(read.items.len(), items.len() - 2);
        let refusals: Vec<&str> = read.beyond.iter().map(|count| &*count.refusal).collect();
        assert!(
            refusals[0].contains("\"weather.reported\": want one of"),
            "{refusals:?}"
        );
        assert!(
            refusals[1].contains("accumulator.kind: want count, sum"),
            "{refusals:?}"
        );
        assert!(DryRun::from_payload(&[0xff]).is_err());
    }

    #[test]
    fn an_answer_survives_the_line() {
        let trial = Trial {
            rollout: 7,
            facts: 1200,
            took_ms: 8,
            counts: vec![TrialCount {
                code: "QS.R01".parse().unwrap(),
                revision: Revision(2),
                cells: 40,
                smallest: Some(1),
                refusal: String::new(),
            }],
            unrecorded: vec!["duty.alerted".into()],
        };
        let back = Trial::try_from(pb::Trial::from(&trial)).unwrap();
        assert_eq!(back, trial);
    }
}
