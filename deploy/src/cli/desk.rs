//! Arguments of a centre's desk in `tongxin centre …`: what communities ask of it,
//! what it offers them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Dir, Output};

#[derive(Debug, Subcommand)]
pub enum Desk {
    /// 生成附件密钥并向枢纽登记公钥 · Make the key for attachments and tell the hub its public half
    Key {
        #[command(flatten)]
        at: Dir,
        /// 私钥存到此文件，须不存在 · Where the secret half goes; must be new
        #[arg(long, value_name = "FILE")]
        secret: PathBuf,
    },
    /// 社区向本中心提出的请求 · What communities ask of this centre
    Requests {
        #[command(flatten)]
        at: Dir,
        /// 只看一种状态，如 asked、accepted · One stage only
        #[arg(long, default_value = "")]
        stage: String,
        /// 只看逾期的 · Late ones only
        #[arg(long)]
        late: bool,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 用私钥打开一件请求的附件 · Open a request's attachment with the secret half
    Attachment {
        #[command(flatten)]
        of: Of,
        #[arg(long, value_name = "FILE")]
        secret: PathBuf,
        /// 存到此文件，须不存在 · Where to put it; must be new
        #[arg(long, value_name = "FILE")]
        save: PathBuf,
    },
    /// 转给另一个中心（支持中心专用）· Route to another centre; the support centre's alone
    Route {
        #[command(flatten)]
        of: Of,
        /// 中心代码 · A centre's code
        #[arg(long)]
        to: String,
        /// 附件，已用对方公钥加密的 age 文件 · The attachment as an age file for the other centre
        #[arg(long, value_name = "FILE")]
        attachment: Option<PathBuf>,
    },
    /// 受理，约定完成日 · Accept, with the day that was agreed
    Accept {
        #[command(flatten)]
        of: Of,
        /// 约定的完成日 · The day by which it is done: 2026-03-05
        #[arg(long)]
        deliver_by: String,
    },
    /// 婉拒，说明原因 · Decline, with a reason
    Decline {
        #[command(flatten)]
        of: Of,
        #[arg(long)]
        reason: String,
    },
    /// 开始办理 · Start to deliver
    Start {
        #[command(flatten)]
        of: Of,
    },
    /// 办完 · It is done
    Complete {
        #[command(flatten)]
        of: Of,
        /// 做了什么，社区看得到 · What was done, for the community
        #[arg(long, default_value = "")]
        result: String,
    },
    /// 向社区发布课程、资助、通知或专家 · Offer a course, a grant, a notice or an expert
    Offer(Offer),
    /// 本中心发布的项目 · What this centre offers
    Offers {
        #[command(flatten)]
        at: Dir,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 结束一个项目 · Close an offer
    Close {
        #[command(flatten)]
        of: Of,
    },
}

/// One request or offer.
#[derive(Debug, Args)]
pub struct Of {
    #[command(flatten)]
    pub at: Dir,
    /// 列表所示的名称 · The name that a list shows
    pub name: String,
}

#[derive(Debug, Args)]
pub struct Offer {
    #[command(flatten)]
    pub at: Dir,
    #[arg(long, value_enum)]
    pub kind: OfferKind,
    #[arg(long)]
    pub title: String,
    #[arg(long)]
    pub text: String,
    /// 报名截止日 · The last day to enrol
    #[arg(long, default_value = "")]
    pub until: String,
    /// 每个社区的名额，0 为不限 · Places for each community, 0 for no limit
    #[arg(long, default_value_t = 0)]
    pub places: u32,
    /// 资助方式：直接资助、以奖代补、购买服务、公益创投 · Form of funding, of a grant
    #[arg(long, value_enum)]
    pub form: Option<Form>,
    /// 资助金额（分），每个社区 · Amount in fen for each community, of a grant
    #[arg(long, default_value_t = 0)]
    pub fen: u64,
    /// 只给这些街道或社区，代码 · Streets or communities only, by code
    #[arg(long = "place", value_delimiter = ',')]
    pub places_of: Vec<String>,
    /// 只给这些类型 · Types only, as old-estate
    #[arg(long = "type", value_delimiter = ',')]
    pub types: Vec<String>,
    /// 只给指标达到的社区：代码:周期:下限，如 TN.F04.N:2026Q1:1 · Only by a number: CODE:PERIOD:AT-LEAST
    #[arg(long = "at-least", value_delimiter = ',')]
    pub thresholds: Vec<String>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OfferKind {
    Course,
    Grant,
    Notice,
    Expert,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    Direct,
    Award,
    Purchase,
    Venture,
}
