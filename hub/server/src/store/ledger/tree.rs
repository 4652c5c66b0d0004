//! What the writer decides for this hub as a child: its standing, the seqs of
//! merged cells, the items of its parent.

use hub_domain::{
    event::Event,
    tree::{self, assignment::Released},
};
use jiff::Timestamp;
use journal::Appender;
use proto::{
    indicator::cell::{CellKey, CellState},
    place::Place,
    sync::{
        assignment::{Assignment, Claim},
        downlink::Refused,
    },
};
use proto_child::{downlink::Change, uplink::action::Standing};

use super::HubLedger;
use crate::store::{
    applier::{Ask, Entry, Settled},
    fault::StoreFault,
};

pub enum TreeCommand {
    /// Speak for this place.
    Place(Place),
    Stand(Standing),
    /// These cells came out differently.
    Merge(Vec<(CellKey, CellState)>),
    Settle(Settled),
    Take(Change),
    Scan(Ask),
    /// The parent's word about communities.
    Tell {
        said: Vec<Assignment>,
        at: Timestamp,
    },
    Release(Released),
}

pub enum TreeAnswer {
    /// Durable as this record.
    Recorded(u64),
    /// It speaks for another place already.
    Elsewhere(Place),
    Taken(Vec<Refused>),
    /// As it was released the first time.
    Released(Released),
    Done,
}

impl HubLedger {
    /// What a child hub is told, once what follows from its claims is recorded.
    pub(super) fn assign(
        &mut self,
        child: Place,
        claims: &[Claim],
        log: &mut Appender<'_>,
    ) -> Result<Vec<Assignment>, StoreFault> {
        let tree = &self.hub.tree;
        let assigned = tree.assignments.decide(tree.place, child, claims);
        if !assigned.is_empty() {
            let event = tree::Event::Assigned(assigned);
            self.record(Event::Tree(event), None, None, log)?;
        }
        let assignments = &self.hub.tree.assignments;
        Ok(assignments.told_to(child, &self.hub.lines))
    }

    pub(super) fn tree(
        &mut self,
        command: TreeCommand,
        log: &mut Appender<'_>,
    ) -> Result<TreeAnswer, StoreFault> {
        let event = match command {
            TreeCommand::Place(place) => match self.hub.tree.place {
                Some(known) if known == place => return Ok(TreeAnswer::Done),
                Some(known) => return Ok(TreeAnswer::Elsewhere(known)),
                None => tree::Event::Placed(place),
            },
            TreeCommand::Stand(standing) => tree::Event::Stood(standing),
            TreeCommand::Merge(changed) => tree::Event::Merged(self.hub.tree.merged(changed)),
            TreeCommand::Settle(settled) => {
                self.tell(Entry::Settled(settled))?;
                return Ok(TreeAnswer::Done);
            }
            TreeCommand::Scan(ask) => {
                self.tell(Entry::Scan(ask))?;
                return Ok(TreeAnswer::Done);
            }
            TreeCommand::Tell { said, at } => {
                let said = self.hub.tree.assignments.news(said);
                if said.is_empty() {
                    return Ok(TreeAnswer::Done);
                }
                tree::Event::Told { said, at }
            }
            TreeCommand::Release(released) => {
                let node = released.node;
                if let Some((asked, at)) = self.hub.tree.assignments.released(node) {
                    let asked = asked.clone();
                    return Ok(TreeAnswer::Released(Released { asked, node, at }));
                }
                let event = tree::Event::Released(released.clone());
                self.record(Event::Tree(event), None, None, log)?;
                return Ok(TreeAnswer::Released(released));
            }
            TreeCommand::Take(change) => {
                let own = self.hub.catalogue.catalogue();
                let (taken, refused) = self.hub.tree.take(own, change);
                self.record(Event::Tree(tree::Event::Taken(taken)), None, None, log)?;
                return Ok(TreeAnswer::Taken(refused));
            }
        };
        if let tree::Event::Merged(cells) = &event {
            self.cost += cells.len();
        }
        self.record(Event::Tree(event), None, None, log)?;
        Ok(match self.decided.last() {
            Some(Entry::Event { seq, .. }) => TreeAnswer::Recorded(*seq),
            _ => TreeAnswer::Done,
        })
    }
}
