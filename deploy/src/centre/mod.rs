//! `tongxin centre …`: what a centre of the support cloud runs.

mod desk;
mod follow;
mod inbox;

use crate::{cli::Centre, failure::Failure};

pub fn run(command: Centre) -> Result<(), Failure> {
    match command {
        Centre::Join { at, token } => crate::join::join(&at.dir, &token),
        Centre::Desk(command) => desk::run(command),
        Centre::Follow(follow) => follow::follow(&follow),
        Centre::Receive(inbox) => inbox::serve(&inbox),
    }
}
