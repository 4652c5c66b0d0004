//! Arguments of `tongxin node subject …`.

use clap::Subcommand;

use super::{Dir, Status};

#[derive(Debug, Subcommand)]
pub enum Subject {
    /// 某人的全部信息，打印为 JSON · Everything that is held of one person, as JSON
    Export {
        #[command(flatten)]
        at: Dir,
        /// 此人的任一报事、条目或代号，如 cases/42、entries/7、residents/wx-7f3a · Any case or entry of the person, or the resident's name
        name: String,
    },
    /// 更正报事的个人信息，未给的照旧 · Put the personal fields of a case right; what is not given stays
    Correct {
        #[command(flatten)]
        at: Dir,
        /// 报事，如 cases/42 · The case
        case: String,
        /// 姓名 · Name
        #[arg(long)]
        name: Option<String>,
        /// 电话 · Phone
        #[arg(long)]
        phone: Option<String>,
        /// 地址 · Address
        #[arg(long)]
        address: Option<String>,
        /// 内容 · Text
        #[arg(long)]
        text: Option<String>,
    },
    /// 销毁当事人密钥，个人信息永不可读 · Destroy the person's keys for ever
    Erase {
        #[command(flatten)]
        at: Dir,
        /// 同 export · As for export
        name: String,
    },
    /// 谁在何时查阅、更正、删除 · Who asked for what, and when
    Accesses(Status),
}
