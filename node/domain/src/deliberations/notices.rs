//! Who is told what of a topic: its proposer, who takes part, who has to do what was
//! decided, and whoever follows it. Drafts are told to nobody.

use super::{Happening, Route, Topic};
use crate::notices::{Notice, Recipient, sentences};
use crate::process::Happened;

sentences! {
    PROPOSED: "新的议题 {}", "A new topic, {}";
    TRIAGED: "议题 {} 已分级", "Topic {} was graded";
    SENT_ELSEWHERE: "议题 {} 转由其他单位处理", "Topic {} is somebody else's to settle";
    STEP_ENDED: "议题 {} 完成了一个步骤", "A step of topic {} is done";
    POSTED: "议题 {} 公开征求意见", "Topic {} is posted for comments";
    ADVICE_ANSWERED: "议题 {} 的专家意见有了回应", "An expert's advice on topic {} was answered";
    SENT_BACK: "议题 {} 退回修改", "Topic {} was sent back";
    CONVENED: "议题 {} 将召开会议", "A session on topic {} is convened";
    TASK_SET: "议题 {} 有会前任务", "Topic {} has a task for you";
    TASK_REPORTED: "议题 {} 的任务有了结果", "A task of topic {} was reported on";
    VOTE_OPENED: "议题 {} 开始表决", "The vote on topic {} is open";
    MOTION_LOST: "议题 {} 的提案未获通过", "A motion on topic {} had no majority";
    PASSED: "议题 {} 表决通过", "Topic {} was decided: passed";
    REJECTED: "议题 {} 表决未通过", "Topic {} was decided: rejected";
    ANNOUNCED: "议题 {} 的结果已公布", "The outcome of topic {} was announced";
    FOLLOW_UP_SET: "议题 {} 有落实事项", "Topic {} has a follow-up";
    FOLLOW_UP_DONE: "议题 {} 的落实事项已完成", "A follow-up of topic {} is done";
    FOLLOW_UP_CHECKED: "议题 {} 的落实事项已核查", "A follow-up of topic {} was checked";
    FOLLOW_UP_OVERDUE: "议题 {} 的落实事项逾期", "A follow-up of topic {} is overdue";
    VERIFIED: "议题 {} 全部落实", "All that topic {} decided is done";
    WITHDRAWN: "议题 {} 已撤回", "Topic {} was withdrawn";
    CLOSED: "议题 {} 已结束", "Topic {} is closed";
}

pub(super) fn notice(topic: &Topic, happened: &Happened<Happening>) -> Option<Notice> {
    let proposer = Recipient::resident(topic.proposer).into_iter();
    let office = [Recipient::Office];
    Some(match &happened.what {
        Happening::Proposed { .. } => Notice::to(&PROPOSED, office.into_iter().chain(proposer)),
        Happening::Triaged(triage) => match &triage.route {
            Route::Elsewhere(to) => {
                let to = Recipient::handler(Some(to));
                Notice::public(&SENT_ELSEWHERE, proposer.chain(to))
            }
            _ => Notice::public(&TRIAGED, proposer),
        },
        Happening::StepEnded { .. } => Notice::public(&STEP_ENDED, proposer),
        Happening::Posted { .. } => Notice::public(&POSTED, proposer),
        Happening::AdviceAnswered { advice, .. } => {
            let at = (*advice as usize).checked_sub(1)?;
            let expert = topic.advice.get(at)?.expert;
            Notice::to(&ADVICE_ANSWERED, [Recipient::Entry(expert)])
        }
        Happening::SentBack { .. } => Notice::public(&SENT_BACK, proposer),
        Happening::Convened { participants, .. } => {
            let invited = participants.iter().map(|one| one.entry);
            Notice::public(&CONVENED, Recipient::entries(invited).chain(proposer))
        }
        Happening::TaskSet { to, .. } => Notice::to(&TASK_SET, Recipient::handler(Some(to))),
        Happening::TaskReported { .. } => Notice::to(&TASK_REPORTED, office),
        Happening::VoteOpened { roll, .. } => {
            Notice::public(&VOTE_OPENED, Recipient::entries(roll.entries()))
        }
        Happening::MotionLost { .. } => Notice::public(&MOTION_LOST, concerned(topic)),
        Happening::Decided { passed, .. } => {
            let says = if *passed { &PASSED } else { &REJECTED };
            Notice::public(says, concerned(topic))
        }
        Happening::Announced { .. } => Notice::public(&ANNOUNCED, concerned(topic)),
        Happening::FollowUpSet { owner, .. } => {
            let owner = Recipient::handler(Some(owner));
            Notice::public(&FOLLOW_UP_SET, proposer.chain(owner))
        }
        Happening::FollowUpDone { .. } => Notice::public(&FOLLOW_UP_DONE, proposer.chain(office)),
        Happening::FollowUpChecked { follow_up, .. } => {
            let owner = Recipient::handler(owner(topic, *follow_up));
            Notice::public(&FOLLOW_UP_CHECKED, proposer.chain(owner))
        }
        Happening::FollowUpFellDue { follow_up } => {
            let at = (*follow_up as usize).checked_sub(1)?;
            if topic.follow_ups.get(at)?.done_at.is_some() {
                return None;
            }
            let owner = Recipient::handler(owner(topic, *follow_up));
            Notice::to(&FOLLOW_UP_OVERDUE, owner.into_iter().chain(office))
        }
        Happening::Verified => Notice::public(&VERIFIED, concerned(topic)),
        Happening::Withdrawn { .. } => Notice::public(&WITHDRAWN, concerned(topic)),
        Happening::Closed => Notice::public(&CLOSED, proposer),
        Happening::Talked { .. }
        | Happening::Drafted { .. }
        | Happening::Commented { .. }
        | Happening::Advised { .. }
        | Happening::Fixed { .. }
        | Happening::Surveyed { .. }
        | Happening::Held(_)
        | Happening::Found { .. }
        | Happening::BreachNoted { .. }
        | Happening::OrderFixed(_)
        | Happening::VotersMarked { .. }
        | Happening::BallotsCounted(_)
        | Happening::AnnouncementFellDue
        | Happening::YearTurned { .. } => return None,
    })
}

/// Whose business a decision is, for it or against it.
fn concerned(topic: &Topic) -> impl Iterator<Item = Recipient> {
    let sat = topic.rounds.iter().flat_map(|round| &round.participants);
    let voted = topic.vote.iter().flat_map(|vote| vote.roll.entries());
    let entries = sat.map(|one| one.entry).chain(voted);
    Recipient::entries(entries).chain(Recipient::resident(topic.proposer))
}

fn owner(topic: &Topic, follow_up: u32) -> Option<&crate::code::Name> {
    let at = (follow_up as usize).checked_sub(1)?;
    topic.follow_ups.get(at).map(|one| &one.owner)
}
