//! Joining a district with an invite: the same for a node and an operator.

use std::{fs, path::Path};

use node_server::identity::{IdentityFault, join::join as enrol};
use proto_edge::clock::Clock;

use crate::{
    client,
    failure::{Exit, Failure},
    say,
};

/// `token` is the line that `tongxin hub invite` printed, or `file:PATH` of it.
pub fn join(dir: &Path, token: &str) -> Result<(), Failure> {
    let line = line(token)?;
    let membership = client::block_on(async {
        enrol(line.trim(), dir, &Clock::system(0))
            .await
            .map_err(refused)
    })?;
    let identity = membership.holder().map_err(client::configuration)?.identity;
    say!(
        "已入网：{}，枢纽 {}",
        "Joined: {}, hub {}",
        identity,
        membership.hub
    );
    Ok(())
}

/// The invite itself, or what is in the file that is named in its place.
pub fn line(token: &str) -> Result<String, Failure> {
    match token.strip_prefix("file:") {
        None => Ok(token.to_owned()),
        Some(path) => fs::read_to_string(path)
            .map_err(|error| Failure::new(Exit::Usage, format!("{path}: {error}"))),
    }
}

pub fn refused(fault: IdentityFault) -> Failure {
    match fault {
        IdentityFault::Hub(status) => Failure::from_status(&status),
        other => Failure::new(Exit::NotPermitted, other.to_string()),
    }
}
