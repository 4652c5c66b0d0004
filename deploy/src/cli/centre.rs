//! Arguments of `tongxin centre …`.

use clap::Subcommand;

use super::{Desk, Dir};

#[derive(Debug, Subcommand)]
pub enum Centre {
    /// 凭邀请入网 · Join with an invite
    Join {
        #[command(flatten)]
        at: Dir,
        /// 邀请，或 file:路径 · The invite, or file:PATH
        token: String,
    },
    #[command(flatten)]
    Desk(Desk),
}
