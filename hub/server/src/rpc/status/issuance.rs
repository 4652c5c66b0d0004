//! What a refusal of issuance says to people and programs. Decides nothing.

use super::rollover::held_problem;
use hub_domain::centre::FIXED;
use hub_domain::issuance::{INVITE_VALID_AT_MOST, OPEN_INVITES, Refusal};
use proto_edge::problem::Problem;
use tonic::Code;

pub fn problem(refusal: Refusal) -> Problem {
    use Code::{AlreadyExists, FailedPrecondition, PermissionDenied, ResourceExhausted};
    fn new(
        code: Code,
        reason: &'static str,
        en: impl Into<Box<str>>,
        zh: impl Into<Box<str>>,
    ) -> Problem {
        Problem::new(code, reason, en, zh)
    }
    match refusal {
        Refusal::InviteUnknown => new(
            PermissionDenied,
            "INVITE_UNKNOWN",
            "no such invite; ask for a new token",
            "邀请不存在；请索取新令牌",
        ),
        Refusal::InviteUsed => new(
            PermissionDenied,
            "INVITE_USED",
            "this token was used by another machine; ask for a new one",
            "此令牌已被另一台机器使用；请索取新令牌",
        ),
        Refusal::InviteExpired { expired_at } => new(
            PermissionDenied,
            "INVITE_EXPIRED",
            "this token has expired; ask for a new one",
            "此令牌已过期；请索取新令牌",
        )
        .with("expired_at", expired_at),
        Refusal::InviteVoid => new(
            PermissionDenied,
            "INVITE_VOID",
            "the member was revoked after this token was made; ask for a new one",
            "该成员在令牌签发后已被吊销；请索取新令牌",
        ),
        Refusal::TooManyInvites => new(
            ResourceExhausted,
            "TOO_MANY_INVITES",
            format!("{OPEN_INVITES} invites wait to be used; wait until some expire"),
            format!("已有 {OPEN_INVITES} 个邀请待用；请等部分邀请过期"),
        ),
        Refusal::InviteValidity => {
            let hours = INVITE_VALID_AT_MOST.as_hours();
            Problem::field(
                "INVITE_VALIDITY",
                "valid_for",
                format!("want more than nothing and at most {hours} hours; one hour when left out"),
                format!("应大于零，至多 {hours} 小时；不填为一小时"),
            )
        }
        Refusal::NotInvitable => Problem::field(
            "NOT_INVITABLE",
            "subject",
            "the hub certifies itself; invite a community, an operator, a centre, an extension or an auditor",
            "枢纽自行签发证书；可邀请社区、操作员、中心、扩展或审计员",
        ),
        Refusal::NoSuchCentre => {
            let codes: Vec<&str> = FIXED.iter().map(|fixed| fixed.code).collect();
            let codes = codes.join(", ");
            Problem::field(
                "NO_SUCH_CENTRE",
                "subject",
                format!("centres are {codes}; anything else is an extension"),
                format!("中心代码为 {codes}；其他服务是扩展"),
            )
        }
        Refusal::NotLive => Problem::field(
            "EXTENSION_NOT_LIVE",
            "subject",
            "an extension is invited once it is approved: tongxin hub extension approve CODE",
            "扩展获批准后才能邀请：tongxin hub extension approve CODE",
        ),
        Refusal::RequestReused => new(
            AlreadyExists,
            "REQUEST_ID_REUSED",
            "this request_id made another invite before; use a new one",
            "此 request_id 曾用于另一邀请；请换用新的",
        ),
        Refusal::NotEnrolled => new(
            Code::NotFound,
            "NOT_ENROLLED",
            "no such member",
            "没有此成员",
        ),
        Refusal::Revoked { at } => new(
            PermissionDenied,
            "REVOKED",
            "this membership was revoked",
            "成员资格已被吊销",
        )
        .with("revoked_at", at),
        Refusal::AlreadyRevoked { at } => new(
            FailedPrecondition,
            "ALREADY_REVOKED",
            "this member was revoked before",
            "该成员此前已被吊销",
        )
        .with("revoked_at", at),
        Refusal::CertificateReplaced => new(
            PermissionDenied,
            "CERTIFICATE_REPLACED",
            "a newer certificate of this member is in use",
            "该成员已启用更新的证书",
        ),
        Refusal::LastOperator => new(
            FailedPrecondition,
            "LAST_OPERATOR",
            "the last operator cannot be revoked; enrol another one first",
            "不能吊销最后一名操作员；请先加入另一名",
        ),
        Refusal::RollOverUnderWay => new(
            FailedPrecondition,
            "ROLL_OVER_UNDER_WAY",
            "a root is being replaced already; retire the old one first",
            "根正在替换；请先撤下旧根",
        ),
        Refusal::NoRollOver => new(
            FailedPrecondition,
            "NO_ROLL_OVER",
            "there is one root only, and nothing to retire",
            "只有一个根，无可撤下",
        ),
        Refusal::RootHeld { holders } => held_problem(&holders),
    }
}
