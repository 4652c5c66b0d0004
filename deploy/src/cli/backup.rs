//! Arguments of `backup`, `verify-backup` and `restore`, which node and hub share.

use std::path::PathBuf;

use clap::Args;

use super::{Dir, Output};

#[derive(Debug, Args)]
pub struct RecoveryKey {
    /// 私钥写到此文件，须不存在 · Where to write the secret half; must not exist
    pub secret: PathBuf,
}

#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    pub at: Dir,
    /// 写到此文件，须不存在 · The file to write; must not exist
    pub file: PathBuf,
    /// 恢复公钥；缺省取数据目录的 recovery.pub · Public half of a recovery key; those in recovery.pub unless given
    #[arg(long = "recipient")]
    pub recipients: Vec<String>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct VerifyBackup {
    /// 备份文件 · The backup
    pub file: PathBuf,
    /// 恢复私钥的文件 · File of the recovery key's secret half
    #[arg(long)]
    pub recovery_key: PathBuf,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct RestoreFrom {
    #[command(flatten)]
    pub at: Dir,
    /// 备份文件 · The backup
    pub file: PathBuf,
    /// 恢复私钥的文件 · File of the recovery key's secret half
    #[arg(long)]
    pub recovery_key: PathBuf,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}
