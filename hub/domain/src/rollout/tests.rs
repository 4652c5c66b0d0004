//! Rollouts from draft to retirement: waves, halts, who counts what.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proto::{
    identity::LogId,
    indicator::{
        catalogue::{Catalogue, Item, ItemId},
        cell::Revision,
    },
    pb::types as pb,
    place::Place,
    sync::{downlink::Refused, trial::Trial, wave},
};

use super::*;
use crate::{
    catalogue::Log,
    event::Asked,
    query::{Group, Request, Roster, resolve},
    register::Register,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

struct District {
    log: Arc<Log>,
    rollouts: Rollouts,
    uptake: Uptake,
    nodes: Vec<Place>,
    now: Timestamp,
}

fn node(n: usize) -> Place {
    format!("510115001{n:03}").parse().unwrap()
}

fn asked() -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: "r-1".parse().unwrap(),
    }
}

/// `count` definitions like QS.R01, from number 7000 on.
fn items(count: u32) -> Vec<Item> {
    let first = Catalogue::from_toml(include_str!("../../../../deploy/catalogue/first.toml"));
    let first = first.unwrap();
    let made = (0..count).map(|n| {
        let mut wire = pb::IndicatorDefinition::from(&**first.by_code("QS.R01", None).unwrap());
        (wire.id, wire.code) = (7000 + n, format!("NEW.N{n}"));
        wire.breakdowns.clear();
        Item::from_definition(wire).unwrap()
    });
    made.collect()
}

