//! `AssessmentService`: requests about assessments parsed, assessments shown as
//! their reader may see them. Decides nothing.

mod parse;
mod service;

use node_domain::actor::Actor;
use node_domain::assessments::{Assessment, Listing, Outcome, Score, Version};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::fields::{ENTRIES, wire_time};
use super::process::{Desk, Shown};
use crate::store::Store;
use crate::store::fault::StoreFault;

const ENGINE: Engine = Engine::Assessments;

pub struct AssessmentRpc(pub Desk);

impl Shown for pb::Assessment {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Assessment> {
        let one: &Assessment = state.try_into().ok()?;
        Some(pb::Assessment {
            name,
            kind: one.kind.to_string(),
            rules: one.rules.playbook.to_string(),
            subject: named(one.subject),
            grid: text(&one.grid),
            year: one.year.into(),
            number: one.number.into(),
            stage: one.stage.code().to_owned(),
            scores: one.scores.iter().map(score).collect(),
            outcome: one.outcome.as_ref().or(one.found.as_ref()).map(outcome),
            noticed_on: text(&one.noticed_on),
            reply: text(&one.reply),
            versions: (1..).zip(&one.versions).map(version).collect(),
            updated_at: Some(wire_time(one.acted_at)),
        })
    }

    /// What is not published yet is the office's.
    fn complete(&mut self, _: &Store, _: &State, actor: &Actor) -> Result<(), StoreFault> {
        if matches!(actor, Actor::Resident(_) | Actor::Handler(_)) {
            self.scores.clear();
            self.outcome = None;
            self.reply.clear();
        }
        Ok(())
    }
}

fn named(entry: u64) -> String {
    format!("{ENTRIES}{entry}")
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn score(score: &Score) -> pb::AssessorScore {
    pb::AssessorScore {
        part: score.part.to_string(),
        by: named(score.by),
        points: score.points.map(u32::from),
    }
}

fn outcome(outcome: &Outcome) -> pb::AssessmentOutcome {
    let mut shown = pb::AssessmentOutcome::default();
    match outcome {
        Outcome::Scored { average, listing } => {
            shown.centipoints = average.centipoints();
            shown.set_listing(match listing {
                Listing::Red => pb::Listing::Red,
                Listing::Neither => pb::Listing::Neither,
                Listing::Black => pb::Listing::Black,
            });
        }
        Outcome::Surveyed { satisfied, valid } => {
            (shown.satisfied, shown.valid) = (*satisfied, *valid);
        }
        Outcome::Suitable => shown.suitable = true,
        Outcome::Unsuitable { reason } => shown.unsuitable = reason.to_string(),
    }
    shown
}

fn version((number, version): (u32, &Version)) -> pb::AssessmentVersion {
    pb::AssessmentVersion {
        number,
        published_on: version.published_on.to_string(),
        outcome: Some(outcome(&version.outcome)),
        reply: text(&version.reply),
        corrected: text(&version.corrected),
    }
}
