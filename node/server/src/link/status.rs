//! How the line is, for whoever looks after the node. Knows no machine.

use jiff::Timestamp;

/// Kept current by the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Twelve digits.
    pub community: String,
    /// `spiffe://…`; empty before the node has joined.
    pub identity: String,
    pub certificate_not_after: Option<Timestamp>,
    /// For programs: one upper-case word.
    pub state: &'static str,
    /// For people.
    pub detail: String,
    /// The hub has every cell up to here on disk, or refused it by name.
    pub acked_cell_seq: u64,
    pub last_ack_at: Option<Timestamp>,
    pub rejected_cells: u32,
    /// Of the line, granted by the hub; 0: never welcomed.
    pub epoch: u64,
    /// Changes when the hub's store went back; 0: never welcomed.
    pub hub_incarnation: u64,
}

impl LinkStatus {
    /// A node that has not joined a district.
    pub fn alone(community: String) -> LinkStatus {
        LinkStatus {
            community,
            identity: String::new(),
            certificate_not_after: None,
            state: "NOT_JOINED",
            detail: String::new(),
            acked_cell_seq: 0,
            last_ack_at: None,
            rejected_cells: 0,
            epoch: 0,
            hub_incarnation: 0,
        }
    }
}