impl District {
    /// `count` nodes, all of which have followed the empty catalogue.
    fn new(count: usize) -> District {
        let mut nodes: Vec<Place> = (1..=count).map(node).collect();
        nodes.sort_by_key(|node| wave::position(*node));
        let mut district = District {
            log: Arc::new(Log::new(LogId([7; 16]))),
            rollouts: Rollouts::default(),
            uptake: Uptake::default(),
            nodes,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        for node in district.nodes.clone() {
            district.takes(node);
        }
        district
    }

    fn draft(&self, items: Vec<Item>, trial: &[Place]) -> Result<Event, Refusal> {
        let terms = Terms {
            hold: HOUR,
            trial: trial.to_vec(),
        };
        let draft = Draft { items, terms };
        let was_here = |node| self.uptake.knows(node);
        (self.rollouts).draft(&self.log, was_here, asked(), draft, self.now)
    }

    fn approve(&mut self, code: &str) {
        let event = self.rollouts.approve(code, asked(), self.now).unwrap();
        self.happens(event);
    }

    fn retire(&self, code: &str) -> Result<Event, Refusal> {
        let all = None;
        self.rollouts
            .retire(&self.log, (code, all), asked(), self.now)
    }

    /// As the hub's state applies it.
    fn happens(&mut self, event: Event) {
        carry(&event, &mut self.rollouts, &mut self.log);
    }

    /// Time passes, then whatever is due happens.
    fn later(&mut self, by: SignedDuration) -> Vec<Event> {
        self.now += by;
        let due = self.rollouts.due(&self.log, &self.uptake, self.now);
        for event in &due {
            self.happens(event.clone());
        }
        due
    }

    fn takes(&mut self, node: Place) {
        self.says(node, Vec::new());
    }

    fn says(&mut self, node: Place, refused: Vec<Refused>) {
        let taking = Taking {
            node,
            seq: self.log.head_for(node),
            relisted: false,
            refused,
        };
        self.uptake.apply(&taking);
    }

    fn refuses(&mut self, node: Place) {
        let refused = Refused {
            seq: 1,
            item_id: "indicator/NEW.N0@1".into(),
            reason: "POPULATION_UNKNOWN".into(),
            detail: "nobody said".into(),
        };
        self.says(node, vec![refused]);
    }

    fn stage(&self) -> Stage {
        self.rollouts.of("NEW.N0").unwrap().stage
    }

    /// Nodes that were sent the first of the items.
    fn reached(&self) -> usize {
        let item: ItemId = "indicator/NEW.N0@1".parse().unwrap();
        let has = |node: &&Place| self.log.issued_to(**node, &item).is_some();
        self.nodes.iter().filter(has).count()
    }
}

#[test]
fn a_definition_goes_out_to_one_ten_and_all_of_a_hundred() {
    let mut town = District::new(95);
    let drafted = town.draft(items(1), &[]).unwrap();
    town.happens(drafted);
    assert_eq!((town.stage(), town.reached()), (Stage::Draft, 0));
    assert_eq!(town.later(HOUR * 99), [], "nobody has approved");
    town.approve("NEW.N0");
    for (wave, reached) in [
        (Wave::OnePercent, 1),
        (Wave::TenPercent, 10),
        (Wave::All, 95),
    ] {
        assert_eq!(town.later(HOUR).len(), 1);
        assert_eq!((town.stage(), town.reached()), (Stage::Wave(wave), reached));
        assert_eq!(town.later(HOUR * 99), [], "nobody of the wave has taken it");
        let first = town.nodes[reached - 1];
        town.takes(first);
        town.now -= HOUR * 99;
        assert_eq!(town.later(HOUR / 2), [], "not watched for long enough");
        town.now += HOUR / 2;
    }
    assert_eq!(town.later(HOUR).len(), 1);
    assert_eq!(town.stage(), Stage::Live);
    assert!(!town.rollouts.is_underway());
}

#[test]
fn a_wave_halts_when_nodes_refuse_and_goes_on_when_told_to() {
    let mut town = District::new(20);
    town.happens(town.draft(items(1), &[]).unwrap());
    town.approve("NEW.N0");
    town.later(HOUR);
    town.refuses(town.nodes[0]);
    let halted = town.later(SignedDuration::ZERO);
    let [Event::Halted { halt, .. }] = &halted[..] else {
        panic!("{halted:?}");
    };
    assert_eq!(halt.cause, Cause::Refusals { refused: 1, of: 1 });
    let detail = format!("{} POPULATION_UNKNOWN: nobody said", town.nodes[0]);
    assert_eq!(halt.details, [detail]);
    assert_eq!(town.later(HOUR * 99), [], "it stays where it is");
    assert_eq!(town.reached(), 1);
    let items = ["indicator/NEW.N0@1".parse().unwrap()];
    let progress = progress(&items, &town.log, &town.uptake);
    assert_eq!((progress.refused.len(), progress.outside), (1, 19));

    // One refusal is accepted; the next of so few is not.
    town.approve("NEW.N0");
    assert_eq!(town.later(HOUR / 2), []);
    assert_eq!(
        town.later(HOUR).len(),
        1,
        "nobody is behind in the first wave"
    );
    assert_eq!(town.reached(), 2);
    town.refuses(town.nodes[1]);
    assert!(matches!(town.later(HOUR)[..], [Event::Halted { .. }]));
}

#[test]
fn a_few_refusals_among_many_do_not_halt() {
    let mut town = District::new(20);
    town.happens(town.draft(items(1), &[]).unwrap());
    town.approve("NEW.N0");
    for _ in 0..3 {
        town.later(HOUR);
        for node in town.nodes.clone() {
            town.takes(node);
        }
    }
    assert_eq!(town.stage(), Stage::Wave(Wave::All));
    town.refuses(town.nodes[19]);
    town.refuses(town.nodes[18]);
    assert!(
        matches!(town.later(HOUR)[..], [Event::Settled { .. }]),
        "2 of 20"
    );
}

#[test]
fn chosen_nodes_try_it_out_before_anybody_takes_it() {
    let mut town = District::new(5);
    let stranger: Place = "510115009999".parse().unwrap();
    let refused = town.draft(items(1), &[stranger]).unwrap_err();
    assert_eq!(refused.reason(), "UNKNOWN_NODE");
    let trial = [town.nodes[4], town.nodes[2]];
    town.happens(town.draft(items(2), &trial).unwrap());
    assert_eq!((town.stage(), town.reached()), (Stage::DryRun, 0));
    let told = town
        .nodes
        .iter()
        .filter(|node| town.log.head_for(**node) > 0);
    assert_eq!(told.count(), 2);
    for node in trial {
        assert_eq!(town.stage(), Stage::DryRun);
        let tried = Tried::Counted(Trial::default());
        let at = town.now;
        let number = 1;
        town.happens(Event::Tried {
            number,
            node,
            tried,
            at,
        });
    }
    assert_eq!(town.stage(), Stage::Draft);
    assert_eq!(town.log.catalogue(), &Catalogue::default());
}

#[test]
fn what_is_not_new_or_under_way_is_refused() {
    let mut town = District::new(3);
    let reason = |refused: Result<Event, Refusal>| refused.unwrap_err().reason();
    assert_eq!(reason(town.draft(vec![], &[])), "ITEM_COUNT");
    assert_eq!(reason(town.retire("NEW.N0")), "UNKNOWN_INDICATOR");
    town.happens(town.draft(items(1), &[]).unwrap());
    assert_eq!(reason(town.draft(items(2), &[])), "ROLLOUT_UNDERWAY");
    town.approve("NEW.N0");
    let again = town.rollouts.approve("NEW.N0", asked(), town.now);
    assert_eq!(reason(again), "NOTHING_TO_APPROVE");
    let retired = town.retire("NEW.N0").unwrap();
    town.happens(retired);
    assert_eq!(town.stage(), Stage::Retired);
    assert_eq!(town.later(HOUR), [], "it never began");
    assert_eq!(reason(town.retire("NEW.N0")), "UNKNOWN_INDICATOR");
    assert!(
        town.draft(items(1), &[]).is_ok(),
        "the revision is free again"
    );
}

#[test]
fn a_term_stays_as_long_as_something_is_derived_of_it() {
    let mut town = District::new(3);
    let mut all = items(1);
    let Item::Definition(definition) = &all[0] else {
        panic!("a definition");
    };
    let mut wire = pb::IndicatorDefinition::from(&**definition);
    (wire.id, wire.code) = (7100, "NEW.D1".into());
    (wire.accumulator, wire.protection) = (None, 0);
    wire.formula = "2 * NEW.N0@1".into();
    all.push(Item::from_definition(wire).unwrap());
    Arc::make_mut(&mut town.log).apply(&all);
    let refused = town.retire("NEW.N0").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "NEW.N0 is a term of NEW.D1@1: retire that first"
    );
    let retired = town.retire("NEW.D1").unwrap();
    town.happens(retired);
    let retired = town.retire("NEW.N0").unwrap();
    town.happens(retired);
    assert_eq!(town.log.snapshot(town.nodes[0]), []);
    let again = town.retire("NEW.N0").unwrap_err();
    assert_eq!(again.reason(), "ALREADY_RETIRED");
}

