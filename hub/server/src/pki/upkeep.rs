//! Keeps a running hub's identity good: renews the issuer and the hub's own
//! leaf, swaps the TLS configuration, and cuts connections that should be gone.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use proto_edge::{live::Live, tls::mutual_server};
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::{PkiFault, authority::Authority, gate::HubGate};

/// Revocation cuts at once; this only catches what slipped between a handshake
/// and the register, and certificates that expire under a long stream.
pub const ROUND: Duration = Duration::from_secs(60);

pub struct Upkeep {
    authority: Arc<Authority>,
    gate: Arc<HubGate>,
    live: Arc<Live>,
    config: Arc<ArcSwap<ServerConfig>>,
}

impl Upkeep {
    /// Makes the configuration that the listener reads per connection.
    pub fn new(
        authority: Arc<Authority>,
        gate: Arc<HubGate>,
        live: Arc<Live>,
    ) -> Result<Upkeep, PkiFault> {
        authority.renew_issuer()?;
        let config = configure(&authority, &gate)?;
        Ok(Upkeep {
            authority,
            gate,
            live,
            config: Arc::new(ArcSwap::from_pointee(config)),
        })
    }

    pub fn config(&self) -> Arc<ArcSwap<ServerConfig>> {
        self.config.clone()
    }

    /// One round: whatever is due is renewed, whoever is out is cut.
    pub fn round(&self) -> Result<(), PkiFault> {
        let cut = self.live.retain(|peer| self.gate.keeps(peer));
        if cut > 0 {
            tracing::info!(cut, "connections of former members cut");
        }
        if self.authority.renew_issuer()? {
            tracing::info!("issuing certificate renewed");
        }
        self.config
            .store(Arc::new(configure(&self.authority, &self.gate)?));
        Ok(())
    }

    pub async fn run(self, every: Duration, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(every);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut rolls = self.authority.rolls();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = rounds.tick() => {}
                // Whoever is invited now knows the new root alone.
                Ok(()) = rolls.changed() => {}
            }
            if let Err(fault) = self.round() {
                tracing::error!(%fault, "identity upkeep failed; trying again in a round");
            }
        }
    }
}

fn configure(authority: &Authority, gate: &Arc<HubGate>) -> Result<ServerConfig, PkiFault> {
    let own = authority.hub_credential()?;
    let roots = authority.roots();
    Ok(mutual_server(
        &own,
        &roots,
        gate.clone(),
        authority.clock(),
    )?)
}
