//! The end of a store: the writer first, then the applier, then the view's
//! files. Knows no command.

use std::{sync::Arc, thread::JoinHandle};

use journal::{Handle, Running};

use super::{
    applier::Entry,
    backlog::Backlog,
    fault::{StoreFault, ViewFault},
    ledger::HubLedger,
    view::View,
};

/// The two threads behind a store, to be ended and joined once.
pub struct Threads {
    pub(super) handle: Handle<HubLedger>,
    pub(super) writer: Running<HubLedger>,
    pub(super) applier: JoinHandle<Result<(), ViewFault>>,
    pub(super) backlog: Arc<Backlog<Entry>>,
    pub(super) view: Arc<View>,
}

impl Threads {
    /// Ends the writer, lets the applier catch up, and reports why the writer
    /// ended. Blocks. A failed sync is an error: the process should end.
    pub async fn stop(self) -> Result<(), StoreFault> {
        self.handle.stop().await;
        let joined = tokio::task::spawn_blocking(move || {
            let ended = self.writer.join();
            self.backlog.close();
            let applied = self.applier.join().map_err(|_| StoreFault::Applier);
            // Before the journal is let go, so that nobody else has the view.
            let closed = applied.and_then(|applied| Ok(applied.and_then(|()| self.view.close())?));
            ended
                .outcome
                .map_err(|cause| StoreFault::Stopped(cause.to_string()))?;
            closed
        });
        joined
            .await
            .map_err(|error| StoreFault::Stopped(error.to_string()))?
    }
}
