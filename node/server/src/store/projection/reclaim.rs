//! What starts and a store's coming back mean for the view.

use node_domain::event::Reclaimed;
use proto::sync::limits;
use proto::sync::uplink::StartId;

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::link::{Link, LinkKey, Links};
use crate::store::keyspace::start::{Start, Starts};

impl Projection {
    pub fn starts(&self) -> Result<Vec<Start>, StoreFault> {
        Ok(self.load::<Starts>(&())?.unwrap_or_default())
    }

    pub(super) fn started(&mut self, position: u64, id: StartId) -> Result<(), StoreFault> {
        let mut starts = self.starts()?;
        starts.push(Start {
            id,
            position,
            cell_seq: self.cells.seq,
        });
        let forgotten = starts.len().saturating_sub(limits::STARTS);
        starts.drain(..forgotten);
        self.rows.put::<Starts>(&(), &starts);
        Ok(())
    }

    /// Every cell anew, before the head moves past the record: a crash in
    /// between does the rest again.
    pub(super) fn reclaim(
        &mut self,
        position: u64,
        reclaimed: &Reclaimed,
    ) -> Result<(), StoreFault> {
        self.write_cells();
        self.cells.restate(position, reclaimed, &self.rows)?;
        self.drain_cells();
        let link = Link::Uplink(reclaimed.standing.clone());
        self.rows.put::<Links>(&LinkKey::Uplink, &link);
        Ok(())
    }
}
