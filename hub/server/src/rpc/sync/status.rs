//! How a session's end is said to the node: by our ErrorInfo, which is all that
//! it looks at.

use proto::sync::end::{End, Reason};
use proto_edge::problem::Problem;
use tonic::{Code, Status};

pub fn status_of(end: End) -> Status {
    let (code, reason, message_zh) = match end.reason {
        // Not one of the line's reasons: to the node as good as a broken stream.
        None => (Code::Aborted, "SESSION_ENDED", "会话已结束，请重新连接"),
        Some(reason) => {
            let (code, message_zh) = wording(reason);
            (code, reason.as_str(), message_zh)
        }
    };
    let mut problem = Problem::new(code, reason, end.detail, message_zh);
    problem.retry_after = end.retry_after;
    problem.into()
}

const fn wording(reason: Reason) -> (Code, &'static str) {
    match reason {
        Reason::NotEnrolled => (Code::PermissionDenied, "只有已加入本区的社区节点可以同步"),
        Reason::Revoked => (Code::PermissionDenied, "该节点已被吊销"),
        Reason::EpochStale => (
            Code::FailedPrecondition,
            "节点数据早于枢纽所知，疑为恢复或复制的副本，须由操作员处置",
        ),
        Reason::Superseded => (Code::Aborted, "该节点已建立更新的会话"),
        Reason::CursorGap => (Code::FailedPrecondition, "批次与枢纽的进度不相接"),
        Reason::Busy => (Code::Unavailable, "枢纽正忙，请稍后再试"),
        Reason::StoreFailed => (Code::Unavailable, "枢纽暂时无法写入"),
        Reason::VersionUnsupported => (Code::FailedPrecondition, "协议版本不受支持，请升级"),
        Reason::Malformed => (Code::InvalidArgument, "消息有误"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proto_edge::problem::{reason_of, retry_after};

    use super::*;

    #[test]
    fn every_reason_is_read_back_by_name() {
        for reason in Reason::ALL {
            let wait = Some(Duration::from_secs(7));
            let status = status_of(End::of(reason, wait, "detail"));
            let read = reason_of(&status).unwrap().parse::<Reason>();
            assert_eq!((read, retry_after(&status)), (Ok(reason), wait));
        }
        let fault = reason_of(&status_of(End::fault("node is silent"))).unwrap();
        assert!(fault.parse::<Reason>().is_err());
    }
}
