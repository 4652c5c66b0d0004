//! Who is elected, objections, seats and terms. The result is what the boxes' sums
//! and the frozen rules say, and it does not change once it is announced.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::decide::{may_count, within};
use super::{Action, Election, Happening, Phase, Tie};
use crate::process::{Context, Refusal};
use crate::stored::Day;

const MOST_OBJECTIONS: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub ending: Ending,
    /// Every candidate's votes over all boxes, in the ballot's order.
    pub votes: Box<[(u64, u64)]>,
    /// With their votes, most first.
    pub elected: Box<[(u64, u64)]>,
    pub heads: u64,
    /// Who were handed a ballot.
    pub voters: u64,
    pub ballots: u64,
    pub invalid: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    Elected,
    /// Some seats stay empty: too few votes, or equal ones.
    PartlyElected,
    NobodyElected,
    /// Too few took part.
    UnderTurnout,
}

impl Ending {
    pub const fn is_failure(self) -> bool {
        matches!(self, Ending::NobodyElected | Ending::UnderTurnout)
    }

    pub const fn code(self) -> &'static str {
        match self {
            Ending::Elected => "elected",
            Ending::PartlyElected => "partly-elected",
            Ending::NobodyElected => "nobody-elected",
            Ending::UnderTurnout => "under-turnout",
        }
    }
}

pub(super) fn decide(
    election: &Election,
    action: &Action,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    match action {
        Action::Announce {
            signers,
            document,
            drawn,
        } => {
            within(election, &[Phase::Counting])?;
            may_count(election, "signers", signers)?;
            let days = i64::from(election.rules.objection_days);
            let until = context.day().checked_add(days.days());
            Ok(Happening::Announced {
                outcome: election.outcome(drawn)?,
                signers: signers.as_slice().into(),
                document: *document,
                until: Day(until.unwrap_or(Date::MAX)),
            })
        }
        Action::Object { document } => {
            within(election, &[Phase::Announced])?;
            if election.objections.len() >= MOST_OBJECTIONS {
                let (zh, en) = (
                    "异议过多，请到社区当面提出",
                    "there are too many: come to the office",
                );
                return Err(Refusal::exhausted("TOO_MANY_OBJECTIONS", zh, en));
            }
            match election.objections_until {
                Some(until) if context.at < election.end_of(until) => Ok(Happening::Objected {
                    document: *document,
                }),
                _ => {
                    let (zh, en) = ("异议期已过", "the time for objections is over");
                    Err(Refusal::state("OBJECTIONS_CLOSED", zh, en))
                }
            }
        }
        Action::Rule {
            objection,
            is_upheld,
            reason,
        } => {
            within(election, &[Phase::Announced])?;
            let at = usize::try_from(*objection).ok();
            let found = at.and_then(|at| election.objections.get(at));
            if found.is_none_or(|found| found.is_upheld.is_some()) {
                let (zh, en) = (
                    "没有这条待处理的异议",
                    "no such objection, or it is ruled on",
                );
                return Err(Refusal::input("objection", "NO_OBJECTION", zh, en));
            }
            Ok(Happening::Ruled {
                objection: *objection,
                is_upheld: *is_upheld,
                reason: reason.clone(),
            })
        }
        Action::Decline { entry } => {
            within(election, &[Phase::Announced])?;
            elected(election, *entry)?;
            Ok(Happening::Declined { entry: *entry })
        }
        Action::Seat { from, serving } => seat(election, *from, serving, context),
        Action::Vacate { entry, reason } => {
            within(election, &[Phase::Seated])?;
            elected(election, *entry)?;
            Ok(Happening::Vacated {
                entry: *entry,
                on: Day(context.day()),
                reason: reason.clone(),
            })
        }
        _ => Err(Refusal::unknown()),
    }
}

fn elected(election: &Election, entry: u64) -> Result<(), Refusal> {
    let mut seats = election.seated.iter();
    if seats.any(|seat| seat.entry == entry && seat.vacated_on.is_none()) {
        return Ok(());
    }
    let (zh, en) = (
        "没有这名当选人",
        "nobody of this number was elected, or sits",
    );
    Err(Refusal::input("entry", "NOT_ELECTED", zh, en))
}

fn seat(
    election: &Election,
    from: Date,
    serving: &[u64],
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    within(election, &[Phase::Announced])?;
    if election
        .objections
        .iter()
        .any(|objection| objection.is_upheld.is_none())
    {
        let (zh, en) = ("还有异议没有处理", "an objection is not ruled on yet");
        return Err(Refusal::state("OBJECTION_OPEN", zh, en));
    }
    if election.rules.objection_days > 0
        && let Some(until) = election.objections_until
        && context.at < election.end_of(until)
    {
        let zh = format!("异议期到 {until} 为止");
        let en = format!("objections can be made until {until}");
        return Err(Refusal::state("OBJECTIONS_RUN", zh, en).with("until", until));
    }
    let mut seats = election.seated.iter();
    if let Some(both) = seats.find(|seat| serving.contains(&seat.entry)) {
        let (zh, en) = (
            "同一人不能同时任职于两个互斥的机构：请先辞去其一",
            "one person cannot sit on both bodies: one of the seats is given up first",
        );
        let entry = format!("entries/{}", both.entry);
        return Err(Refusal::state("SITS_ELSEWHERE", zh, en).with("entry", entry));
    }
    if from < context.day() {
        let (zh, en) = ("就任日不能早于今天", "want today or a day to come");
        return Err(Refusal::input("from_day", "SEATED_TOO_EARLY", zh, en));
    }
    let months = i64::from(election.rules.term_months);
    let until = from.checked_add(months.months());
    let until = until.and_then(|after| after.yesterday());
    Ok(Happening::Seated {
        from: Day(from),
        until: Day(until.unwrap_or(Date::MAX)),
    })
}

