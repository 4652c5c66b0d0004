//! The roll and the boxes while people vote: one ballot a head over all channels.
//! Knows nothing of what is on a ballot.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::decide::{is_contested, within};
use super::{Action, Election, Happening, Phase};
use crate::code::Code;
use crate::process::{Context, Refusal};
use crate::roll::Channel;
use crate::stored::Day;

const MOST_BOXES: usize = 100;

pub(super) fn decide(
    election: &Election,
    action: &Action,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    match action {
        Action::Freeze { roll } => {
            if election.roll.is_some() {
                let (zh, en) = (
                    "名册已经冻结，不再改变",
                    "the roll is frozen and does not change",
                );
                return Err(Refusal::exists("ROLL_FROZEN", zh, en));
            }
            within(election, &[Phase::CandidatesPublished])?;
            Ok(Happening::RollFrozen { roll: roll.clone() })
        }
        Action::OpenVoting { boxes, closes_at } => open(election, boxes, *closes_at, context),
        Action::Mark { entry, ballot_box } => mark(election, *entry, ballot_box),
        Action::Unmark { entry, reason } => {
            within(election, &[Phase::Voting])?;
            if !election.marked.contains_key(entry) {
                let (zh, en) = ("名册上没有领票记录", "the roll has no mark there");
                return Err(Refusal::state("NOT_MARKED", zh, en));
            }
            Ok(Happening::Unmarked {
                entry: *entry,
                reason: reason.clone(),
            })
        }
        Action::CloseVoting => {
            within(election, &[Phase::Voting])?;
            let heads = election.roll.as_ref().map_or(0, |roll| roll.heads());
            if election.voters() < heads {
                let (zh, en) = (
                    "还有人没有投票，到时自动截止",
                    "somebody has not voted yet: voting closes at its time",
                );
                return Err(Refusal::state("VOTING_RUNS", zh, en));
            }
            Ok(Happening::VotingClosed)
        }
        _ => Err(Refusal::unknown()),
    }
}

fn open(
    election: &Election,
    boxes: &[(Code, Channel)],
    closes_at: Timestamp,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    within(election, &[Phase::RollFrozen])?;
    is_contested(election)?;
    if election.rules.notice_days > 0
        && let Some(until) = election.notice_until
        && context.at < election.end_of(until)
    {
        let zh = format!("候选人公布到 {until} 为止");
        let en = format!("candidates are published until {until}");
        return Err(Refusal::state("NOTICE_RUNS", zh, en).with("until", until));
    }
    let mut codes: Vec<&Code> = boxes.iter().map(|(code, _)| code).collect();
    codes.sort();
    codes.dedup();
    if codes.len() != boxes.len() || !(1..=MOST_BOXES).contains(&boxes.len()) {
        let zh = format!("应有 1 至 {MOST_BOXES} 个票箱，代码各不相同");
        let en = format!("want 1 to {MOST_BOXES} boxes with different codes");
        return Err(Refusal::input("boxes", "BOXES", zh, en));
    }
    if closes_at <= context.at {
        let (zh, en) = ("截止时间应在将来", "want a time to come");
        return Err(Refusal::input("closes_at", "CLOSES_TOO_EARLY", zh, en));
    }
    Ok(Happening::VotingOpened {
        boxes: boxes.into(),
        closes_at,
    })
}

fn mark(election: &Election, entry: u64, ballot_box: &Code) -> Result<Happening, Refusal> {
    within(election, &[Phase::Voting])?;
    if !election.roll.as_ref().is_some_and(|roll| roll.holds(entry)) {
        let (zh, en) = ("不在冻结的名册上", "not on the frozen roll");
        let entry = format!("entries/{entry}");
        return Err(Refusal::input("entry", "NOT_ON_ROLL", zh, en).with("entry", entry));
    }
    if let Some(at) = election.marked.get(&entry) {
        let code = election.boxes.get(usize::from(*at));
        let code = code.map_or_else(String::new, |one| one.code.to_string());
        let zh = format!("已在票箱 {code} 投票，一人一票");
        let en = format!("voted already, at box {code}: one person, one vote");
        return Err(Refusal::exists("ALREADY_VOTED", zh, en).with("ballot_box", code));
    }
    Ok(Happening::Marked {
        entry,
        ballot_box: box_at(election, "ballot_box", ballot_box)?,
    })
}

pub(super) fn box_at(
    election: &Election,
    field: &'static str,
    code: &Code,
) -> Result<u16, Refusal> {
    let at = election.boxes.iter().position(|one| one.code == *code);
    at.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| {
        let (zh, en) = ("没有这个票箱", "there is no such box");
        Refusal::input(field, "NO_BOX", zh, en).with("ballot_box", code)
    })
}

impl Election {
    /// The midnight after it.
    pub(super) fn end_of(&self, day: Day) -> Timestamp {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let end = day.0.checked_add(1.day());
        let end = end.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)));
        end.unwrap_or(Timestamp::MAX)
    }
}
