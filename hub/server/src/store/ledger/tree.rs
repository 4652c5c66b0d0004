//! What the writer decides for this hub as a child: its standing, the seqs of
//! merged cells, the items of its parent.

use hub_domain::{event::Event, tree};
use journal::Appender;
use proto::{
    indicator::cell::{CellKey, CellState},
    place::Place,
    sync::downlink::Refused,
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
}

pub enum TreeAnswer {
    /// Durable as this record.
    Recorded(u64),
    /// It speaks for another place already.
    Elsewhere(Place),
    Taken(Vec<Refused>),
    Done,
}

impl HubLedger {
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
