//! Arguments of `tongxin hub indicator …` and `tongxin hub quality …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use super::{Dir, Output};

#[derive(Debug, Subcommand)]
pub enum Indicator {
    /// 起草：检查目录文件，可请节点先试算 · Draft from a catalogue file, tried out first where asked
    Publish(IndicatorPublish),
    /// 批准：按 1 %、10 %、全部推行；停下的继续 · Approve: out to 1 %, 10 %, all; a halted one goes on
    Approve {
        #[command(flatten)]
        at: Dir,
        /// 指标代码 · An indicator's code
        code: String,
    },
    /// 阶段、节点进度、试算、重叠 · Stage, progress of nodes, dry runs, overlaps
    Status(IndicatorStatus),
    /// 停用：节点不再计数，历史仍可查 · Retire: nodes count no more, history can still be asked for
    Retire {
        #[command(flatten)]
        at: Dir,
        /// 指标代码，可带版次 · QS.R02, or QS.R02@1
        code: String,
    },
}

#[derive(Debug, Args)]
pub struct IndicatorPublish {
    #[command(flatten)]
    pub at: Dir,
    /// 目录文件 · Catalogue file
    pub file: PathBuf,
    /// 每批观察多久，缺省 24 小时 · How long each wave is watched: 24h unless given
    #[arg(long, value_name = "DURATION")]
    pub wave_hold: Option<SignedDuration>,
    /// 请这些社区的节点先试算 · Communities whose nodes try it out first
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub dry_run_on: Vec<String>,
}

#[derive(Debug, Args)]
pub struct IndicatorStatus {
    #[command(flatten)]
    pub at: Dir,
    /// 只看一个指标，全部细节 · One indicator in full
    #[arg(default_value = "")]
    pub code: String,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum Quality {
    /// 与其他社区相差太远的 · Communities far from the others, by the modified z-score
    Outliers(Outliers),
    /// 两边应有的关系，如 rule QS.R07@1 le QS.R01@1 · How two sides should stand
    Rule(Rule),
}

#[derive(Debug, Args)]
pub struct Outliers {
    #[command(flatten)]
    pub at: Dir,
    /// 指标代码 · An indicator's code
    pub indicator: String,
    /// 周期 · Period, such as 202601
    #[arg(long)]
    pub period: String,
    /// 地点代码或前缀 · Place code; the whole hub unless given
    #[arg(long, default_value = "")]
    pub place: String,
    /// 偏离超过多少算离群 · Scores beyond are outliers
    #[arg(long, default_value_t = 3.5)]
    pub bound: f64,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Rule {
    #[command(flatten)]
    pub at: Dir,
    /// 公式，如 QS.R07@1 · A formula, such as QS.R07@1
    pub left: String,
    /// 关系 · How they should stand
    #[arg(value_enum)]
    pub operator: Operator,
    /// 公式或整数 · A formula, or a whole number
    pub right: String,
    /// 周期 · Period, such as 202601
    #[arg(long)]
    pub period: String,
    /// 地点代码或前缀 · Place code; the whole hub unless given
    #[arg(long, default_value = "")]
    pub place: String,
    /// 一边没有数时 · What a side without a number means
    #[arg(long, value_enum, default_value_t = Missing::Skip)]
    pub missing: Missing,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Missing {
    /// 不作判断 · Nothing is said
    Skip,
    /// 视为不符 · The rule is broken
    Breaks,
    /// 未报视为零 · Nothing reported counts as 0
    Zero,
}
