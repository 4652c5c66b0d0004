//! Arguments of `tongxin hub extension …`.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::SignedDuration;

use super::{Dir, Output, Status};

#[derive(Debug, Subcommand)]
pub enum Extension {
    /// 登记：查重叠，起草其指标，可请节点先试算 · Register: overlaps are checked, its definitions drafted
    Register {
        #[command(flatten)]
        at: Dir,
        /// 登记文件：一张 [extension] 表，其余同目录文件 · A table [extension], the rest as a catalogue file
        file: PathBuf,
    },
    /// 批准：指标分批推行，打印一次性邀请 · Approve: its definitions go out, and a one-time invite is printed
    Approve {
        #[command(flatten)]
        at: Dir,
        /// 扩展代码 · The extension's code
        code: String,
        /// 邀请有效期，至多七天 · How long the invite is good, at most seven days: 1h, 30m, 2d
        #[arg(long, default_value = "1h")]
        valid_for: SignedDuration,
    },
    /// 列出 · List
    List(Status),
    /// 一个扩展，全部细节：重叠、试算、推行、数据流 · One in full: overlaps, dry runs, rollout, feed
    Show {
        #[command(flatten)]
        at: Dir,
        /// 扩展代码 · The extension's code
        code: String,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 停用：指标停收，身份吊销，数据流断开 · Retire: definitions, identity and feed end
    Retire {
        #[command(flatten)]
        at: Dir,
        /// 扩展代码 · The extension's code
        code: String,
    },
}
