//! One centre's delivery: dials its server, has the session driven, and dials again
//! after a while when that ended. Knows no other centre.

use std::{
    convert::Infallible,
    future::pending,
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use hub_domain::centre::Inbox;
use proto::{
    identity::{Label, Subject},
    sync::jitter::Jitter,
};
use proto_edge::{
    centre::centre_inbox_client::CentreInboxClient,
    connector::{Address, channel},
    peer::Peer,
    problem::explained,
    tls::{Admission, Barred, admitting_client},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use super::{ROUND, line::Delivered};
use crate::{
    pki::{authority::Authority, entropy, gate::HubGate},
    rpc::feed::{Feeds, MOST_WINDOW, driver::drive, reader::Reader},
};

/// A centre's server answers within this, with headers.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// Acknowledgements are small.
const MESSAGE_LIMIT: usize = 64 * 1024;
/// A session that lasts so long is begun anew, with what are then both ends'
/// certificates.
const LONGEST: Duration = Duration::from_secs(3_600);
/// Between two attempts: full jitter below a ceiling that doubles.
const LEAST: Duration = Duration::from_millis(250);
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(60);

pub struct Delivery {
    pub feeds: Arc<Feeds>,
    pub authority: Arc<Authority>,
    pub gate: Arc<HubGate>,
    pub centre: Label,
    pub inbox: Inbox,
    pub cut: CancellationToken,
}

impl Delivery {
    pub async fn run(self) {
        // Without entropy attempts merely bunch.
        let mut jitter = Jitter::new(entropy().map_or(0, u64::from_le_bytes));
        let mut failures = 0;
        while !self.is_over() {
            let before = self.acked();
            if let Err(why) = self.deliver().await {
                tracing::info!(why, "not delivered");
                self.feeds.followers.failed(&self.centre, &why);
            }
            failures = match self.acked() == before {
                true => failures + 1,
                false => 0,
            };
            tokio::select! {
                () = sleep(jitter.within(ceiling(failures)).max(LEAST)) => {}
                () = self.over() => {}
            }
        }
    }

    /// One session. `Err`: why it did not begin, or ended before its time.
    async fn deliver(&self) -> Result<(), String> {
        if self.feeds.followers.of(&self.centre).0 {
            // It follows by itself, or the last session is still being ended.
            return Ok(());
        }
        let met = Arc::new(Met {
            gate: self.gate.clone(),
            peer: OnceLock::new(),
        });
        let opened = tokio::select! {
            opened = timeout(OPEN_WITHIN, self.open(&met)) => opened,
            () = self.over() => return Ok(()),
        };
        let mut line = opened.map_err(|_| "没有及时应答 · no answer in time".to_owned())??;
        let hang_up = line.hang_up.clone();
        let driven = drive(
            self.feeds.clone(),
            Reader::centre(self.centre.clone()),
            &mut line,
        );
        tokio::select! {
            () = driven => {}
            never = self.watch(&met, hang_up) => match never {},
        }
        line.why.map_or(Ok(()), Err)
    }

    async fn open(&self, met: &Arc<Met>) -> Result<Delivered, String> {
        let mut client =
            CentreInboxClient::new(self.channel(met)?).max_decoding_message_size(MESSAGE_LIMIT);
        // As many as may be under way.
        let (batches, sent) = mpsc::channel(MOST_WINDOW as usize + 1);
        let answered = client.deliver(ReceiverStream::new(sent)).await;
        let said = answered.map_err(|status| explained(&status))?.into_inner();
        Ok(Delivered {
            said,
            batches,
            hang_up: self.cut.child_token(),
            why: None,
        })
    }

    fn channel(&self, met: &Arc<Met>) -> Result<Channel, String> {
        let text = |fault: &dyn std::fmt::Display| fault.to_string();
        let own = self
            .authority
            .hub_credential()
            .map_err(|fault| text(&fault))?;
        let centre = self
            .authority
            .identity(Subject::Centre(self.centre.clone()));
        let (roots, clock) = (self.authority.roots(), self.authority.clock());
        let config = admitting_client(&own, &roots, &centre, met.clone(), clock);
        let config = Arc::new(ArcSwap::from_pointee(config.map_err(|fault| text(&fault))?));
        let address = self.inbox.to_string().parse::<Address>();
        let address = address.map_err(|fault| text(&fault))?;
        channel(&address, config).map_err(|fault| text(&fault))
    }

    /// Hangs up on a centre whose certificate is no longer good.
    async fn watch(&self, met: &Met, hang_up: CancellationToken) -> Infallible {
        let until = Instant::now() + self.authority.rounds(LONGEST);
        while met.is_kept() && Instant::now() < until {
            sleep(ROUND).await;
        }
        hang_up.cancel();
        pending().await
    }

    fn acked(&self) -> Option<u64> {
        let (_, fed) = self.feeds.followers.of(&self.centre);
        fed.map(|fed| fed.seq)
    }

    fn is_over(&self) -> bool {
        self.cut.is_cancelled() || self.feeds.stop.is_cancelled()
    }

    async fn over(&self) {
        tokio::select! {
            () = self.cut.cancelled() => {}
            () = self.feeds.stop.cancelled() => {}
        }
    }
}

fn ceiling(failures: u32) -> Duration {
    (FIRST * 2u32.pow(failures.min(10))).min(MOST)
}

/// Lets in whom the hub's own door lets in, and remembers who it was.
#[derive(Debug)]
struct Met {
    gate: Arc<HubGate>,
    peer: OnceLock<Peer>,
}

impl Met {
    fn is_kept(&self) -> bool {
        self.peer.get().is_some_and(|peer| self.gate.keeps(peer))
    }
}

impl Admission for Met {
    fn admits(&self, peer: &Peer) -> Result<(), Barred> {
        self.gate.admits(peer)?;
        // A channel that lost its connection is not used again.
        let _ = self.peer.set(peer.clone());
        Ok(())
    }
}
