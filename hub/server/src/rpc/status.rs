//! What the hub says when it does not do what it was asked: the only place
//! where a refusal or a fault becomes a status. Decides nothing.

mod catalogue;
mod centre;
mod extension;
mod issuance;
mod period;
mod question;
mod reclaim;
mod register;
mod rollout;
mod rollover;
mod support;
mod watch;

use std::time::Duration;

use proto_edge::problem::Problem;
use tonic::Code;

use crate::pki::{PkiFault, ledger::LedgerFault};

pub use catalogue::catalogue_problem;
pub use centre::{feed_draining, feed_scope_changed, feed_superseded, unknown_centre};
pub use extension::{extension_not_live, extension_problem, notices_only};
pub use issuance::problem as issuance_problem;
pub use period::{period_problem, unknown_indicator};
pub use question::{beyond_scope, question_problem};
pub use reclaim::{reclaim_problem, unknown_node};
pub use register::register_problem;
pub use rollout::rollout_problem;
pub use rollover::roll_problem;
pub use support::{not_readable, request_reused, support_problem, unknown_request};
pub use watch::watch_problem;

/// One wrong field: its path, and what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub field: String,
    pub want: String,
    pub want_zh: String,
}

impl Mistake {
    pub fn new(
        field: impl Into<String>,
        want: impl Into<String>,
        want_zh: impl Into<String>,
    ) -> Mistake {
        Mistake {
            field: field.into(),
            want: want.into(),
            want_zh: want_zh.into(),
        }
    }
}

/// All wrong fields of one request, so that they are put right in one go.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// What was parsed; `None` comes with a mistake.
    pub fn take<T>(&mut self, parsed: Result<T, Mistake>) -> Option<T> {
        parsed.map_err(|mistake| self.add(mistake)).ok()
    }

    /// `parsed`, when nothing was wrong.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Problem> {
        match parsed {
            Some(parsed) if self.0.is_empty() => Ok(parsed),
            _ => Err(self.problem("INVALID_FIELDS", self.0.len())),
        }
    }

    /// `total`: of all mistakes, when only the first are here.
    fn problem(&self, reason: &'static str, total: usize) -> Problem {
        let all = |separator: &str, text: fn(&Mistake) -> String| {
            let texts: Vec<String> = self.0.iter().map(text).collect();
            texts.join(separator)
        };
        let en = all("; ", |m| format!("{}: {}", m.field, m.want));
        let zh = all("；", |m| format!("{}：{}", m.field, m.want_zh));
        let mut problem =
            Problem::new(Code::InvalidArgument, reason, en, zh).with("mistakes", total);
        for mistake in &self.0 {
            problem = problem.with_field(&mistake.field, &mistake.want);
        }
        problem
    }
}

impl From<Mistake> for Problem {
    fn from(mistake: Mistake) -> Problem {
        Mistakes(vec![mistake]).problem("INVALID_FIELDS", 1)
    }
}

pub fn ledger_problem(fault: LedgerFault) -> Problem {
    let (reason, message_zh) = match &fault {
        LedgerFault::Stopping => ("BUSY", "枢纽正在停止"),
        LedgerFault::DiskFull => (
            "DISK_FULL",
            "枢纽磁盘已满：查询和吊销照常；请腾出空间后重试",
        ),
        LedgerFault::Store(_) => ("STORE_FAILED", "枢纽暂时无法写入"),
    };
    Problem::new(Code::Unavailable, reason, fault.to_string(), message_zh)
        .retry_after(Duration::from_secs(10))
}

/// A fault of ours: the cause is for the log, not for the caller.
pub fn pki_problem(fault: PkiFault) -> Problem {
    tracing::error!(%fault, "cannot issue a certificate");
    Problem::new(
        Code::Unavailable,
        "ISSUER_FAILED",
        "the hub cannot issue certificates now; its log says why",
        "枢纽暂时无法签发证书；原因见其日志",
    )
    .retry_after(Duration::from_secs(60))
}

/// What is stored cannot be read; the cause is for the log.
pub fn unreadable(fault: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%fault, "cannot answer from the view");
    Problem::new(
        Code::Internal,
        "VIEW_UNREADABLE",
        "the hub cannot read its view; restart `tongxin hub serve` to rebuild it from the journal",
        "枢纽无法读取视图；请重启 `tongxin hub serve`，由日志重建",
    )
}

/// A handler ended without an answer.
pub fn broken(what: &'static str) -> Problem {
    tracing::error!(what, "a call was not answered");
    Problem::new(
        Code::Internal,
        "CALL_FAILED",
        "the hub could not answer; its log says why",
        "枢纽未能作答；原因见其日志",
    )
}

pub fn no_certificate() -> Problem {
    Problem::new(
        Code::Unauthenticated,
        "CERTIFICATE_REQUIRED",
        "this call needs the certificate of a member",
        "此调用需要成员证书",
    )
}

/// A node asked about somebody else's cells.
pub fn not_your_community() -> Problem {
    Problem::new(
        Code::PermissionDenied,
        "NOT_YOUR_COMMUNITY",
        "a node may ask about its own community only",
        "节点只能查询本社区",
    )
}

/// More calls than the hub takes at once.
pub fn overloaded() -> Problem {
    Problem::new(
        Code::Unavailable,
        "BUSY",
        "the hub has too many calls in hand; try again",
        "枢纽正忙；请稍后再试",
    )
    .retry_after(Duration::from_secs(1))
}

pub fn late(deadline: Duration) -> Problem {
    let deadline_ms = deadline.as_millis();
    Problem::new(
        Code::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        format!("no answer within {deadline_ms} ms; ask for less, or again"),
        format!("{deadline_ms} 毫秒内未能作答；请缩小范围或再试"),
    )
    .with("deadline_ms", deadline_ms)
}

/// The rows that a page would go on from are no longer what they were.
pub fn page_lost() -> Problem {
    Problem::new(
        Code::FailedPrecondition,
        "PAGE_LOST",
        "new data changed the answer; ask again from the first page",
        "数据已更新，答案有变；请从第一页重新查询",
    )
    .with_field("page_token", "leave it empty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_edge::problem::{localized, reason_of};
    use tonic::Status;
    use tonic_types::StatusExt as _;

    #[test]
    fn every_mistake_is_named_in_both_languages() {
        let mut mistakes = Mistakes::default();
        let place: Option<u8> =
            mistakes.take(Err(Mistake::new("place", "want digits", "应为数字")));
        assert_eq!(place, None);
        mistakes.add(Mistake::new("to", "want a period", "应为周期"));
        let status = Status::from(mistakes.finish(Some(1)).unwrap_err());
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(reason_of(&status).as_deref(), Some("INVALID_FIELDS"));
        assert_eq!(status.message(), "place: want digits; to: want a period");
        assert_eq!(localized(&status), "place：应为数字；to：应为周期");
        let details = status.get_error_details();
        let fields = &details.bad_request().unwrap().field_violations;
        assert_eq!((fields.len(), fields[1].field.as_str()), (2, "to"));
        assert_eq!(Mistakes::default().finish(Some(1)), Ok(1));
    }
}
