//! From a parsed command to the module that does it.

use crate::{backup, centre, cli::Command, failure::Failure, hub, node};

pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => crate::demo::run(&demo),
        Command::Hub(command) => hub::run(command),
        Command::Centre(command) => centre::run(command),
        Command::Node(command) => node::run(command),
        Command::RecoveryKey(make) => backup::recovery_key(&make),
    }
}
