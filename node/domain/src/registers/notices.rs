//! Who is told what of an entry: whom it stands for, who is paired, who holds a role
//! or a plot, who waited for one in vain.

use super::{Entry, Happening, PlotChange};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    REGISTERED: "条目 {} 已登记", "Entry {} was registered";
    AMENDED: "条目 {} 已更改", "Entry {} was changed";
    RENEWED: "条目 {} 已续期", "Entry {} has another term";
    LEFT: "条目 {} 已退出", "Entry {} has left";
    MOVED: "条目 {} 进入下一阶段", "Entry {} has reached another stage";
    PAIR_ACCEPTED: "结对 {} 有一方同意", "Somebody of pair {} has agreed to it";
    ROLE_GRANTED: "在 {} 中获得角色", "A role in {} was granted";
    ROLE_ENDED: "在 {} 中的角色结束", "A role in {} has ended";
    PLOTS_OPENED: "园子 {} 的地块可以认领", "Plots of garden {} can be claimed";
    PLOT_CLAIMED: "您在园子 {} 分到地块", "You have a plot in garden {}";
    LOTS_DRAWN: "园子 {} 已抽签", "The lots of garden {} are drawn";
    PLOT_WARNED: "您在园子 {} 的地块疏于打理", "Your plot in garden {} is neglected";
    PLOT_RELEASED: "园子 {} 有地块收回", "A plot of garden {} was taken back";
}

pub(super) fn notice(
    before: Option<&Entry>,
    entry: &Entry,
    happened: &Happened<Happening>,
) -> Option<Notice> {
    let pair = entry.pair.iter();
    let pair = pair.flat_map(|pair| [pair.person].into_iter().chain(pair.helpers.clone()));
    let own = || Recipient::resident(entry.resident);
    let own_and_pair = || own().into_iter().chain(Recipient::entries(pair.clone()));
    // Without another holder, the entry itself holds it.
    let holder = |holder: &Option<u64>| match holder {
        Some(holder) => Some(Recipient::Entry(*holder)),
        None => own(),
    };
    Some(match &happened.what {
        Happening::Registered(_) => Notice::to(&REGISTERED, own_and_pair()),
        Happening::Amended { .. } => Notice::to(&AMENDED, own()),
        Happening::Renewed { .. } => Notice::to(&RENEWED, own_and_pair()),
        Happening::Left { .. } => Notice::public(&LEFT, own_and_pair()),
        Happening::Moved { .. } => Notice::public(&MOVED, own_and_pair()),
        Happening::Accepted { .. } => Notice::to(&PAIR_ACCEPTED, own_and_pair()),
        Happening::RoleGranted { holder: of, .. } => Notice::public(&ROLE_GRANTED, holder(of)),
        Happening::RoleEnded { holder: of, .. } => Notice::public(&ROLE_ENDED, holder(of)),
        Happening::PlotsOpened => {
            let waiting = entry.asks.iter().map(|ask| ask.by);
            Notice::public(&PLOTS_OPENED, Recipient::entries(waiting))
        }
        Happening::PlotClaimed { by, .. } => Notice::to(&PLOT_CLAIMED, [Recipient::Entry(*by)]),
        // Who wins hears it once more, with the plot.
        Happening::Drawn { .. } => {
            let waiting = entry.asks.iter().map(|ask| ask.by);
            Notice::public(&LOTS_DRAWN, Recipient::entries(waiting))
        }
        Happening::PlotChanged { plot, change } => {
            // Who has lost it hears of it.
            let plot = before?.plots.get(usize::from(*plot).checked_sub(1)?)?;
            let holder = Recipient::entries(plot.holder);
            match change {
                PlotChange::Cultivated => return None,
                PlotChange::Warned => Notice::to(&PLOT_WARNED, holder),
                PlotChange::Released { .. } => Notice::public(&PLOT_RELEASED, holder),
            }
        }
        Happening::Joined { .. }
        | Happening::Bound { .. }
        | Happening::RoleBegan { .. }
        | Happening::PlotsAdded { .. }
        | Happening::PlotAsked { .. }
        | Happening::PlotWithdrawn { .. } => return None,
    })
}
