//! Whether a node may begin a session, and with which epoch. A restored or
//! copied store is noticed here, because only one history can hold the epoch
//! that the hub granted last.

use jiff::Timestamp;
use proto::sync::{
    end::{End, Reason},
    head::JournalPoint,
    limits,
    uplink::{Hello, Reclaim, StartId},
};

use super::line::{Answered, Cause, Line, Quarantine, Told};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make it durable, apply it to the line, then welcome.
    Granted(Granted),
    /// The answer to this very greeting was lost: welcome as the line stands.
    /// `unheard`: starts since then, to be recorded first.
    Repeated {
        unheard: Vec<StartId>,
    },
    /// Ask for the root over the first so many records, and decide then.
    Show {
        size: u64,
    },
    /// An operator lets this store in again, on these terms.
    Reclaim(Reclaim),
    /// Refuse. `is_new`: record the sighting first, it is the first.
    Quarantined {
        quarantine: Quarantine,
        is_new: bool,
    },
    Unsupported {
        min: u32,
        max: u32,
    },
    Malformed(&'static str),
    /// The community is counted by another hub, or was let go.
    Elsewhere,
}

/// A session's fence; every commit of the session carries its epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub store_id: proto::identity::StoreId,
    pub epoch: u64,
    pub lineage: u32,
    pub answered: Answered,
    pub told: Told,
    /// The hub's incarnation from now on; durable with the grant when it rose.
    pub hub_incarnation: u64,
    /// The node remembers more than the hub does: alarm.
    pub hub_behind: Option<HubBehind>,
    /// A quarantined store has come back, as decided.
    pub is_reclaimed: bool,
    /// As the node named them.
    pub starts: Vec<StartId>,
}

/// The hub's store went back: what a node was granted or acknowledged before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubBehind {
    pub presented_epoch: u64,
    pub epoch: u64,
    pub acked_hint: u64,
    pub acked: u64,
}

/// Reference section 5.1. The writer calls this with the line as its queue has
/// left it, so that of two greetings the second sees the first's grant.
pub fn decide_hello(line: &Line, hello: &Hello, hub_incarnation: u64, now: Timestamp) -> Decision {
    if hello.protocol_min > limits::PROTOCOL_MAX || hello.protocol_max < limits::PROTOCOL_MIN {
        return Decision::Unsupported {
            min: limits::PROTOCOL_MIN,
            max: limits::PROTOCOL_MAX,
        };
    }
    let said = hello.journal_head.as_deref();
    if said.is_some_and(|head| head.log != hello.store_id) {
        return Decision::Malformed("journal_head.log_id: of another store");
    }
    let pending = line.decided.as_ref();
    if let Some(decided) = pending.filter(|decided| decided.is_about(hello)) {
        return match decided.terms(line, hello, hub_incarnation) {
            Some(terms) => Decision::Reclaim(terms),
            None => quarantined(line, hello, Cause::NothingShared, now),
        };
    }
    let is_reclaimed = pending.is_some_and(|decided| decided.is_met_by(hello));
    if !is_reclaimed && let Some(cause) = stale(line, hello) {
        return quarantined(line, hello, cause, now);
    }
    if !is_reclaimed && let Some(size) = unshown(line, hello) {
        return Decision::Show { size };
    }
    if answers(line, hello) {
        let starts = hello.starts.iter();
        let unheard = starts.filter(|start| !line.starts.contains(start));
        let unheard = unheard.copied().collect();
        return Decision::Repeated { unheard };
    }
    // Whoever comes from another hub brings the lineage of its cells along, and
    // nothing else that this hub should remember.
    let is_arrival = line.store_id.is_none() && hello.epoch == 0 && hello.acked_hint == 0;
    let is_behind = hello.epoch > line.epoch
        || (hello.lineage > line.lineage && !is_reclaimed && !is_arrival)
        || hello.acked_hint > line.acked
        || hello.seen_hub_incarnation > hub_incarnation;
    let Some(epoch) = hello.epoch.checked_add(1) else {
        return Decision::Malformed("epoch: past the last");
    };
    let lineage = if is_reclaimed {
        Some(hello.lineage)
    } else if is_arrival {
        Some(hello.lineage.max(1))
    } else if hello.lineage > line.lineage {
        hello.lineage.checked_add(1)
    } else {
        Some(line.lineage.max(1))
    };
    let Some(lineage) = lineage else {
        return Decision::Malformed("lineage: past the last");
    };
    Decision::Granted(Granted {
        store_id: hello.store_id,
        epoch,
        lineage,
        answered: Answered {
            presented_epoch: hello.epoch,
            nonce: hello.nonce,
        },
        told: Told {
            at: Some(now),
            head_seq: hello.head_seq,
            catalogue_seq: hello.catalogue_seq,
            software: hello.software.clone(),
            protocol: hello.protocol_max.min(limits::PROTOCOL_MAX),
            clock_skew: hello.node_time.duration_since(now),
        },
        // One step per going back, not one per node that notices it.
        hub_incarnation: if is_behind {
            hub_incarnation.max(hello.seen_hub_incarnation.saturating_add(1))
        } else {
            hub_incarnation
        },
        hub_behind: is_behind.then_some(HubBehind {
            presented_epoch: hello.epoch,
            epoch: line.epoch,
            acked_hint: hello.acked_hint,
            acked: line.acked,
        }),
        is_reclaimed,
        starts: hello.starts.clone(),
    })
}

