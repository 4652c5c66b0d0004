//! Who is told what of a fund: whose cost it is, who asks for money and who has to
//! countersign, who receives a grant.

use super::{Answer, Fund, Happening};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    APPOINTED: "经费 {} 确定了支付人和审核人", "Payer and auditor of fund {} are appointed";
    PLANNED: "经费 {} 有了分摊方案", "Fund {} has a plan of shares";
    SHARE_AGREED: "您在经费 {} 中的分摊已登记为同意", "Your agreement to your share of fund {} was entered";
    AGREEMENT_WITHDRAWN: "您在经费 {} 中的同意已撤回", "Your agreement to your share of fund {} was taken back";
    STARTED: "经费 {} 的工程开始", "The works of fund {} have begun";
    SHARE_PAID: "您向经费 {} 的付款已入账", "Your payment to fund {} was booked";
    EXPENSE_REQUESTED: "经费 {} 有支出待审", "Fund {} has an expense to be answered";
    EXPENSE_ANSWERED: "经费 {} 的支出申请有了答复", "An expense of fund {} was answered";
    EXPENSE_REJECTED: "经费 {} 的支出申请未获批准", "An expense of fund {} was rejected";
    EXPENSES_PUBLISHED: "经费 {} 的支出已公开", "Expenses of fund {} were published";
    BUILDING_APPLIED: "经费 {} 有楼栋申请补贴", "A building applied to fund {}";
    BUILDING_STARTED: "经费 {} 有楼栋开工", "Works on a building of fund {} have begun";
    BUILDING_DONE: "经费 {} 有楼栋完工", "Works on a building of fund {} are done";
    SUBSIDY_PAID: "经费 {} 支付了补贴", "A subsidy of fund {} was paid";
    GRANT_APPROVED: "资助 {} 获得一票批准", "Somebody approved grant {}";
    GRANT_MOVED: "资助 {} 进入下一阶段", "Grant {} has reached another stage";
    CLOSED: "经费 {} 已结束", "Fund {} is closed";
}

pub(super) fn notice(fund: &Fund, happened: &Happened<Happening>) -> Option<Notice> {
    let owners = fund.plan.iter().flat_map(|plan| &plan.shares);
    let owners = Recipient::entries(owners.map(|share| share.owner));
    let posts = Recipient::entries(fund.payer.into_iter().chain(fund.auditor));
    let recipient = Recipient::entries(fund.recipient);
    Some(match &happened.what {
        Happening::Opened { .. } | Happening::Received { .. } | Happening::Pledged { .. } => {
            return None;
        }
        Happening::Appointed { .. } => Notice::public(&APPOINTED, posts),
        Happening::Planned { .. } => Notice::public(&PLANNED, owners),
        Happening::Agreed { owner, agrees } => {
            let says = if *agrees {
                &SHARE_AGREED
            } else {
                &AGREEMENT_WITHDRAWN
            };
            Notice::to(says, [Recipient::Entry(*owner)])
        }
        Happening::Started => Notice::public(&STARTED, owners),
        Happening::SharePaid { owner, .. } => Notice::to(&SHARE_PAID, [Recipient::Entry(*owner)]),
        Happening::Requested { .. } => Notice::to(&EXPENSE_REQUESTED, posts),
        Happening::Answered {
            expense, answer, ..
        } => {
            let says = match answer {
                Answer::Rejected { .. } => &EXPENSE_REJECTED,
                _ => &EXPENSE_ANSWERED,
            };
            let asked = fund.expense(*expense).map(|expense| expense.requested_by);
            Notice::to(says, Recipient::entries(asked))
        }
        Happening::Published { .. } => Notice::public(&EXPENSES_PUBLISHED, owners),
        Happening::Applied { .. } => Notice::public(&BUILDING_APPLIED, [Recipient::Office]),
        Happening::BuildingStarted { .. } => Notice::public(&BUILDING_STARTED, []),
        Happening::BuildingDone { .. } => Notice::public(&BUILDING_DONE, []),
        Happening::SubsidyPaid { .. } => Notice::public(&SUBSIDY_PAID, []),
        Happening::GrantApproved { .. } => Notice::public(&GRANT_APPROVED, recipient),
        Happening::Moved { .. } => Notice::public(&GRANT_MOVED, recipient),
        Happening::Closed { .. } => Notice::public(&CLOSED, owners.chain(recipient)),
    })
}
