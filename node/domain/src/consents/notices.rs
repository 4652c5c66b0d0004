//! Who is told what of a consent: who opened it, everybody on the roll, whether they
//! agreed or not, and who acts on a mandate. How somebody answered is told to nobody
//! but that one.

use super::{Consent, Happening};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;
use crate::roll::Roll;

sentences! {
    OPENED: "新的同意事项 {}", "A new consent, {}";
    MANDATE_GIVEN: "新的委托 {}", "A new mandate, {}";
    ASKED: "{} 开始征求您的同意", "{} asks for your consent";
    ANSWER_ENTERED: "您对 {} 的意见已代为登记", "Your answer to {} was entered for you";
    ANSWER_TAKEN_BACK: "您对 {} 的意见已撤回", "Your answer to {} was taken back";
    MET: "{} 达到同意比例", "{} has the consent that it needs";
    UNDONE: "{} 因有人撤回而不再达到比例", "{} has no longer the consent that it needs";
    LAPSED: "{} 到期未达到同意比例", "{} has not got the consent that it needs in time";
    CARRIED: "{} 表决通过", "{} was carried";
    REJECTED: "{} 表决未通过", "{} was rejected";
    PUBLICISED: "{} 正在公示", "{} is publicised";
    APPROVED: "{} 已获批准", "{} was approved";
    WORKS_STARTED: "{} 开工", "The works of {} have begun";
    INSPECTED: "{} 已验收", "The works of {} were inspected";
    PUT_IN_USE: "{} 投入使用", "{} is in use";
    COVENANT_ATTACHED: "{} 有了管理公约", "{} has a covenant for its use";
    ACTING_BEGUN: "委托 {} 开始办理", "Work on mandate {} has begun";
    ACTING_FINISHED: "委托 {} 已办完", "Mandate {} is carried out";
    REVOKED: "委托 {} 已撤销", "Mandate {} was revoked";
    EXPIRED: "委托 {} 已到期", "Mandate {} has expired";
    ENDED: "{} 终止", "{} was given up";
}

pub(super) fn notice(consent: &Consent, happened: &Happened<Happening>) -> Option<Notice> {
    let opener = Recipient::of(&consent.opened_by).into_iter();
    let office = [Recipient::Office];
    let on_roll = consent.roll.iter().flat_map(Roll::entries);
    let on_roll = Recipient::entries(on_roll);
    let mandate = Recipient::handler(consent.mandatary.as_ref()).into_iter();
    let mandate = mandate.chain(Recipient::entries(consent.principal));
    let all = |says| Notice::public(says, opener.clone().chain(on_roll));
    let parties = |says| Notice::public(says, opener.clone().chain(mandate));
    Some(match &happened.what {
        Happening::Opened { .. } => Notice::to(&OPENED, office),
        Happening::Granted { .. } => parties(&MANDATE_GIVEN),
        Happening::RollFrozen { .. } => all(&ASKED),
        // Whose own token answers knows it.
        Happening::Answered { entry, .. } if !is_own(consent, *entry, happened) => {
            Notice::to(&ANSWER_ENTERED, [Recipient::Entry(*entry)])
        }
        Happening::Withdrawn { entry, .. } if !is_own(consent, *entry, happened) => {
            Notice::to(&ANSWER_TAKEN_BACK, [Recipient::Entry(*entry)])
        }
        Happening::Answered { .. } | Happening::Withdrawn { .. } => return None,
        Happening::Met { .. } => all(&MET),
        Happening::Undone { .. } => all(&UNDONE),
        Happening::Lapsed => all(&LAPSED),
        Happening::Carried => all(&CARRIED),
        Happening::Rejected => all(&REJECTED),
        Happening::Publicised { .. } => all(&PUBLICISED),
        Happening::Approved { .. } => all(&APPROVED),
        Happening::WorksStarted => all(&WORKS_STARTED),
        Happening::Inspected { .. } => all(&INSPECTED),
        Happening::PutInUse => all(&PUT_IN_USE),
        Happening::CovenantAttached { .. } => all(&COVENANT_ATTACHED),
        Happening::ActingBegun => parties(&ACTING_BEGUN),
        Happening::ActingFinished => parties(&ACTING_FINISHED),
        Happening::Revoked { .. } => parties(&REVOKED),
        Happening::Expired => parties(&EXPIRED),
        Happening::Ended { .. } if consent.mandatary.is_some() => parties(&ENDED),
        Happening::Ended { .. } => all(&ENDED),
    })
}

fn is_own(consent: &Consent, entry: u64, happened: &Happened<Happening>) -> bool {
    let crate::actor::Actor::Resident(who) = happened.by else {
        return false;
    };
    let roll = consent.roll.as_ref();
    roll.is_some_and(|roll| roll.entry_of(who) == Some(entry))
}
