//! An election, as what happened to it makes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Action, Happening, Outcome, Rules};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Happened, Process, Refusal};
use crate::roll::{Channel, Roll};
use crate::sha256::Sha256;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Election {
    pub kind: Code,
    pub rules: Rules,
    /// No resident's name.
    pub title: Name,
    pub grid: Option<Grid>,
    pub seats: u16,
    /// Entries that review and oversee; none of them stands.
    pub committee: Box<[u64]>,
    /// 职责、权利、义务: the document that goes with a seat.
    pub charter: Option<u64>,
    pub phase: Phase,
    pub views_gathered: bool,
    /// In the order of their nomination.
    pub candidates: Vec<Candidate>,
    pub notice_until: Option<Day>,
    pub roll: Option<Roll>,
    pub boxes: Vec<BallotBox>,
    /// Who was handed a ballot, and the box it went to.
    pub marked: BTreeMap<u64, u16>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub closes_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    pub objections_until: Option<Day>,
    pub objections: Vec<Objection>,
    pub seated: Vec<Seat>,
    pub term: Option<(Day, Day)>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    Nominating,
    CandidatesPublished,
    RollFrozen,
    Voting,
    Counting,
    /// Objections can be made.
    Announced,
    Seated,
    /// Too few voted, or nobody was elected.
    Failed,
    /// An objection was upheld.
    Annulled,
    Cancelled,
    /// The term is over.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub entry: u64,
    pub route: Route,
    pub standing: Standing,
}

/// 居委会推举, 他人推举, 个人自荐.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    Committee,
    Others,
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Nominated,
    Accepted,
    Rejected,
    StoodDown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotBox {
    pub code: Code,
    pub channel: Channel,
    pub voters: u32,
    pub mixed_into: Option<u16>,
    pub tally: Option<Tally>,
}

/// The sums of a box; those of a void one are all 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// By candidate, in their order.
    pub votes: Box<[(u64, u32)]>,
    pub valid: u32,
    pub invalid: Invalid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid {
    pub blank: u32,
    /// More marks than seats.
    pub too_many: u32,
    pub unclear: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Of the paper that was handed in.
    pub document: Sha256,
    pub is_upheld: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub entry: u64,
    /// The day on which it was given up.
    pub vacated_on: Option<Day>,
}

impl Process for Election {
    type Action = Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Election>,
        action: &Action,
        context: &crate::process::Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Election>, happened: &Happened<Happening>) -> Option<Election> {
        let mut election = match (before, &happened.what) {
            (None, Happening::Opened { .. }) => return opened(happened),
            (Some(_), Happening::Opened { .. }) | (None, _) => return None,
            (Some(election), _) => election,
        };
        if happened.by != Actor::System {
            election.acted_at = election.acted_at.max(happened.at);
        }
        election.change(&happened.what)?;
        Some(election)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(
        _: Option<&Election>,
        after: &Election,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Election>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        match self.phase {
            Phase::Voting => Some((self.closes_at?, Happening::VotingClosed)),
            Phase::Seated => Some((self.end_of(self.term?.1), Happening::TermEnded)),
            _ => None,
        }
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        self.phase <= Phase::Seated
    }

    /// Elections are public; they hold no names.
    fn is_visible_to(&self, _: &Actor) -> bool {
        true
    }
}

impl Election {
    /// Who is on the ballot, in its order.
    pub fn standing(&self) -> impl Iterator<Item = &Candidate> {
        let candidates = self.candidates.iter();
        candidates.filter(|candidate| candidate.standing == Standing::Accepted)
    }

    pub fn voters(&self) -> u64 {
        self.marked.len() as u64
    }

    /// Who sits on the body that was elected, on this day.
    pub fn serving(&self, day: Date) -> impl Iterator<Item = u64> {
        let sits = self.phase == Phase::Seated
            && self
                .term
                .is_some_and(|(from, until)| (from.0..=until.0).contains(&day));
        let seats = self
            .seated
            .iter()
            .filter(move |seat| sits && seat.vacated_on.is_none());
        seats.map(|seat| seat.entry)
    }

