//! `RegisterService`: requests about registers parsed, entries shown with what
//! their reader may know. Decides nothing.

mod parse;
mod roll;
mod service;
mod show;

use node_domain::process::Engine;

use super::process::Desk;

const ENGINE: Engine = Engine::Registers;

pub struct RegisterRpc(pub Desk);