impl Election {
    /// What the boxes say; refused while one is not counted, or a lot not drawn.
    fn outcome(&self, drawn: &[u64]) -> Result<Outcome, Refusal> {
        if let Some(due) = self.boxes.iter().find(|one| one.is_due()) {
            let (zh, en) = ("还有票箱没有计票", "a box is not counted yet");
            return Err(Refusal::state("BOX_IS_DUE", zh, en).with("ballot_box", &due.code));
        }
        let tallies = || self.boxes.iter().filter_map(|one| one.tally.as_ref());
        let votes_of = |entry: u64| {
            let votes = tallies().flat_map(|tally| tally.votes.iter());
            let votes = votes.filter(|(of, _)| *of == entry);
            votes.map(|(_, votes)| u64::from(*votes)).sum()
        };
        let votes = self.standing().map(|one| (one.entry, votes_of(one.entry)));
        let votes: Box<[(u64, u64)]> = votes.collect();
        let valid = tallies().map(|tally| u64::from(tally.valid)).sum();
        let invalid = tallies().map(|tally| tally.invalid.all()).sum();
        let heads = self.roll.as_ref().map_or(0, |roll| roll.heads());
        let ballots = valid + invalid;
        let is_quorate = self
            .rules
            .quorum
            .is_none_or(|share| share.is_met(ballots, heads));
        let elected = match is_quorate {
            true => self.elected(&votes, valid, drawn)?,
            false => no_lot(drawn).map(|()| Vec::new())?,
        };
        let ending = match elected.len() {
            _ if !is_quorate => Ending::UnderTurnout,
            0 => Ending::NobodyElected,
            seats if seats < usize::from(self.seats) => Ending::PartlyElected,
            _ => Ending::Elected,
        };
        Ok(Outcome {
            ending,
            votes,
            elected: elected.into(),
            heads,
            voters: self.voters(),
            ballots,
            invalid,
        })
    }

    fn elected(
        &self,
        votes: &[(u64, u64)],
        valid: u64,
        drawn: &[u64],
    ) -> Result<Vec<(u64, u64)>, Refusal> {
        let enough = |votes: u64| {
            self.rules
                .majority
                .is_none_or(|share| share.is_met(votes, valid))
        };
        let able = votes
            .iter()
            .copied()
            .filter(|(_, votes)| *votes > 0 && enough(*votes));
        let mut able: Vec<(u64, u64)> = able.collect();
        // Stable: equal ones stay in the ballot's order.
        able.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
        let seats = usize::from(self.seats);
        let last = match able.get(seats) {
            Some((_, next)) if able[seats - 1].1 == *next => *next,
            _ => {
                able.truncate(seats);
                return no_lot(drawn).map(|()| able);
            }
        };
        // Equal votes on both sides of the last seat.
        let mut elected: Vec<_> = able
            .iter()
            .copied()
            .filter(|(_, votes)| *votes > last)
            .collect();
        let tied: Vec<u64> = able
            .iter()
            .filter(|(_, votes)| *votes == last)
            .map(|(entry, _)| *entry)
            .collect();
        let open = seats - elected.len();
        match self.rules.tie {
            Tie::Vacant => no_lot(drawn)?,
            Tie::Lot => {
                let mut once = drawn.to_vec();
                once.sort_unstable();
                once.dedup();
                if once.len() != open
                    || drawn.len() != open
                    || !once.iter().all(|one| tied.contains(one))
                {
                    let named: Vec<String> =
                        tied.iter().map(|one| format!("entries/{one}")).collect();
                    let named = named.join(" ");
                    let zh = format!("得票相同：请在 {named} 中抽签产生 {open} 名");
                    let en = format!("votes are equal: draw {open} of {named} by lot");
                    return Err(Refusal::input("drawn", "LOT_NEEDED", zh, en)
                        .with("tied", named)
                        .with("seats", open));
                }
                elected.extend(drawn.iter().map(|entry| (*entry, last)));
            }
        }
        Ok(elected)
    }
}

fn no_lot(drawn: &[u64]) -> Result<(), Refusal> {
    if drawn.is_empty() {
        return Ok(());
    }
    let (zh, en) = ("没有需要抽签的名额", "there is no seat to draw for");
    Err(Refusal::input("drawn", "NO_LOT_NEEDED", zh, en))
}
