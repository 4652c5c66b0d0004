//! The named places at which node and hub are killed: one list, in which every
//! name in the code stands. Knows no way to kill.

use std::collections::BTreeSet;

use super::harness::files_below;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    Node,
    Hub,
}
use Victim::{Hub, Node};

/// What brings a process to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stir {
    /// Cases that are reported and synced.
    Load,
    /// A person's erasure.
    Erase,
    /// A new item in the district's catalogue.
    Publish,
    /// A certificate that has to be made anew.
    Certificate,
}
use Stir::{Certificate, Erase, Load, Publish};

pub struct Point {
    pub name: &'static str,
    pub victim: Victim,
    pub stir: Stir,
    /// It ends at some visit up to this one.
    pub visits: usize,
}

const fn at(name: &'static str, victim: Victim, stir: Stir, visits: usize) -> Point {
    Point {
        name,
        victim,
        stir,
        visits,
    }
}

pub const POINTS: [Point; 30] = [
    // A group of records: decided; written; on disk; named by the head file.
    at("journal-unwritten", Node, Load, 30),
    at("journal-unsynced", Node, Load, 30),
    at("journal-synced", Node, Load, 30),
    at("journal-unanswered", Node, Load, 30),
    at("journal-unwritten", Hub, Load, 5),
    at("journal-unsynced", Hub, Load, 5),
    at("journal-synced", Hub, Load, 5),
    at("journal-unanswered", Hub, Load, 5),
    // The old segment is cut; the new one is whole but has no name.
    at("segment-finished", Node, Load, 1),
    at("segment-unnamed", Node, Load, 1),
    // One slot of the head file is written.
    at("head-unsynced", Node, Load, 2),
    // On disk, but not in the view; the view's rows before and after sled.
    at("node-unpublished", Node, Load, 30),
    at("node-view-unwritten", Node, Load, 5),
    at("node-view-written", Node, Load, 5),
    // The survivors' keys are written; the epoch file is whole but has no name;
    // it is replaced and the old set still there; the journal has not heard.
    at("erase-set-written", Node, Erase, 1),
    at("epoch-unnamed", Node, Erase, 1),
    at("erase-epoch-replaced", Node, Erase, 1),
    at("erase-unjournalled", Node, Erase, 1),
    // A nonce is on disk and the hub was not greeted; a grant is; an
    // acknowledgement came and was not read.
    at("nonce-unsent", Node, Load, 1),
    at("grant-stored", Node, Load, 1),
    at("ack-unread", Node, Load, 5),
    // A catalogue item is staged; it is active and the hub was not told.
    at("item-staged", Node, Publish, 1),
    at("item-unconfirmed", Node, Publish, 1),
    // A grant and a batch are on disk and the node was not told.
    at("welcome-unsent", Hub, Load, 1),
    at("ack-unsent", Hub, Load, 5),
    // Records are on disk; cells are in the view; their position is.
    at("hub-view-unwritten", Hub, Load, 3),
    at("hub-cells-written", Hub, Load, 3),
    at("hub-view-written", Hub, Load, 3),
    // A key file is whole but has no name; it has one that may not last.
    at("keyfile-unnamed", Node, Certificate, 1),
    at("keyfile-named", Hub, Certificate, 1),
];

#[test]
fn every_place_in_the_code_is_listed() {
    let listed: BTreeSet<&str> = POINTS.iter().map(|point| point.name).collect();
    let mut found = BTreeSet::new();
    for folder in [
        "journal/src",
        "node/server/src",
        "hub/server/src",
        "proto/edge/src",
    ] {
        for text in files_below(folder) {
            let calls = text.split("failpoint::reached(\"").skip(1);
            found.extend(calls.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, listed);
}
