//! `FundService`: requests about funds parsed, funds shown. Decides nothing.

mod parse;
mod service;
mod show;

use node_domain::process::Engine;

use super::process::Desk;

const ENGINE: Engine = Engine::Funds;

pub struct FundRpc(pub Desk);
