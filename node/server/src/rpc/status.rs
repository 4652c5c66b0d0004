//! Everything that the node's calls can be refused with, as the one shape that
//! becomes a `tonic::Status`. Faults say nothing of files or rows to a client;
//! the log does.

use std::fmt::Display;
use std::time::Duration;

use journal::SubmitRefusal;
use node_domain::{actor::Role, cases, process, token};
use proto_edge::problem::Problem;
use tonic::Code;

use super::fields::Wrong;
use crate::store::ledger::command::Refused;

/// A queue of commands is worked off in far less.
const BUSY_RETRY: Duration = Duration::from_millis(200);
/// Somebody has to make room.
const FULL_RETRY: Duration = Duration::from_secs(60);
const STOPPED_RETRY: Duration = Duration::from_secs(2);

/// Input that is wrong, all of it at once.
pub fn invalid(wrong: &[Wrong]) -> Problem {
    let listed = |text: fn(&Wrong) -> String, between: &str| {
        let all: Vec<String> = wrong.iter().map(text).collect();
        all.join(between)
    };
    let problem = Problem::new(
        Code::InvalidArgument,
        "INVALID_FIELDS",
        listed(|wrong| format!("{}: {}", wrong.field, wrong.en), "; "),
        listed(|wrong| format!("{}：{}", wrong.field, wrong.zh), "；"),
    )
    .with("fields", listed(|wrong| wrong.field.to_owned(), ","));
    wrong.iter().fold(problem, |problem, wrong| {
        problem.with_field(wrong.field, wrong.en.as_ref())
    })
}

/// A decision of the domain.
pub fn refused(refused: &Refused) -> Problem {
    match refused {
        Refused::Case(refusal) => case_refusal(refusal),
        Refused::Process(refusal) => process_refusal(refusal),
        Refused::Token(refusal) => token_refusal(*refusal),
        Refused::SubjectErased => Problem::new(
            Code::FailedPrecondition,
            "SUBJECT_ERASED",
            "this person's data was erased: nothing more can be written about them",
            "当事人的个人信息已经删除，不能再登记文字",
        ),
        Refused::NothingHeld => Problem::new(
            Code::NotFound,
            "NOTHING_HELD",
            "no personal data is held under this name",
            "没有这个名称下的个人信息",
        ),
        Refused::MayNotErase => Problem::new(
            Code::PermissionDenied,
            "MAY_NOT_ERASE",
            "you may not have this person's data erased",
            "您无权删除当事人的个人信息",
        ),
        Refused::RequestReused => Problem::field(
            "REQUEST_ID_REUSED",
            "request_id",
            "this request_id was used for something else; choose a new one",
            "这个 request_id 已用于别的请求，请换一个新的",
        ),
    }
}

fn case_refusal(refusal: &cases::Refusal) -> Problem {
    let (code, field) = match refusal.class() {
        cases::Class::NotFound => (Code::NotFound, None),
        cases::Class::Exists => (Code::AlreadyExists, None),
        cases::Class::Input { field } => (Code::InvalidArgument, Some(field)),
        cases::Class::Denied => (Code::PermissionDenied, None),
        cases::Class::State => (Code::FailedPrecondition, None),
        cases::Class::Exhausted => (Code::ResourceExhausted, None),
    };
    let english = refusal.en();
    let mut problem = Problem::new(code, refusal.reason(), english.as_str(), refusal.zh());
    problem.metadata = refusal.metadata();
    match field {
        None => problem,
        // The only time that a request can give.
        Some("happened_at") => problem.with_field("reported_at", english),
        Some(field) => problem.with_field(field, english),
    }
}

fn process_refusal(refusal: &process::Refusal) -> Problem {
    let (code, field) = match refusal.class {
        process::Class::NotFound => (Code::NotFound, None),
        process::Class::Exists => (Code::AlreadyExists, None),
        process::Class::Input { field } => (Code::InvalidArgument, Some(field)),
        process::Class::Denied => (Code::PermissionDenied, None),
        process::Class::State => (Code::FailedPrecondition, None),
        process::Class::Exhausted => (Code::ResourceExhausted, None),
    };
    let (english, chinese) = (refusal.en.as_ref(), refusal.zh.as_ref());
    let mut problem = Problem::new(code, refusal.reason, english, chinese);
    problem.metadata = refusal.details.clone();
    match field {
        None => problem,
        Some(field) => problem.with_field(field, english),
    }
}

fn token_refusal(refusal: token::Refusal) -> Problem {
    let (code, field) = match refusal {
        token::Refusal::NotAdmin => (Code::PermissionDenied, None),
        token::Refusal::RoleWithoutTokens => (Code::InvalidArgument, Some("role")),
        token::Refusal::ExpiresTooSoon | token::Refusal::ExpiresTooLate => {
            (Code::InvalidArgument, Some("expires_at"))
        }
        token::Refusal::UnknownToken => (Code::NotFound, None),
        token::Refusal::OwnToken => (Code::FailedPrecondition, None),
    };
    let problem = Problem::new(code, refusal.reason(), refusal.en(), refusal.zh());
    match field {
        None => problem,
        Some(field) => problem.with_field(field, refusal.en()),
    }
}

pub fn unknown_process() -> Problem {
    process_refusal(&process::Refusal::unknown())
}

