//! Who is told what of an election: candidates, elected or not, the committee, voters
//! when they can vote. Ballots are told to nobody.

use super::{Election, Happening};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    NOMINATED: "您在选举 {} 中获得提名", "You are nominated in election {}";
    ACCEPTED: "您在选举 {} 中通过了资格审查", "You may stand in election {}";
    REJECTED: "您在选举 {} 中没有通过资格审查", "You may not stand in election {}";
    STOOD_DOWN: "您已退出选举 {}", "You have stood down in election {}";
    CANDIDATES_PUBLISHED: "选举 {} 的候选人正在公示", "The candidates of election {} are published";
    VOTING_OPENED: "选举 {} 开始投票", "Voting in election {} has begun";
    VOTING_CLOSED: "选举 {} 投票结束", "Voting in election {} is over";
    ANNOUNCED: "选举 {} 的结果已公布", "The result of election {} is announced";
    OBJECTED: "选举 {} 有异议", "There is an objection to election {}";
    OBJECTION_UPHELD: "选举 {} 的异议成立", "An objection to election {} is upheld";
    OBJECTION_DISMISSED: "选举 {} 的异议不成立", "An objection to election {} is dismissed";
    DECLINED: "选举 {} 有当选人不就任", "Somebody elected in election {} declines the seat";
    SEATED: "选举 {} 的当选人就任", "Those elected in election {} take their seats";
    VACATED: "选举 {} 有席位空缺", "A seat of election {} is vacant";
    CANCELLED: "选举 {} 取消", "Election {} was cancelled";
    TERM_ENDED: "选举 {} 产生的任期届满", "The term that election {} began is over";
}

pub(super) fn notice(election: &Election, happened: &Happened<Happening>) -> Option<Notice> {
    let candidates = || Recipient::entries(election.candidates.iter().map(|one| one.entry));
    let seated = || Recipient::entries(election.seated.iter().map(|seat| seat.entry));
    let office = [Recipient::Office];
    Some(match &happened.what {
        Happening::Nominated { entry, .. } => Notice::to(&NOMINATED, [Recipient::Entry(*entry)]),
        Happening::Reviewed {
            entry, is_accepted, ..
        } => {
            let says = if *is_accepted { &ACCEPTED } else { &REJECTED };
            Notice::to(says, [Recipient::Entry(*entry)])
        }
        Happening::StoodDown { entry } => Notice::to(&STOOD_DOWN, [Recipient::Entry(*entry)]),
        Happening::CandidatesPublished { .. } => {
            Notice::public(&CANDIDATES_PUBLISHED, candidates())
        }
        Happening::VotingOpened { .. } => {
            let voters = election.roll.iter().flat_map(|roll| roll.entries());
            Notice::public(&VOTING_OPENED, Recipient::entries(voters))
        }
        Happening::VotingClosed => Notice::public(&VOTING_CLOSED, office),
        Happening::Announced { .. } => Notice::public(&ANNOUNCED, candidates()),
        Happening::Objected { .. } => {
            let committee = Recipient::entries(election.committee.iter().copied());
            Notice::to(&OBJECTED, committee.chain(office))
        }
        Happening::Ruled { is_upheld, .. } => {
            let says = if *is_upheld {
                &OBJECTION_UPHELD
            } else {
                &OBJECTION_DISMISSED
            };
            Notice::public(says, candidates())
        }
        Happening::Declined { .. } => Notice::public(&DECLINED, office),
        Happening::Seated { .. } => Notice::public(&SEATED, seated()),
        Happening::Vacated { entry, .. } => {
            Notice::public(&VACATED, Recipient::entries([*entry]).chain(office))
        }
        Happening::Cancelled { .. } => Notice::public(&CANCELLED, candidates()),
        Happening::TermEnded => Notice::public(&TERM_ENDED, seated().chain(office)),
        Happening::Opened { .. }
        | Happening::ViewsGathered { .. }
        | Happening::RollFrozen { .. }
        | Happening::Marked { .. }
        | Happening::Unmarked { .. }
        | Happening::Mixed { .. }
        | Happening::Counted { .. }
        | Happening::Voided { .. } => return None,
    })
}
