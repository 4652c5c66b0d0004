//! The command tree: what can be asked of `tongxin`. Knows no behaviour.

mod audit;
mod backup;
mod centre;
mod desk;
mod extension;
mod hub;
mod indicator;
mod node;
mod period;
mod query;
mod subject;
mod support;
mod watch;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::locale::Locale;

pub use audit::{Audit, AuditExport};
pub use backup::{Backup, RecoveryKey, RestoreFrom, VerifyBackup};
pub use centre::{Centre, FileFormat, Follow, Inbox, Kept};
pub use desk::{Desk, Of as DeskOf, Offer as DeskOffer};
pub use extension::Extension;
pub use hub::{
    AuditLog, Authority, Catalogue, CentreDeliver, CentreSet, Centres, Head, Hub, HubInit,
    HubStatus, Invite, Reclaim, Register, Release, Revoke,
};
pub use indicator::{
    Indicator, IndicatorPublish, IndicatorStatus, Missing, Operator, Outliers, Quality, Rule,
};
pub use node::{
    Import, ImportCases, ImportRegister, Node, NodeInit, PlaybookCommand, RegisterTemplate, Role,
    Token, TokenCreate,
};
pub use period::{Period, PeriodLock, Revisions};
pub use query::{Comparison, Grain, GroupBy, Query, RegisterAs};
pub use subject::Subject;
pub use support::Support;
pub use watch::{Watch, WatchLevel, WatchRule};

/// 同心：社区的事记一次，区里看数不看人 · Communities record once, the district reads numbers
#[derive(Debug, Parser)]
#[command(name = "tongxin", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// 界面语言 · Language of messages
    #[arg(long, global = true, value_enum, env = "TONGXIN_LOCALE")]
    pub locale: Option<Locale>,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "退出码 · Exit codes: 0 完成 done · 1 失败 failure · 2 用法 usage · \
65 数据有误 bad data · 69 对方不可达 peer unreachable · 75 稍后再试 try later · \
77 无权或证书 permission or certificate · 78 配置 configuration";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 真实数据演示：一个枢纽、二十四个节点 · A district on real data
    Demo(Demo),
    /// 区枢纽 · The district's hub
    #[command(subcommand)]
    Hub(Hub),
    /// 支持中心：入网、接收指标 · A support centre: joins, receives its indicators
    #[command(subcommand)]
    Centre(Centre),
    /// 社区节点 · A community's node
    #[command(subcommand)]
    Node(Node),
    /// 生成恢复密钥：备份加密给它 · Make a recovery key, to which backups are encrypted
    RecoveryKey(RecoveryKey),
}

#[derive(Debug, Args)]
pub struct Demo {
    /// 改演文章里的六个社区，各过一年 · Instead: the six communities of the article, a year of each
    #[arg(long, conflicts_with = "communities")]
    pub article: bool,
    /// 节点数，报事最多的在先 · How many nodes, those with most cases first
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=24), default_value_t = 24)]
    pub communities: u8,
    /// 数据目录，须不存在或为空 · Where to put the files; must be new or empty
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// 结束后保留文件 · Keep the files afterwards
    #[arg(long)]
    pub keep: bool,
    /// 与原始数据逐项核对，打印 JSON 后退出 · Compare with what was put in, print JSON, exit 0 or 1
    #[arg(long)]
    pub check: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Dir {
    /// 数据目录 · Data directory
    #[arg(long, env = "TONGXIN_DIR")]
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub at: Dir,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Table,
    Json,
    Csv,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_tree_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_speaks_both_languages() {
        fn check(command: &clap::Command, path: &str) {
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            let english = about.chars().any(|c| c.is_ascii_alphabetic());
            let chinese = about
                .chars()
                .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(english && chinese, "{path}: {about:?}");
            for sub in command
                .get_subcommands()
                .filter(|sub| sub.get_name() != "help")
            {
                check(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        check(&Cli::command(), "tongxin");
    }
}