/// Of a stream whose consumer was closed meanwhile.
pub fn consumer_closed() -> Problem {
    Problem::new(
        Code::NotFound,
        "CONSUMER_CLOSED",
        "this consumer was closed; follow again to open it anew",
        "这个消费方已被关闭，重新调用即可再次开通",
    )
}

pub fn unknown_playbook() -> Problem {
    Problem::new(
        Code::NotFound,
        "UNKNOWN_PLAYBOOK",
        "no such playbook was adopted; ListPlaybookVersions lists those that were",
        "没有采用过这个预案，可用 ListPlaybookVersions 查看采用过的",
    )
}

/// Nothing is sent that only one centre should read while it has no key.
pub fn no_recipient(centre: &str) -> Problem {
    Problem::new(
        Code::FailedPrecondition,
        "NO_RECIPIENT",
        format!("{centre} has published no key: ask without an attachment, or later"),
        format!("{centre} 还没有公布公钥：请先不带附件，或稍后再试"),
    )
    .with("centre", centre)
}

pub fn attachment_too_large(most_bytes: usize) -> Problem {
    invalid(&[Wrong {
        field: "attachment",
        en: format!("want at most {most_bytes} bytes").into(),
        zh: format!("最多 {most_bytes} 字节").into(),
    }])
}

pub fn roll_too_long() -> Problem {
    Problem::new(
        Code::ResourceExhausted,
        "ROLL_TOO_LONG",
        "a roll has at most 20,000 lines: ask for one area",
        "名单最多 20000 行，请按楼栋或单元分别取",
    )
}

pub fn unknown_case() -> Problem {
    case_refusal(&cases::Refusal::UnknownCase)
}

/// Why the bearer of a request is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBearer {
    Missing,
    Malformed,
    Unknown,
    Invalid(token::Invalid),
}

pub fn no_bearer(why: NoBearer) -> Problem {
    let (reason, english, chinese) = match why {
        NoBearer::Missing => (
            "TOKEN_REQUIRED",
            "this call needs a token: send `authorization: Bearer <token>`",
            "此调用需要令牌：请在请求头加上 authorization: Bearer <令牌>",
        ),
        NoBearer::Malformed => (
            "TOKEN_MALFORMED",
            "want one header `authorization: Bearer <token>`, the token as it was shown",
            "请求头应为一个 authorization: Bearer <令牌>，令牌照发放时原样填写",
        ),
        NoBearer::Unknown => (
            "TOKEN_UNKNOWN",
            "this node knows no such token; ask its administrator for one",
            "本节点没有这个令牌，请向管理员索取",
        ),
        NoBearer::Invalid(token::Invalid::Revoked) => (
            "TOKEN_REVOKED",
            "this token was revoked; ask the node's administrator for another",
            "令牌已被吊销，请向管理员另行索取",
        ),
        NoBearer::Invalid(token::Invalid::Expired { .. }) => (
            "TOKEN_EXPIRED",
            "this token has expired; ask the node's administrator for another",
            "令牌已经过期，请向管理员另行索取",
        ),
    };
    let problem = Problem::new(Code::Unauthenticated, reason, english, chinese);
    match why {
        NoBearer::Invalid(token::Invalid::Expired { at }) => problem.with("expired_at", at),
        _ => problem,
    }
}

pub fn forbidden(role: Role, call: &str) -> Problem {
    Problem::new(
        Code::PermissionDenied,
        "ROLE_FORBIDDEN",
        format!("a token of role {} may not call this", role.code()),
        format!("{}的令牌不能进行此调用", role.zh()),
    )
    .with("role", role.code())
    .with("call", call)
}

pub fn unknown_call(call: &str) -> Problem {
    Problem::new(
        Code::Unimplemented,
        "CALL_UNKNOWN",
        "this node has no such call; ask its reflection service for those it has",
        "本节点没有此调用，可用反射服务查询现有调用",
    )
    .with("call", call)
}

/// The command was not taken, or its answer was lost.
pub fn not_submitted(refusal: SubmitRefusal) -> Problem {
    match refusal {
        SubmitRefusal::Busy => too_many("commands"),
        SubmitRefusal::Stopped => stopping(),
    }
}

/// `what`, in English, for the metadata.
pub fn too_many(what: &'static str) -> Problem {
    Problem::new(
        Code::Unavailable,
        "BUSY",
        "too much at once; try again in a moment",
        "请求过多，请稍后重试",
    )
    .with("limit", what)
    .retry_after(BUSY_RETRY)
}

pub fn disk_full() -> Problem {
    Problem::new(
        Code::Unavailable,
        "DISK_FULL",
        "the node's disk is full: reading, erasing and revoking go on; make room, and try again with the same request_id",
        "节点磁盘已满：查阅、删除个人信息、吊销令牌照常；请腾出空间后以相同的 request_id 重试",
    )
    .retry_after(FULL_RETRY)
}

pub fn stopping() -> Problem {
    Problem::new(
        Code::Unavailable,
        "STOPPING",
        "the node is stopping; try again, with the same request_id, when it is back",
        "节点正在停止，请待其恢复后以相同的 request_id 重试",
    )
    .retry_after(STOPPED_RETRY)
}

/// A fault: the detail goes to the log alone.
pub fn fault(detail: &dyn Display) -> Problem {
    tracing::error!(%detail, "a call failed");
    Problem::new(
        Code::Internal,
        "NODE_FAULT",
        "the node failed; its log says why",
        "节点内部故障，详情见节点日志",
    )
}
