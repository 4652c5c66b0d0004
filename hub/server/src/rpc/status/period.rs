//! Why a period is not locked or reopened as asked.

use hub_domain::period::{LOCKS, Refusal};
use proto_edge::problem::Problem;
use tonic::Code;

pub fn period_problem(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::NotOver(period) => Problem::new(
            Code::FailedPrecondition,
            "PERIOD_NOT_OVER",
            format!("{period} is not over: lock it when it is"),
            format!("{period} 尚未结束：请在结束后锁定"),
        )
        .with_field("period", "want a period that is over"),
        Refusal::AlreadyLocked(number) => Problem::new(
            Code::AlreadyExists,
            "PERIOD_LOCKED",
            format!(
                "it is locked already, by lock {0}; see tongxin hub period list",
                number.0
            ),
            format!("已锁定，见第 {} 号锁定：tongxin hub period list", number.0),
        )
        .with("lock", number.0),
        Refusal::UnknownLock(number) => Problem::new(
            Code::NotFound,
            "UNKNOWN_LOCK",
            format!("there is no lock {}; see tongxin hub period list", number.0),
            format!("没有第 {} 号锁定；见 tongxin hub period list", number.0),
        ),
        Refusal::AlreadyReopened(number) => Problem::new(
            Code::FailedPrecondition,
            "ALREADY_REOPENED",
            format!("lock {} was reopened before", number.0),
            format!("第 {} 号锁定已重开", number.0),
        ),
        Refusal::TooManyLocks => Problem::new(
            Code::ResourceExhausted,
            "TOO_MANY_LOCKS",
            format!("there are {LOCKS} locks: lock longer periods"),
            format!("已有 {LOCKS} 次锁定：请锁定更长的周期"),
        ),
        Refusal::NoteTooLong => Problem::field(
            "NOTE_TOO_LONG",
            "note",
            "want at most 500 characters",
            "最多 500 字",
        ),
        Refusal::UnknownIndicator(code) => unknown_indicator("indicators", code),
        Refusal::Derived(code) => Problem::field(
            "DERIVED_INDICATOR",
            "indicators",
            format!("{code} is derived: lock what it is worked out from"),
            format!("{code} 为派生指标：请锁定其所依据的指标"),
        ),
    }
}

pub fn unknown_indicator(field: &str, code: &str) -> Problem {
    let shown: String = code.chars().take(40).collect();
    Problem::field(
        "UNKNOWN_INDICATOR",
        field,
        format!("indicator {shown:?} is not in the catalogue"),
        format!("目录中没有指标 {shown:?}"),
    )
}
