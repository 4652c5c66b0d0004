//! Why the district's root is not replaced. Decides nothing.

use hub_domain::issuance::Holder;
use proto_edge::problem::Problem;
use tonic::Code;

use super::{issuance_problem, ledger_problem, pki_problem};
use crate::pki::{PkiFault, rollover::RollFault};

pub fn roll_problem(fault: RollFault) -> Problem {
    match fault {
        RollFault::Refused(refusal) => issuance_problem(refusal),
        RollFault::Ledger(fault) => ledger_problem(fault),
        RollFault::Pki(PkiFault::RootKeyAway(_)) => Problem::new(
            Code::FailedPrecondition,
            "ROOT_KEY_AWAY",
            "the root's key is away: put it back as pki/root.key.pem, then try again",
            "根密钥不在：把它放回 pki/root.key.pem 后再试",
        ),
        RollFault::Pki(fault) => pki_problem(fault),
    }
}

/// Names the first few; `tongxin hub authority status` names more.
pub fn held_problem(holders: &[Holder]) -> Problem {
    const FEW: usize = 5;
    let names = holders.iter().take(FEW).map(|holder| match holder {
        Holder::Member { subject, until } => format!("{subject} ({until})"),
        Holder::Invite { subject, until } => format!("invite of {subject} ({until})"),
    });
    let names: Vec<String> = names.collect();
    let (names, total) = (names.join(", "), holders.len());
    Problem::new(
        Code::FailedPrecondition,
        "ROOT_HELD",
        format!(
            "{total} still hang on the old root; wait until the time given, or force it and \
             invite them again: {names}"
        ),
        format!("仍有 {total} 个成员或邀请依赖旧根；请等到所示时间，或强制撤下后重新邀请：{names}"),
    )
    .with("held_by_total", total)
}
