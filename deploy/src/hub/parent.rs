//! A hub as the child of another: its membership there, and the way to it. The
//! membership is kept like a node's, in `parent/` of the hub's directory.

use std::{path::Path, sync::Arc};

use hub_server::parent::Parent;
use node_server::identity::credentials::Credentials;
use proto::identity::Subject;
use proto_edge::{clock::Clock, membership::Membership};
use tokio_util::sync::CancellationToken;

use crate::{
    client,
    failure::{Exit, Failure},
    renewal,
};

const DIRECTORY: &str = "parent";

/// `token`: what `tongxin hub invite --child` printed at the parent.
pub fn attach(dir: &Path, token: &str) -> Result<(), Failure> {
    if !dir.join(hub_server::config::FILE).exists() {
        let problem = format!("{}: no hub here; run tongxin hub init first", dir.display());
        return Err(Failure::new(Exit::Configuration, problem));
    }
    crate::join::join(&dir.join(DIRECTORY), token)
}

/// The way to the parent, kept open by renewing its certificate until `stop`;
/// `None` for a hub without one.
pub fn line(dir: &Path, stop: &CancellationToken) -> Result<Option<Parent>, Failure> {
    let dir = dir.join(DIRECTORY);
    if !Membership::exists(&dir) {
        return Ok(None);
    }
    let credentials = Credentials::open(&dir, Clock::system(0)).map_err(client::configuration)?;
    let credentials = Arc::new(credentials);
    let holder = credentials.holder().map_err(client::configuration)?;
    let Subject::Child(place) = holder.identity.subject else {
        let problem = format!("{}: {} is no child hub", dir.display(), holder.identity);
        return Err(Failure::new(Exit::Configuration, problem));
    };
    renewal::keep(&credentials, stop);
    Ok(Some(Parent {
        place,
        swaps: credentials.swaps(),
        dial: Arc::new(move || credentials.channel().map_err(|fault| fault.to_string())),
    }))
}
