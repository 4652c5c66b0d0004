//! Counting: after voting is closed, box by box, by several people who do not
//! stand; the sums of a box are checked against its marks and themselves.

use super::decide::{may_count, within};
use super::voting::box_at;
use super::{Action, BallotBox, Election, Happening, Invalid, Phase, Tally};
use crate::code::Code;
use crate::process::Refusal;

pub(super) fn decide(election: &Election, action: &Action) -> Result<Happening, Refusal> {
    within(election, &[Phase::Counting])?;
    match action {
        Action::Mix { from, into } => {
            let at = uncounted(election, "from", from)?;
            let into_at = uncounted(election, "into", into)?;
            if at == into_at {
                let (zh, en) = ("应为另一个票箱", "want another box");
                return Err(Refusal::input("into", "SAME_BOX", zh, en));
            }
            Ok(Happening::Mixed {
                from: at,
                into: into_at,
            })
        }
        Action::Count {
            ballot_box,
            tally,
            counters,
            document,
        } => {
            let at = uncounted(election, "ballot_box", ballot_box)?;
            may_count(election, "counters", counters)?;
            is_large_enough(election, at)?;
            adds_up(election, at, tally)?;
            Ok(Happening::Counted {
                ballot_box: at,
                tally: tally.clone(),
                counters: counters.as_slice().into(),
                document: *document,
            })
        }
        Action::Void { ballot_box, reason } => Ok(Happening::Voided {
            ballot_box: uncounted(election, "ballot_box", ballot_box)?,
            reason: reason.clone(),
        }),
        _ => Err(Refusal::unknown()),
    }
}

fn uncounted(election: &Election, field: &'static str, code: &Code) -> Result<u16, Refusal> {
    let at = box_at(election, field, code)?;
    match election.boxes.get(usize::from(at)) {
        Some(found) if found.is_due() => Ok(at),
        _ => {
            let (zh, en) = (
                "这个票箱已经计票或并入别的票箱",
                "this box is counted or mixed already",
            );
            Err(Refusal::state("BOX_IS_DONE", zh, en).with("ballot_box", code))
        }
    }
}

/// The sums of few ballots would say what their voters chose. One box is what it is.
fn is_large_enough(election: &Election, at: u16) -> Result<(), Refusal> {
    let others = (0..).zip(&election.boxes);
    let has_other = others
        .into_iter()
        .any(|(other, one)| other != at && one.is_due());
    let voters = election
        .boxes
        .get(usize::from(at))
        .map_or(0, |one| one.voters);
    let least = election.rules.smallest_box;
    if voters >= least || voters == 0 || !has_other {
        return Ok(());
    }
    let zh = format!("只有 {voters} 张选票，不足 {least} 张：请先并入别的票箱");
    let en = format!("only {voters} ballots, less than {least}: mix it with another box first");
    Err(Refusal::state("BOX_TOO_SMALL", zh, en).with("least", least))
}

fn adds_up(election: &Election, at: u16, tally: &Tally) -> Result<(), Refusal> {
    let names = tally.votes.iter().map(|(entry, _)| *entry);
    if !names.eq(election.standing().map(|candidate| candidate.entry)) {
        let (zh, en) = (
            "应按选票顺序列出每名候选人，没有票的写 0",
            "want every candidate in the ballot's order, 0 where nobody chose it",
        );
        return Err(Refusal::input("votes", "NOT_THE_BALLOT", zh, en));
    }
    let sum: u64 = tally.votes.iter().map(|(_, votes)| u64::from(*votes)).sum();
    let most = u64::from(tally.valid) * u64::from(election.seats);
    let over = tally.votes.iter().any(|(_, votes)| *votes > tally.valid);
    if over || sum > most {
        let zh = format!("{} 张有效票最多选出 {most} 个名字，得票数不符", tally.valid);
        let en = format!(
            "{} valid ballots hold at most {most} names: it does not add up",
            tally.valid
        );
        return Err(Refusal::input("votes", "DOES_NOT_ADD_UP", zh, en));
    }
    let voters = election
        .boxes
        .get(usize::from(at))
        .map_or(0, |one| one.voters);
    let ballots = tally.ballots();
    if ballots > u64::from(voters) {
        let zh = format!("收回 {ballots} 张，发出 {voters} 张：多于发出的，票箱无效");
        let en =
            format!("{ballots} ballots in a box for {voters} voters: more than were handed out");
        return Err(Refusal::state("MORE_BALLOTS_THAN_VOTERS", zh, en)
            .with("ballots", ballots)
            .with("voters", voters));
    }
    Ok(())
}

impl BallotBox {
    /// Neither counted nor mixed into another.
    pub fn is_due(&self) -> bool {
        self.tally.is_none() && self.mixed_into.is_none()
    }
}

impl Tally {
    pub fn ballots(&self) -> u64 {
        u64::from(self.valid) + self.invalid.all()
    }
}

impl Invalid {
    pub fn all(&self) -> u64 {
        u64::from(self.blank) + u64::from(self.too_many) + u64::from(self.unclear)
    }
}