#[test]
fn something_published_meanwhile_halts_what_contradicts_it() {
    let mut town = District::new(3);
    town.happens(town.draft(items(1), &[]).unwrap());
    let mut other = items(1);
    let Item::Definition(definition) = &other[0] else {
        panic!("a definition");
    };
    let mut wire = pb::IndicatorDefinition::from(&**definition);
    wire.unit = "宗".into();
    other[0] = Item::from_definition(wire).unwrap();
    Arc::make_mut(&mut town.log).apply(&other);
    town.approve("NEW.N0");
    let halted = town.later(HOUR);
    assert!(
        matches!(&halted[..], [Event::Halted { halt, .. }] if halt.cause == Cause::Contradicts),
        "{halted:?}"
    );
}

#[test]
fn whoever_does_not_count_an_indicator_is_not_taken_for_a_zero() {
    let mut town = District::new(20);
    town.happens(town.draft(items(1), &[]).unwrap());
    town.approve("NEW.N0");
    town.later(HOUR);
    let mut roster = Roster::new(&Register::default(), []);
    for node in &town.nodes {
        roster.hear(*node, Some(town.now));
    }
    let absent = |town: &District| {
        let request = Request {
            indicators: vec![crate::query::Asked {
                code: "NEW.N0".into(),
                revision: Some(Revision(1)),
            }],
            place: Place::COUNTRY,
            from: "202601".parse().unwrap(),
            to: "202601".parse().unwrap(),
            grain: None,
            group: Group::default(),
            filters: vec![],
            comparisons: vec![],
            rank: None,
            register_date: None,
        };
        let mut measures = resolve(&request, town.log.catalogue()).unwrap();
        mark_absent(&mut measures, &town.log, &town.uptake, &roster);
        measures[0].absent.len()
    };
    assert_eq!(absent(&town), 20, "one was sent it and has not taken it");
    town.takes(town.nodes[0]);
    assert_eq!(absent(&town), 19);
    let through = u64::MAX;
    let (number, wave, at) = (1, Wave::All, town.now);
    town.happens(Event::Widened {
        number,
        wave,
        through,
        at,
    });
    for node in town.nodes.clone().into_iter().skip(1).take(14) {
        town.takes(node);
    }
    town.refuses(town.nodes[15]);
    assert_eq!(absent(&town), 5, "one refuses, four have not answered");
    let fresh = Uptake::default();
    let known = std::mem::replace(&mut town.uptake, fresh);
    assert_eq!(absent(&town), 0, "of an older hub's nodes nothing is known");
    town.uptake = known;

    let seq = town.log.head_for(town.nodes[2]);
    let taking = |seq, relisted| Taking {
        node: town.nodes[2],
        seq,
        relisted,
        refused: Vec::new(),
    };
    assert!(!town.uptake.is_news(&taking(seq, false), &town.log));
    assert!(
        town.uptake.is_news(&taking(seq - 1, false), &town.log),
        "it went back"
    );
    assert!(town.uptake.is_news(&taking(seq, true), &town.log));
    let unheard = Uptake::default();
    assert!(
        !unheard.is_news(&taking(seq - 1, false), &town.log),
        "on its way"
    );
    assert!(unheard.is_news(&taking(seq, false), &town.log));
}
