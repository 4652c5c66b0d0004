//! Arguments of `tongxin hub query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Dir, Output};

#[derive(Debug, Args)]
pub struct Query {
    #[command(flatten)]
    pub at: Dir,
    /// 指标代码，可带版次 · Indicator codes, QS.R02 or QS.R02@1
    #[arg(required = true)]
    pub indicators: Vec<String>,
    /// 地点代码或前缀，缺省为全区 · Place code; the whole hub unless given
    #[arg(long, default_value = "")]
    pub place: String,
    /// 起始周期，如 202601、2026Q1 · First period
    #[arg(long)]
    pub from: String,
    /// 终止周期（含）· Last period, inclusive
    #[arg(long, default_value = "")]
    pub to: String,
    /// 答案的粒度 · Grain of the answer
    #[arg(long, value_enum)]
    pub grain: Option<Grain>,
    /// 分组 · Group rows by
    #[arg(long = "by", value_enum, value_delimiter = ',')]
    pub group_by: Vec<GroupBy>,
    /// 按此细分分组 · Dimension for --by breakdown
    #[arg(long, default_value = "")]
    pub breakdown: String,
    /// 只要这些成员：维度=成员,成员 · Only these members: dimension=member,member
    #[arg(long = "where")]
    pub filters: Vec<String>,
    /// 对比 · Compare with
    #[arg(long = "compare", value_enum, value_delimiter = ',')]
    pub comparisons: Vec<Comparison>,
    /// 最好的 N 行 · The best N rows
    #[arg(long, conflicts_with = "bottom")]
    pub top: Option<u32>,
    /// 最差的 N 行 · The worst N rows
    #[arg(long)]
    pub bottom: Option<u32>,
    /// 地点按当时，还是按现在（合并了的计入后继） · Places as they were then, or as they are now: what has merged counts to its successor
    #[arg(long = "as", value_enum, conflicts_with = "register_date")]
    pub register_as: Option<RegisterAs>,
    /// 名册按此日，而非按各周期 · Register as of this date (2026-01-31)
    #[arg(long, default_value = "")]
    pub register_date: String,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// 存为文件，附方法说明：.xlsx .parquet .csv .json .adx.xml .dhis2.json · Save to a file, with a statement of method beside it
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// CSV 开头加 BOM，便于 Excel · Start CSV with a byte order mark for Excel
    #[arg(long)]
    pub bom: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RegisterAs {
    Then,
    Now,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Half,
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    Community,
    Street,
    District,
    City,
    Province,
    Type,
    Period,
    Breakdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Comparison {
    Previous,
    YearBefore,
    TypeMedian,
}
