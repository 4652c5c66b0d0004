//! Arguments of `tongxin node support …`: what a community asks of the centres.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Dir, Output, Status};

#[derive(Debug, Subcommand)]
pub enum Support {
    /// 向中心提出请求；不连线时先存下 · Ask a centre; kept while the line is down
    Ask {
        #[command(flatten)]
        at: Dir,
        /// 中心代码；不填由支持中心转办 · A centre's code; whoever can, unless given
        #[arg(long, default_value = "")]
        centre: String,
        /// 内容，会离开社区，不写居民姓名 · The text; leaves the community, names no resident
        #[arg(long)]
        text: String,
        /// 附上此文件，只有该中心能打开 · Attach this file, for that centre alone to read
        #[arg(long, value_name = "FILE")]
        attach: Option<PathBuf>,
        /// 期望完成日 · Wanted by this day: 2026-03-05
        #[arg(long, default_value = "")]
        wanted_by: String,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 列出请求 · List requests
    List(Status),
    /// 撤回 · Withdraw
    Withdraw {
        #[command(flatten)]
        at: Dir,
        /// 如 or requests/7
        name: String,
    },
    /// 完成后评价 · Rate what was done
    Rate {
        #[command(flatten)]
        at: Dir,
        /// 如 or requests/7
        name: String,
        /// 一至五星 · 1 to 5
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=5))]
        stars: u32,
        #[arg(long, default_value = "")]
        comment: String,
        /// 评语也发给中心 · The comment goes to the centre, too
        #[arg(long)]
        share: bool,
    },
    /// 可以求助的中心，及能否收附件 · The centres, and which of them can be sent attachments
    Centres(Status),
    /// 中心提供的项目 · What the centres offer
    Offers(Status),
}
