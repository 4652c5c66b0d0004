//! `LetterService`: takes a node's letters, holds the call until there is one for
//! it. Decides nothing.

use proto::{
    pb::sync as pb,
    place::Place,
    support::{Answer, Exchange, HOLD},
    sync::end::{End, Reason},
};
use proto_edge::sync::letter_service_server::LetterService;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{community, status::status_of, uplink::failed};
use crate::store::Store;

pub struct LettersRpc {
    pub store: Store,
    /// Held calls are answered.
    pub stop: CancellationToken,
}

impl LettersRpc {
    async fn exchange(&self, node: Place, exchange: Exchange) -> Result<Answer, End> {
        let taken = self.store.letters(node, exchange.clone()).await;
        taken.map_err(failed)??;
        let mut head = self.store.support_head();
        let held = sleep(HOLD);
        tokio::pin!(held);
        let mut waits = exchange.waits;
        loop {
            head.mark_unchanged();
            let answer = self.store.post(node, &exchange);
            if !waits || !answer.letters.is_empty() {
                return Ok(answer);
            }
            tokio::select! {
                changed = head.changed() => waits = changed.is_ok(),
                () = &mut held => waits = false,
                () = self.stop.cancelled() => waits = false,
            }
        }
    }
}

#[tonic::async_trait]
impl LetterService for LettersRpc {
    async fn exchange(
        &self,
        request: Request<pb::ExchangeRequest>,
    ) -> Result<Response<pb::ExchangeResponse>, Status> {
        let node = community(&request)?;
        let exchange = Exchange::try_from(request.into_inner());
        let exchange = exchange
            .map_err(|invalid| status_of(End::of(Reason::Malformed, None, invalid.to_string())))?;
        let answer = self.exchange(node, exchange).await.map_err(status_of)?;
        Ok(Response::new((&answer).into()))
    }
}
