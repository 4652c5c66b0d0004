//! The history of adopted playbooks, a row for each.

use jiff::Timestamp;
use node_domain::playbook::adoption::Adoption;
use node_domain::token::TokenId;

use super::Projection;
use crate::store::adopted::Version;
use crate::store::keyspace::playbook::{AdoptedPlaybooks, AdoptedRow, Place};

impl Projection {
    /// Everything that was ever adopted, oldest first.
    pub fn adopted(&self) -> &[Version] {
        &self.adopted
    }

    pub(super) fn adopt(
        &mut self,
        position: u64,
        (adopted_at, token): (Timestamp, Option<TokenId>),
        adoption: &Adoption,
    ) {
        for (index, adopted) in (0..).zip(&adoption.playbooks) {
            let row = AdoptedRow::new((adopted_at, token, adoption.replaces_all), adopted);
            let place = Place { position, index };
            self.rows.put::<AdoptedPlaybooks>(&place, &row);
            self.adopted.push((place, row));
        }
    }
}
