//! Arguments of the audit's two commands.

use std::path::PathBuf;

use clap::Args;

use super::{Dir, Output};

#[derive(Debug, Args)]
pub struct AuditExport {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(long)]
    pub community: String,
    /// 周期，如 202603；缺省为全部 · A period; all unless given
    #[arg(long, default_value = "")]
    pub period: String,
    /// 指标代码，缺省为全部 · An indicator's code; all unless given
    #[arg(long, default_value = "")]
    pub indicator: String,
    /// 写到此目录，须为空 · Where to write; must be new or empty
    pub bundle: PathBuf,
}

#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    pub at: Dir,
    /// 周期，如 202603；缺省为全部 · A period; all unless given
    #[arg(long, default_value = "")]
    pub period: String,
    /// 指标代码，缺省为全部 · An indicator's code; all unless given
    #[arg(long, default_value = "")]
    pub indicator: String,
    /// 用带来的审计包，不联枢纽 · Read this bundle and do not ask the hub
    #[arg(long, conflicts_with_all = ["period", "indicator"])]
    pub bundle: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}
