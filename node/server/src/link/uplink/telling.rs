//! What the line says of itself: to the log, and to the node's status. Asks
//! nothing of the machine but how it is.

use jiff::Timestamp;
use proto::sync::uplink::Down;
use proto_child::uplink::{Phase, action::Notice};

use super::Driver;

impl Driver {
    pub(super) fn note(&self, down: &Down, wall: Timestamp) {
        self.status.send_modify(|status| match down {
            Down::Ack(ack) => {
                status.acked_cell_seq = ack.through;
                status.last_ack_at = Some(wall);
            }
            Down::Welcome(welcome) => {
                status.acked_cell_seq = welcome.acked;
                status.epoch = welcome.epoch;
                status.hub_incarnation = welcome.hub_incarnation;
            }
            _ => {}
        });
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        match &notice {
            Notice::Welcomed { .. } => self.detail.clear(),
            Notice::Ended { end, retry_in } => {
                let detail = &end.detail;
                self.detail = format!("{detail}; next attempt in {} s", retry_in.as_secs());
            }
            Notice::Blocked { end } => self.detail.clone_from(&end.detail),
            Notice::Quarantined { detail } => self.detail.clone_from(detail),
            _ => {}
        }
        match notice {
            Notice::Welcomed {
                epoch,
                clock_skew_ms,
            } => tracing::info!(epoch, clock_skew_ms, "in line with the hub"),
            Notice::Agreed { through } => tracing::debug!(through, "both ends hold the same"),
            Notice::Ended { end, retry_in } => {
                let retry_ms = retry_in.as_millis() as u64;
                tracing::info!(reason = ?end.reason, detail = end.detail, retry_ms, "line ended");
            }
            Notice::HubReplaced { incarnation } => {
                tracing::warn!(incarnation, "the hub's store went back; sending anew");
            }
            Notice::Quarantined { detail } => {
                tracing::error!(detail, "another store holds this node's line");
            }
            Notice::Blocked { end } => {
                tracing::error!(reason = ?end.reason, detail = end.detail, "the hub shuts us out");
            }
            Notice::Reclaimed { mode } => {
                tracing::warn!(?mode, "back in line, as an operator decided");
            }
            Notice::Withheld { key } => {
                tracing::error!(?key, "a cell breaks the stream and is named instead");
            }
            Notice::Refused { cells } => tracing::warn!(cells, "the hub refused cells"),
            // Said to hubs only.
            Notice::Assigned(_) => {}
            Notice::Differs => tracing::warn!("the hub holds something else; repairing"),
        }
    }

    pub(super) fn tell(&self) {
        let state = match self.machine.phase() {
            Phase::Idle => "IDLE",
            Phase::Connect | Phase::HelloSent => "CONNECTING",
            Phase::Streaming | Phase::Checkpoint => "STREAMING",
            Phase::Backoff => "BACKOFF",
            Phase::Quarantined => "QUARANTINED",
            Phase::Reclaiming => "RECLAIMING",
            Phase::Blocked => "BLOCKED",
        };
        let rejected = u32::try_from(self.machine.refused_cells()).unwrap_or(u32::MAX);
        self.status.send_if_modified(|status| {
            let is_same = status.state == state
                && status.detail == self.detail
                && status.rejected_cells == rejected;
            if !is_same {
                status.state = state;
                status.detail.clone_from(&self.detail);
                status.rejected_cells = rejected;
            }
            !is_same
        });
    }
}