    fn change(&mut self, what: &Happening) -> Option<()> {
        match what {
            Happening::Opened { .. } => return None,
            Happening::ViewsGathered { .. } => self.views_gathered = true,
            Happening::Nominated { entry, route } => self.candidates.push(Candidate {
                entry: *entry,
                route: *route,
                standing: Standing::Nominated,
            }),
            Happening::Reviewed {
                entry, is_accepted, ..
            } => {
                self.candidate_mut(*entry)?.standing = match is_accepted {
                    true => Standing::Accepted,
                    false => Standing::Rejected,
                };
            }
            Happening::StoodDown { entry } => {
                self.candidate_mut(*entry)?.standing = Standing::StoodDown;
            }
            Happening::CandidatesPublished { until, .. } => {
                (self.phase, self.notice_until) = (Phase::CandidatesPublished, Some(*until));
            }
            Happening::RollFrozen { roll } => {
                (self.phase, self.roll) = (Phase::RollFrozen, Some(roll.clone()));
            }
            Happening::VotingOpened { boxes, closes_at } => {
                (self.phase, self.closes_at) = (Phase::Voting, Some(*closes_at));
                let boxes = boxes.iter().map(|(code, channel)| BallotBox {
                    code: code.clone(),
                    channel: *channel,
                    voters: 0,
                    mixed_into: None,
                    tally: None,
                });
                self.boxes = boxes.collect();
            }
            Happening::Marked { entry, ballot_box } => {
                self.marked.insert(*entry, *ballot_box);
                self.box_mut(*ballot_box)?.voters += 1;
            }
            Happening::Unmarked { entry, .. } => {
                let ballot_box = self.marked.remove(entry)?;
                let ballot_box = self.box_mut(ballot_box)?;
                ballot_box.voters = ballot_box.voters.checked_sub(1)?;
            }
            Happening::VotingClosed => self.phase = Phase::Counting,
            Happening::Mixed { from, into } => {
                let voters = std::mem::take(&mut self.box_mut(*from)?.voters);
                self.box_mut(*from)?.mixed_into = Some(*into);
                self.box_mut(*into)?.voters += voters;
            }
            Happening::Counted {
                ballot_box, tally, ..
            } => {
                self.box_mut(*ballot_box)?.tally = Some(tally.clone());
            }
            Happening::Voided { ballot_box, .. } => {
                let votes = self.standing().map(|candidate| (candidate.entry, 0));
                let tally = Tally {
                    votes: votes.collect(),
                    valid: 0,
                    invalid: Invalid::default(),
                };
                self.box_mut(*ballot_box)?.tally = Some(tally);
            }
            Happening::Announced { outcome, until, .. } => {
                self.phase = match outcome.ending.is_failure() {
                    true => Phase::Failed,
                    false => Phase::Announced,
                };
                let elected = outcome.elected.iter();
                self.seated = elected
                    .map(|(entry, _)| Seat {
                        entry: *entry,
                        vacated_on: None,
                    })
                    .collect();
                self.objections_until = Some(*until);
                self.outcome = Some(outcome.clone());
            }
            Happening::Objected { document } => self.objections.push(Objection {
                document: *document,
                is_upheld: None,
            }),
            Happening::Ruled {
                objection,
                is_upheld,
                ..
            } => {
                let at = usize::try_from(*objection).ok()?;
                self.objections.get_mut(at)?.is_upheld = Some(*is_upheld);
                if *is_upheld {
                    self.phase = Phase::Annulled;
                }
            }
            Happening::Declined { entry } => self.seated.retain(|seat| seat.entry != *entry),
            Happening::Seated { from, until } => {
                (self.phase, self.term) = (Phase::Seated, Some((*from, *until)));
            }
            Happening::Vacated { entry, on, .. } => {
                let mut seats = self.seated.iter_mut();
                seats.find(|seat| seat.entry == *entry)?.vacated_on = Some(*on);
            }
            Happening::Cancelled { .. } => self.phase = Phase::Cancelled,
            Happening::TermEnded => self.phase = Phase::Over,
        }
        Some(())
    }

    fn candidate_mut(&mut self, entry: u64) -> Option<&mut Candidate> {
        let mut candidates = self.candidates.iter_mut();
        candidates.find(|candidate| candidate.entry == entry)
    }

    fn box_mut(&mut self, at: u16) -> Option<&mut BallotBox> {
        self.boxes.get_mut(usize::from(at))
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Election> {
    let Happening::Opened {
        kind,
        rules,
        title,
        grid,
        seats,
        committee,
        charter,
        zone,
    } = &happened.what
    else {
        return None;
    };
    Some(Election {
        kind: kind.clone(),
        rules: rules.clone(),
        title: title.clone(),
        grid: *grid,
        seats: *seats,
        committee: committee.clone(),
        charter: *charter,
        phase: Phase::Nominating,
        views_gathered: false,
        candidates: Vec::new(),
        notice_until: None,
        roll: None,
        boxes: Vec::new(),
        marked: BTreeMap::new(),
        closes_at: None,
        outcome: None,
        objections_until: None,
        objections: Vec::new(),
        seated: Vec::new(),
        term: None,
        acted_at: happened.at,
        zone: zone.clone(),
    })
}
