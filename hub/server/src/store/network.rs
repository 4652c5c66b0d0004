//! What the hub sees of its own net, and questions that may be about it. Decides
//! nothing: which communities are in time is the domain's to say.

use std::{collections::BTreeMap, sync::Arc};

use hub_domain::{
    network::{Net, Observation},
    query::{self, Column, ColumnId, Columns, Measure, Request, Row, Unanswered, World},
};
use jiff::Timestamp;
use proto::{identity::Subject, place::Place};

use super::{Store, columns::Reading, fault::ViewFault};
use crate::pki::ledger::IssuanceLedger as _;

/// A question's columns, and the net they came over.
struct Seen<'a> {
    reading: Reading<'a>,
    store: &'a Store,
    now: Timestamp,
}

impl Store {
    /// Reads the view: blocks.
    pub fn answer(
        &self,
        request: &Request,
        measures: &[Measure],
        world: World<'_>,
    ) -> Result<Vec<Row>, Unanswered<ViewFault>> {
        let own = self.shared.tree.load().place;
        let seen = Seen {
            reading: Reading::new(&self.view, &self.cache, own),
            store: self,
            now: world.now,
        };
        query::answer(request, measures, world, &seen)
    }

    /// The communities that are members, and since when.
    pub fn enrolled(&self) -> BTreeMap<Place, Timestamp> {
        let members = self.state();
        let members = members.members_after(None);
        let members = members.filter(|(_, member)| member.revoked.is_none());
        let communities = members.filter_map(|(subject, member)| match subject {
            Subject::Community(place) => Some((*place, member.enrolled_at)),
            _ => None,
        });
        communities.collect()
    }

    fn observations(&self, now: Timestamp) -> Vec<Observation> {
        let (register, catalogue) = (self.register(), self.catalogue());
        let (enrolled, rollouts) = (self.enrolled(), self.rollouts());
        self.with_lines(|lines| {
            let net = Net {
                register: &register,
                enrolled: &enrolled,
                lines,
                catalogue: &catalogue,
                rollouts: &rollouts,
                zone: self.zone(),
                now,
            };
            net.observations()
        })
    }
}

impl Columns for Seen<'_> {
    type Fault = ViewFault;

    fn columns(&self, ids: &[ColumnId], place: Place) -> Result<Vec<Arc<Column>>, ViewFault> {
        self.reading.columns(ids, place)
    }

    fn observations(&self) -> Vec<Observation> {
        self.store.observations(self.now)
    }
}
