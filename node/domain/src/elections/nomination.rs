//! Who stands: key residents' views, nominations by three routes, review,
//! publication. Knows no ballot.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::decide::{is_contested, within};
use super::{Action, Election, Happening, Phase, Route, Standing};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::stored::Day;

const MOST_CANDIDATES: usize = 1_000;

pub(super) fn decide(
    election: &Election,
    action: &Action,
    context: &Context<'_>,
) -> Result<Happening, Refusal> {
    let before_the_vote = [
        Phase::Nominating,
        Phase::CandidatesPublished,
        Phase::RollFrozen,
    ];
    match action {
        Action::StandDown { .. } => within(election, &before_the_vote)?,
        _ => within(election, &[Phase::Nominating])?,
    }
    match action {
        Action::GatherViews { people, document } => Ok(Happening::ViewsGathered {
            people: *people,
            document: *document,
        }),
        Action::Nominate { entry, route } => nominate(election, *entry, *route, context.by),
        Action::Review {
            entry,
            is_accepted,
            reason,
        } => {
            let nominated = [Standing::Nominated, Standing::Accepted, Standing::Rejected];
            candidate(election, *entry, &nominated)?;
            if !is_accepted && reason.is_none() {
                let (zh, en) = ("不通过须说明理由", "want the reason for a rejection");
                return Err(Refusal::input("reason", "REASON_MISSING", zh, en));
            }
            Ok(Happening::Reviewed {
                entry: *entry,
                is_accepted: *is_accepted,
                reason: reason.clone(),
            })
        }
        Action::StandDown { entry } => {
            candidate(election, *entry, &[Standing::Nominated, Standing::Accepted])?;
            Ok(Happening::StoodDown { entry: *entry })
        }
        Action::PublishCandidates { place } => {
            let mut candidates = election.candidates.iter();
            if let Some(open) = candidates.find(|one| one.standing == Standing::Nominated) {
                let (zh, en) = ("还有提名没有审查", "a nomination is not reviewed yet");
                let entry = format!("entries/{}", open.entry);
                return Err(Refusal::state("UNREVIEWED", zh, en).with("entry", entry));
            }
            if election.rules.gathers_views && !election.views_gathered {
                let (zh, en) = (
                    "请先征集居民骨干意见",
                    "key residents are asked for their views first",
                );
                return Err(Refusal::state("VIEWS_MISSING", zh, en));
            }
            is_contested(election)?;
            let days = i64::from(election.rules.notice_days);
            let until = context.day().checked_add(days.days());
            Ok(Happening::CandidatesPublished {
                place: place.clone(),
                until: Day(until.unwrap_or(Date::MAX)),
            })
        }
        _ => Err(Refusal::unknown()),
    }
}

fn nominate(
    election: &Election,
    entry: u64,
    route: Route,
    by: &Actor,
) -> Result<Happening, Refusal> {
    if route == Route::Committee && !by.is_office() {
        let (zh, en) = (
            "居委会推举由社区登记",
            "the committee's own are entered by the office",
        );
        return Err(Refusal::input("route", "NOT_THE_COMMITTEE", zh, en));
    }
    if election.committee.contains(&entry) {
        let (zh, en) = (
            "选举委员会成员不能参选",
            "who is on the election committee does not stand",
        );
        return Err(Refusal::denied("COMMITTEE_STANDS", zh, en));
    }
    if election
        .candidates
        .iter()
        .any(|candidate| candidate.entry == entry)
    {
        let (zh, en) = ("已经提名", "nominated already");
        return Err(Refusal::exists("ALREADY_NOMINATED", zh, en));
    }
    if election.candidates.len() >= MOST_CANDIDATES {
        let (zh, en) = ("提名过多", "there are too many nominations");
        return Err(Refusal::exhausted("TOO_MANY_CANDIDATES", zh, en));
    }
    Ok(Happening::Nominated { entry, route })
}

fn candidate(election: &Election, entry: u64, want: &[Standing]) -> Result<(), Refusal> {
    let mut candidates = election.candidates.iter();
    let found = candidates.find(|candidate| candidate.entry == entry);
    if found.is_some_and(|candidate| want.contains(&candidate.standing)) {
        return Ok(());
    }
    let (zh, en) = (
        "没有这名候选人，或已退出",
        "no such candidate, or it stood down",
    );
    Err(Refusal::input("entry", "NO_CANDIDATE", zh, en).with("entry", format!("entries/{entry}")))
}

impl Route {
    pub const fn code(self) -> &'static str {
        match self {
            Route::Committee => "committee",
            Route::Others => "others",
            Route::Own => "own",
        }
    }
}

impl Standing {
    pub const fn code(self) -> &'static str {
        match self {
            Standing::Nominated => "nominated",
            Standing::Accepted => "accepted",
            Standing::Rejected => "rejected",
            Standing::StoodDown => "stood-down",
        }
    }
}
