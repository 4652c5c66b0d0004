//! Arguments of `tongxin hub watch …`.

use clap::{Args, Subcommand, ValueEnum};

use super::{Dir, Grain, Output, Status};

#[derive(Debug, Subcommand)]
pub enum Watch {
    /// 设定规则，同名的即被替换 · Make a rule, or replace the one of its code
    Set(Box<WatchRule>),
    /// 停用规则，未解除的预警一并解除 · Retire a rule; its open warnings are cleared
    Retire {
        #[command(flatten)]
        at: Dir,
        code: String,
    },
    /// 列出规则 · List the rules
    Rules(Status),
    /// 列出预警，新的在前 · List warnings, newest first
    Warnings {
        #[command(flatten)]
        at: Dir,
        /// 只看未解除的 · Only those that are not cleared
        #[arg(long)]
        open: bool,
        /// 只看这个中心的 · Only this centre's
        #[arg(long, default_value = "")]
        centre: String,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 接手一条预警 · Take a warning up
    Acknowledge {
        #[command(flatten)]
        at: Dir,
        number: u64,
        /// 打算怎么办 · What is going to be done
        #[arg(long, default_value = "")]
        note: String,
    },
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("condition").required(true))]
pub struct WatchRule {
    #[command(flatten)]
    pub at: Dir,
    /// 规则代码：小写字母、数字、连字符 · The rule's code: lower-case letters, digits, hyphens
    pub code: String,
    /// 指标代码，可带版次 · An indicator's code, QS.R02 or QS.R02@1
    #[arg(long)]
    pub indicator: String,
    /// 达到或高于此数即预警 · Warn at this number and above
    #[arg(long, group = "condition", allow_negative_numbers = true)]
    pub above: Option<f64>,
    /// 达到或低于此数即预警 · Warn at this number and below
    #[arg(long, group = "condition", allow_negative_numbers = true)]
    pub below: Option<f64>,
    /// 比上一周期增加达到此比例（0.5 为五成）· Warn on growth by this share (0.5: by half)
    #[arg(long, group = "condition")]
    pub rising: Option<f64>,
    /// 比上一周期减少达到此比例 · Warn on a fall by this share
    #[arg(long, group = "condition")]
    pub falling: Option<f64>,
    /// 回到此界限以内即解除；不填同预警界限 · Clear on the good side of this; the warning bound unless given
    #[arg(long, allow_negative_numbers = true)]
    pub clear: Option<f64>,
    /// 每个这一级的地点各自判断 · Each place of this level by itself
    #[arg(long, value_enum, default_value_t = WatchLevel::Community)]
    pub level: WatchLevel,
    /// 只看此地点以内 · Only within this place
    #[arg(long, default_value = "")]
    pub place: String,
    /// 周期 · Of the periods judged
    #[arg(long, value_enum, default_value_t = Grain::Month)]
    pub grain: Grain,
    /// 连续几个周期都达到才预警 · So many periods in a row
    #[arg(long, default_value_t = 1)]
    pub periods: u32,
    /// 负责的中心 · The centre responsible
    #[arg(long)]
    pub centre: String,
    /// 说明，给人看 · What to do, for people
    #[arg(long, default_value = "")]
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchLevel {
    Community,
    Street,
    District,
    City,
    Province,
}
