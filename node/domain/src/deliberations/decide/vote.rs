//! The residents' vote on a fixed text: who voted is kept on the frozen roll, what
//! was voted comes as counts of closed boxes, one per channel.

use jiff::civil::Date;

use super::super::kind::Base;
use super::super::{Action, Count, Happening, Step, Topic, Vote, VoteRule};
use super::{not_at, steps};
use crate::process::{Context, Refusal};
use crate::roll::Roll;
use crate::sha256::Sha256;
use crate::stored::Day;

/// Marked with one command.
const MOST_VOTERS: usize = 1_000;

pub(super) fn decide(
    topic: &Topic,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    match action {
        Action::OpenVote { hash, roll, until } => open(topic, *hash, roll, *until, context),
        Action::MarkVoters { voters, origin } => {
            let vote = running(topic)?;
            if context.day() > vote.until.0 {
                let zh = format!("投票已于 {} 截止", vote.until);
                let en = format!("voting ended on {}", vote.until);
                return Err(Refusal::state("VOTING_OVER", zh, en));
            }
            marked(vote, voters)?;
            Ok(vec![Happening::VotersMarked {
                voters: voters.clone(),
                origin: *origin,
            }])
        }
        Action::CountBallots(count) => {
            counted(running(topic)?, count, context)?;
            Ok(vec![Happening::BallotsCounted(*count)])
        }
        Action::CloseVote => close(topic, context),
        _ => Err(Refusal::unknown()),
    }
}

fn open(
    topic: &Topic,
    hash: Sha256,
    roll: &Roll,
    until: Date,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let mut happenings = steps::enter(topic, Step::Vote, context)?;
    if topic.vote.is_some() {
        let (zh, en) = ("投票已经开始", "the vote is open already");
        return Err(Refusal::exists("VOTE_OPEN", zh, en));
    }
    if topic.text_hash() != Some(hash) {
        let zh = "表决文本须与审查确定的文本逐字相同";
        let en = "what is voted on is the reviewed text, byte for byte";
        let refusal = Refusal::input("text", "TEXT_DIFFERS", zh, en);
        let reviewed = topic.text_hash().map(|hash| hash.to_string());
        return Err(refusal
            .with("reviewed", reviewed.unwrap_or_default())
            .with("given", hash));
    }
    if until < context.day() {
        let (zh, en) = ("应不早于今天", "want no day before today");
        return Err(Refusal::input("until", "ENDS_BEFORE_IT_BEGINS", zh, en));
    }
    happenings.push(Happening::VoteOpened {
        hash,
        roll: roll.clone(),
        until: Day(until),
    });
    Ok(happenings)
}

fn running(topic: &Topic) -> Result<&Vote, Refusal> {
    match topic.vote.as_deref() {
        Some(vote) if topic.step() == Some(Step::Vote) => Ok(vote),
        _ => Err(not_at(topic, "投票期间", "while a vote is open")),
    }
}

fn marked(vote: &Vote, voters: &[u64]) -> Result<(), Refusal> {
    if !(1..=MOST_VOTERS).contains(&voters.len()) {
        let (zh, en) = ("一次 1 至 1000 人", "want 1 to 1000 at a time");
        return Err(Refusal::input("voters", "VOTERS", zh, en));
    }
    let heads = vote.heads();
    let mut seen = std::collections::BTreeSet::new();
    for voter in voters {
        let Ok(at) = heads.binary_search(voter) else {
            let (zh, en) = ("不在冻结的名册上", "not on the frozen roll");
            return Err(Refusal::input("voters", "NOT_ON_ROLL", zh, en).with("entry", voter));
        };
        if vote.voted[at] != 0 || !seen.insert(voter) {
            let zh = "已经投过票；一人一票，不分渠道";
            let en = "has voted already; one vote each over all channels";
            return Err(Refusal::exists("ALREADY_VOTED", zh, en).with("entry", voter));
        }
    }
    Ok(())
}

fn counted(vote: &Vote, count: &Count, context: &Context<'_>) -> Result<(), Refusal> {
    if context.day() <= vote.until.0 {
        let zh = format!("{} 截止后才能开箱计票", vote.until);
        let en = format!("boxes are opened after {}", vote.until);
        return Err(Refusal::state("STILL_VOTING", zh, en).with("until", vote.until));
    }
    if count.counters[0] == count.counters[1] {
        let (zh, en) = ("须由两个人计票", "two different people count");
        return Err(Refusal::input("counters", "ONE_COUNTER", zh, en));
    }
    if vote.counts.iter().any(|one| one.origin == count.origin) {
        let (zh, en) = ("这一渠道已经计票", "this channel is counted already");
        return Err(Refusal::exists("ALREADY_COUNTED", zh, en));
    }
    let parts = [count.yes, count.no, count.abstained, count.invalid];
    let sum: u64 = parts.iter().map(|part| u64::from(*part)).sum();
    let marked = vote.marked(Some(count.origin));
    if sum > u64::from(marked) {
        let zh = format!("票数 {sum} 多于该渠道登记的投票人数 {marked}");
        let en = format!("{sum} ballots, but {marked} voted on this channel");
        let refusal = Refusal::input("yes", "MORE_BALLOTS_THAN_VOTERS", zh, en);
        return Err(refusal.with("marked", marked).with("ballots", sum));
    }
    Ok(())
}

fn close(topic: &Topic, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let vote = running(topic)?;
    if context.day() <= vote.until.0 {
        let zh = format!("{} 截止", vote.until);
        let en = format!("people may vote until {}", vote.until);
        return Err(Refusal::state("STILL_VOTING", zh, en).with("until", vote.until));
    }
    let counted: u32 = vote
        .counts
        .iter()
        .map(|count| vote.marked(Some(count.origin)))
        .sum();
    if counted != vote.marked(None) {
        let (zh, en) = ("有渠道没有计票", "a channel is not counted");
        return Err(Refusal::state("BOXES_CLOSED", zh, en));
    }
    let Some(rule) = topic.rules.vote else {
        return Err(Refusal::unknown());
    };
    let (yes, no, abstained, _) = vote.sums();
    Ok(vec![
        Happening::StepEnded { step: Step::Vote },
        Happening::Decided {
            passed: passes(rule, vote),
            text: None,
            yes,
            no,
            abstained,
        },
    ])
}

/// Silence is no consent: who did not vote counts as neither.
fn passes(rule: VoteRule, vote: &Vote) -> bool {
    let (yes, _, _, cast) = vote.sums();
    let (roll, cast) = (vote.roll.heads(), u64::from(cast));
    let base = match rule.of {
        Base::Roll => roll,
        Base::Cast => cast,
    };
    cast > 0 && rule.turnout.is_met(cast, roll) && rule.yes.is_met(yes.into(), base)
}
