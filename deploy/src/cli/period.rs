//! Arguments of `tongxin hub period …`.

use clap::{Args, Subcommand};

use super::{Dir, Output};

#[derive(Debug, Subcommand)]
pub enum Period {
    /// 核定并锁定已结束的周期 · Approve a period that is over, and lock it
    Lock(PeriodLock),
    /// 重开：收回核定，以便再次锁定 · Take an approval back, for another lock
    Reopen {
        #[command(flatten)]
        at: Dir,
        /// 锁定的编号，见 list · The lock's number, see list
        number: u32,
        /// 为什么 · Why
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 列出锁定，新的在前 · List locks, newest first
    List {
        #[command(flatten)]
        at: Dir,
        /// 只看未重开的 · Only those that stand
        #[arg(long)]
        standing: bool,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 列出修订：锁定之后、或报齐已久之后的变动 · List revisions: changes after a lock, or long after a period was reported
    Revisions(Revisions),
}

#[derive(Debug, Args)]
pub struct PeriodLock {
    #[command(flatten)]
    pub at: Dir,
    /// 周期，如 202601、2026Q1 · The period
    pub period: String,
    /// 只锁这些指标，缺省为全部 · Only these indicators; all unless given
    #[arg(long = "indicator", value_delimiter = ',')]
    pub indicators: Vec<String>,
    /// 备注 · A note
    #[arg(long, default_value = "")]
    pub note: String,
}

#[derive(Debug, Args)]
pub struct Revisions {
    #[command(flatten)]
    pub at: Dir,
    /// 此周期及其中的，缺省为全部 · Of this period and those inside; all unless given
    #[arg(long, default_value = "")]
    pub period: String,
    /// 指标代码 · An indicator's code
    #[arg(long, default_value = "")]
    pub indicator: String,
    /// 地点代码或前缀 · Place code or prefix
    #[arg(long, default_value = "")]
    pub place: String,
    /// 只看锁定之后的 · Only those under a lock
    #[arg(long)]
    pub locked: bool,
    /// 最多多少行 · Rows, at most
    #[arg(long, default_value_t = 1_000)]
    pub limit: usize,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}