/// A store that comes back from another hub knows no epoch, and nobody else held
/// one here since: it stands as its line was left, and is held against the
/// line's cursor and journal head as anybody is.
pub fn returning(line: &Line, hello: &Hello) -> Hello {
    if hello.epoch > 0 {
        return hello.clone();
    }
    Hello {
        epoch: line.epoch,
        lineage: hello.lineage.max(line.lineage),
        ..hello.clone()
    }
}

/// The last sighting stands; the same store turned away again is no news.
fn quarantined(line: &Line, hello: &Hello, cause: Cause, now: Timestamp) -> Decision {
    let seen = Quarantine {
        since: now,
        cause,
        store_id: hello.store_id,
        epoch: hello.epoch,
        lineage: hello.lineage,
        head_seq: hello.head_seq,
    };
    match &line.quarantine {
        Some(known) if known.is_of(&seen) => Decision::Quarantined {
            quarantine: known.clone(),
            is_new: false,
        },
        _ => Decision::Quarantined {
            quarantine: seen,
            is_new: true,
        },
    }
}

impl Quarantine {
    fn is_of(&self, other: &Quarantine) -> bool {
        let cause = std::mem::discriminant(&self.cause);
        cause == std::mem::discriminant(&other.cause)
            && (self.store_id, self.epoch) == (other.store_id, other.epoch)
    }

    pub fn end(&self) -> End {
        let detail = match &self.cause {
            Cause::StaleEpoch { presented, current } => {
                format!("presented epoch {presented}, current is {current}")
            }
            Cause::OtherStore { presented } => format!("store {presented} is not this line's"),
            Cause::HeadBehind { head, acked } => {
                format!("store ends at {head}, hub acknowledged {acked}")
            }
            Cause::Parted { size, known } => {
                format!("journal of {size} records is not the one known up to {known}")
            }
            Cause::NothingShared => {
                "the hub remembers no start of this store: it can only restate".to_owned()
            }
        };
        End::of(Reason::EpochStale, None, detail)
    }
}

/// Whether the current epoch was granted to this greeting.
fn answers(line: &Line, hello: &Hello) -> bool {
    line.answered.is_some_and(|answered| {
        answered.nonce == hello.nonce && answered.presented_epoch == hello.epoch
    })
}

fn stale(line: &Line, hello: &Hello) -> Option<Cause> {
    if let Some(Quarantine {
        cause: cause @ Cause::HeadBehind { .. },
        ..
    }) = &line.quarantine
    {
        return Some(cause.clone());
    }
    let store_id = line.store_id?;
    if hello.store_id != store_id {
        return Some(Cause::OtherStore {
            presented: hello.store_id,
        });
    }
    if let Some(cause) = parted(line, hello) {
        return Some(cause);
    }
    if answers(line, hello) {
        // Said before more was acknowledged, perhaps; the node itself sees from
        // the welcome whether its store is too short, and greets anew.
        return None;
    }
    if hello.epoch < line.epoch || hello.lineage < line.lineage {
        return Some(Cause::StaleEpoch {
            presented: hello.epoch,
            current: line.epoch,
        });
    }
    if hello.head_seq < line.acked {
        return Some(Cause::HeadBehind {
            head: hello.head_seq,
            acked: line.acked,
        });
    }
    None
}

/// Whether the store's journal was never what the hub knows it was.
fn parted(line: &Line, hello: &Hello) -> Option<Cause> {
    let known = line.journal_head.as_ref()?.point;
    let said = hello.journal_head.as_deref()?;
    let is_shown = |shown: JournalPoint| shown.size == known.size && shown.root != known.root;
    line.parts_from(said).or_else(|| {
        hello.shown.is_some_and(is_shown).then_some(Cause::Parted {
            size: said.point.size,
            known: known.size,
        })
    })
}

/// So many records the hub knows of, and the store has more.
fn unshown(line: &Line, hello: &Hello) -> Option<u64> {
    let known = line.journal_head.as_ref()?.point.size;
    let said = hello.journal_head.as_deref()?.point.size;
    let is_shown = hello.shown.is_some_and(|shown| shown.size == known);
    (said > known && !is_shown).then_some(known)
}

#[cfg(test)]
#[path = "arrival_tests.rs"]
mod arrival_tests;
#[cfg(test)]
#[path = "hello_tests.rs"]
mod tests;
