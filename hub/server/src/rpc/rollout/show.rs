//! Rollouts as they are sent. Computes no progress and decides nothing.

use hub_domain::{
    catalogue::Log,
    overlap::{self, Relation},
    rollout::{self, Cause, Halt, Progress, Rollout, Stage, Tried, Uptake, Wave, progress},
};
use proto::{
    indicator::catalogue::{Item, ItemId},
    pb::hub as pb,
    place::Place,
};

use crate::rpc::field::wire_time;

/// Nodes that are named, at most.
const NAMED: usize = 20;
/// Overlaps of one rollout, at most.
const OVERLAPS: usize = 100;

pub struct Shown<'a> {
    pub log: &'a Log,
    pub uptake: &'a Uptake,
}

impl Shown<'_> {
    pub fn rollout(&self, rollout: &Rollout) -> pb::Rollout {
        let indicators: Vec<ItemId> = rollout.indicators().collect();
        let items: Vec<ItemId> = rollout.items.iter().map(Item::id).collect();
        let asked = rollout.terms.trial.iter();
        let (halt_reason, halt_details) = rollout.halted.as_ref().map(halted).unwrap_or_default();
        pb::Rollout {
            number: rollout.number,
            since: Some(wire_time(rollout.since)),
            wave_hold: Some(prost_types::Duration {
                seconds: rollout.terms.hold.as_secs(),
                nanos: 0,
            }),
            halted: rollout.halted.is_some(),
            halt_reason,
            halt_details,
            dry_runs: asked
                .map(|node| dry_run(*node, rollout.tried.get(node)))
                .collect(),
            overlaps: self.overlaps(&rollout.items),
            ..self.standing(&indicators, &items, stage(rollout.stage))
        }
    }

    /// What was published without a rollout; `None`: there is no such indicator.
    pub fn published_at_once(&self, code: &str) -> Option<pb::Rollout> {
        let all = self.log.catalogue().items().map(|item| item.id());
        let items: Vec<ItemId> = all
            .filter(|item| matches!(item, ItemId::Indicator(of, _) if of.as_str() == code))
            .collect();
        let is_retired = items.iter().all(|item| self.log.is_retired(item));
        let stage = match is_retired {
            true => pb::RolloutStage::Retired,
            false => pb::RolloutStage::Live,
        };
        (!items.is_empty()).then(|| self.standing(&items, &items, stage))
    }

    fn standing(
        &self,
        indicators: &[ItemId],
        items: &[ItemId],
        stage: pb::RolloutStage,
    ) -> pb::Rollout {
        let Progress {
            done,
            behind,
            refused,
            outside,
        } = progress(items, self.log, self.uptake);
        pb::Rollout {
            indicators: indicators.iter().map(short).collect(),
            stage: stage.into(),
            nodes_done: count(done.len()),
            nodes_behind: count(behind.len()),
            nodes_refused: count(refused.len()),
            nodes_outside: outside,
            behind: behind.iter().take(NAMED).map(Place::to_string).collect(),
            refusals: refused
                .into_iter()
                .take(NAMED)
                .map(|(node, reason, detail)| pb::NodeRefusal {
                    community: node.to_string(),
                    reason,
                    detail,
                })
                .collect(),
            ..pb::Rollout::default()
        }
    }

    fn overlaps(&self, items: &[Item]) -> Vec<pb::Overlap> {
        let mut found = Vec::new();
        for item in items {
            let Item::Definition(new) = item else {
                continue;
            };
            let others = overlap::overlap(new, self.log.catalogue()).into_iter();
            found.extend(others.map(|other| pb::Overlap {
                indicator: format!("{}@{}", new.code, new.revision.0),
                with: format!("{}@{}", other.code, other.revision.0),
                relation: relation(other.relation).into(),
                narrows: other.narrows,
            }));
        }
        found.truncate(OVERLAPS);
        found
    }
}

/// Why it halted, and the first few who refused.
pub fn halted(halt: &Halt) -> (String, Vec<String>) {
    let reason = match halt.cause {
        Cause::Refusals { refused, of } => {
            let bound = rollout::REFUSALS_PERCENT;
            format!("{refused} of {of} nodes refuse, more than {bound} per cent")
        }
        Cause::Contradicts => "what was published since contradicts it".to_owned(),
    };
    (reason, halt.details.clone())
}

fn dry_run(node: Place, tried: Option<&Tried>) -> pb::DryRun {
    let asked = pb::DryRun {
        community: node.to_string(),
        answered: tried.is_some(),
        ..pb::DryRun::default()
    };
    match tried {
        None => asked,
        Some(Tried::Refused { reason, detail }) => pb::DryRun {
            reason: reason.clone(),
            detail: detail.clone(),
            ..asked
        },
        Some(Tried::Counted(trial)) => pb::DryRun {
            facts: trial.facts,
            took_ms: trial.took_ms,
            unrecorded: trial.unrecorded.clone(),
            counts: trial
                .counts
                .iter()
                .map(|count| pb::DryRunCount {
                    indicator: format!("{}@{}", count.code, count.revision.0),
                    cells: count.cells,
                    smallest: count.smallest,
                    refusal: count.refusal.clone(),
                })
                .collect(),
            ..asked
        },
    }
}

fn short(item: &ItemId) -> String {
    match item {
        ItemId::Indicator(code, revision) => format!("{code}@{}", revision.0),
        ItemId::Dimension(code) => code.to_string(),
    }
}

const fn stage(stage: Stage) -> pb::RolloutStage {
    match stage {
        Stage::Draft => pb::RolloutStage::Draft,
        Stage::DryRun => pb::RolloutStage::DryRun,
        Stage::Approved => pb::RolloutStage::Approved,
        Stage::Wave(Wave::OnePercent) => pb::RolloutStage::Wave1,
        Stage::Wave(Wave::TenPercent) => pb::RolloutStage::Wave10,
        Stage::Wave(Wave::All) => pb::RolloutStage::Wave100,
        Stage::Live => pb::RolloutStage::Live,
        Stage::Retired => pb::RolloutStage::Retired,
    }
}

const fn relation(relation: Relation) -> pb::OverlapRelation {
    match relation {
        Relation::Same => pb::OverlapRelation::Same,
        Relation::Answered => pb::OverlapRelation::Answered,
        Relation::SameFacts => pb::OverlapRelation::SameFacts,
        Relation::SharedFacts => pb::OverlapRelation::SharedFacts,
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
