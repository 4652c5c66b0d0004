//! `tongxin node move`: the community goes on under another hub, with its store.

use std::path::Path;

use node_server::{
    departure::{DepartureFault, depart},
    identity::{IdentityFault, join::join_elsewhere},
};
use proto_edge::clock::Clock;

use super::serve::config;
use crate::{
    client,
    failure::{Exit, Failure},
    join::{line, refused},
    say,
};

#[derive(Debug, thiserror::Error)]
enum MoveFault {
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    #[error("{0}; the node must not run while it moves")]
    Departure(#[from] DepartureFault),
}

/// `token` is what `tongxin hub invite` printed at the hub that it goes to.
pub fn relocate(dir: &Path, token: &str) -> Result<(), Failure> {
    let (line, config) = (line(token)?, config(dir)?);
    let membership = client::block_on(async {
        let leave = move || async move { depart(config).await.map_err(MoveFault::from) };
        join_elsewhere(line.trim(), dir, &Clock::system(0), leave)
            .await
            .map_err(failure)
    })?;
    let identity = membership.holder().map_err(client::configuration)?.identity;
    say!(
        "已转到 {}，枢纽 {}。原枢纽请运行 tongxin hub release",
        "Moved: {}, hub {}. At the old hub, run tongxin hub release",
        identity,
        membership.hub
    );
    Ok(())
}

fn failure(fault: MoveFault) -> Failure {
    match fault {
        MoveFault::Identity(fault) => refused(fault),
        MoveFault::Departure(_) => Failure::new(Exit::Storage, fault.to_string()),
    }
}
