//! `tongxin centre …`: what a centre or an extension of the support cloud runs.

mod desk;
mod follow;
mod inbox;

use std::path::Path;

use node_server::identity::{credentials::Credentials, renew::renew};
use proto_edge::clock::Clock;

use crate::{cli::Centre, client, failure::Failure, join::refused, say};

pub fn run(command: Centre) -> Result<(), Failure> {
    match command {
        Centre::Join { at, token } => crate::join::join(&at.dir, &token),
        Centre::Renew(at) => renewed(&at.dir),
        Centre::Desk(command) => desk::run(command),
        Centre::Follow(follow) => follow::follow(&follow),
        Centre::Receive(inbox) => inbox::serve(&inbox),
    }
}

fn renewed(dir: &Path) -> Result<(), Failure> {
    let holder = client::block_on(async {
        let credentials = Credentials::open(dir, Clock::system(0));
        let credentials = credentials.map_err(client::configuration)?;
        renew(&credentials).await.map_err(refused)?;
        credentials.holder().map_err(client::configuration)
    })?;
    say!("已续期：{}", "Renewed: {}", holder.identity);
    Ok(())
}
