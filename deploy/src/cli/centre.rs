//! Arguments of `tongxin centre …`: for a centre, and for an extension.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};

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
    /// 续期证书：不由 follow 代续的客户端，每周一次 · Renew the certificate now: weekly, for clients that `follow` does not keep
    Renew(Dir),
    #[command(flatten)]
    Desk(Desk),
    /// 持续接收本中心的指标，存为文件或存入 PostgreSQL · Receive this centre's indicators into files or PostgreSQL
    Follow(Follow),
    /// 同上，但由枢纽拨入递送 · The same, delivered by the hub, which dials
    Receive(Inbox),
}

#[derive(Debug, Args)]
pub struct Follow {
    #[command(flatten)]
    pub kept: Kept,
    /// 追上后退出 · End once everything up to now is stored
    #[arg(long)]
    pub until_current: bool,
}

#[derive(Debug, Args)]
pub struct Inbox {
    /// 监听地址；用 hub centre deliver 告诉枢纽 · Address to listen on; hub centre deliver tells the hub
    #[arg(long)]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub kept: Kept,
}

/// Whose rows, and where they go.
#[derive(Debug, Args)]
pub struct Kept {
    #[command(flatten)]
    pub at: Dir,
    /// 存到目录，或 postgres://… · A directory, or postgres://…
    #[arg(long)]
    pub to: String,
    /// 目录中的文件格式 · Format of the files
    #[arg(long, value_enum, default_value_t = FileFormat::Parquet)]
    pub format: FileFormat,
    /// PostgreSQL 中的模式，本中心独用 · Schema in PostgreSQL, this centre's own
    #[arg(long, default_value = "tongxin")]
    pub schema: String,
    /// PostgreSQL 服务器证书的签发机构，PEM；给出即用 TLS · Authority of the server's certificate; with it TLS is used
    #[arg(long)]
    pub postgres_ca: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    Parquet,
    Csv,
}
