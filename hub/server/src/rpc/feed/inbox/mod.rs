//! Centres that have a server of their own: one delivery for each that is a member
//! and has an inbox set, none for others. Knows no connection.

mod delivery;
mod line;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use hub_domain::centre::Inbox;
use proto::identity::{Label, Subject};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::Feeds;
use crate::pki::{authority::Authority, gate::HubGate, ledger::IssuanceLedger as _};
use delivery::Delivery;

/// How soon what operators set is done, and who was revoked is cut off.
const ROUND: Duration = Duration::from_secs(1);

pub struct Inboxes {
    pub feeds: Arc<Feeds>,
    pub authority: Arc<Authority>,
    pub gate: Arc<HubGate>,
}

/// A delivery that goes on.
struct Running {
    inbox: Inbox,
    cut: CancellationToken,
    task: JoinHandle<()>,
}

impl Inboxes {
    /// Until the hub stops; the feed's tasks are waited for with the feed.
    pub async fn run(self) {
        let mut running = HashMap::new();
        let stop = self.feeds.stop.clone();
        loop {
            self.round(&mut running);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    fn round(&self, running: &mut HashMap<Label, Running>) {
        let wanted = self.wanted();
        running.retain(|code, delivery| {
            let is_wanted = wanted.get(code) == Some(&delivery.inbox);
            let stays = is_wanted && !delivery.task.is_finished();
            if !stays {
                delivery.cut.cancel();
            }
            stays
        });
        for (code, inbox) in wanted {
            let begun = || self.begin(&code, inbox);
            running.entry(code.clone()).or_insert_with(begun);
        }
    }

    fn wanted(&self) -> BTreeMap<Label, Inbox> {
        let (centres, members) = (self.feeds.store.centres(), self.feeds.store.state());
        let with_inbox = centres.centres().filter_map(|(code, centre)| {
            let inbox = centre.inbox.clone()?;
            let member = members.member(&Subject::Centre(code.clone()))?;
            member.revoked.is_none().then(|| (code.clone(), inbox))
        });
        with_inbox.collect()
    }

    fn begin(&self, code: &Label, inbox: Inbox) -> Running {
        let cut = CancellationToken::new();
        let delivery = Delivery {
            feeds: self.feeds.clone(),
            authority: self.authority.clone(),
            gate: self.gate.clone(),
            centre: code.clone(),
            inbox: inbox.clone(),
            cut: cut.clone(),
        };
        let named = tracing::info_span!("delivery", centre = %code, %inbox);
        let task = self.feeds.tasks.spawn(delivery.run().instrument(named));
        Running { inbox, cut, task }
    }
}
