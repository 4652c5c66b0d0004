//! From a command about an election to what happens, or a refusal: who may, opening,
//! and which part decides the rest.

use super::{Action, Election, Happening, Open, Phase, count, nomination, outcome, voting};
use crate::actor::Actor;
use crate::process::{Context, Refusal};

pub(super) type Happens = Result<Vec<Happening>, Refusal>;

/// Members of a committee, seats of a body.
const MOST_COMMITTEE: usize = 100;
const MOST_SEATS: u16 = 500;
const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(before: Option<&Election>, action: &Action, context: &Context<'_>) -> Happens {
    let election = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(election), _) => election,
    };
    may(action, context.by)?;
    let happens = match action {
        Action::Open(_) => return Err(Refusal::already_open()),
        Action::GatherViews { .. }
        | Action::Nominate { .. }
        | Action::Review { .. }
        | Action::StandDown { .. }
        | Action::PublishCandidates { .. } => nomination::decide(election, action, context)?,
        Action::Freeze { .. }
        | Action::OpenVoting { .. }
        | Action::Mark { .. }
        | Action::Unmark { .. }
        | Action::CloseVoting => voting::decide(election, action, context)?,
        Action::Mix { .. } | Action::Count { .. } | Action::Void { .. } => {
            count::decide(election, action)?
        }
        Action::Cancel { reason } => {
            within(
                election,
                &[
                    Phase::Nominating,
                    Phase::CandidatesPublished,
                    Phase::RollFrozen,
                ],
            )?;
            Happening::Cancelled {
                reason: reason.clone(),
            }
        }
        _ => outcome::decide(election, action, context)?,
    };
    Ok(vec![happens])
}

/// Whoever lives here can propose somebody; the rest is the office's, which acts
/// for the election committee.
fn may(action: &Action, by: &Actor) -> Result<(), Refusal> {
    let proposes = matches!(action, Action::Nominate { .. } | Action::Object { .. });
    let is_resident = matches!(by, Actor::Resident(_));
    match by.is_office() || proposes && is_resident {
        true => Ok(()),
        false => Err(Refusal::not_yours(OFFICE)),
    }
}

fn open(open: &Open, context: &Context<'_>) -> Happens {
    if !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let kind = context.playbooks.election(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let seats = match (kind.rules.seats, open.seats) {
        (Some(fixed), None) => fixed,
        (Some(fixed), Some(seats)) if seats == fixed => fixed,
        (Some(fixed), Some(_)) => {
            let zh = format!("这类选举的名额是 {fixed}");
            let en = format!("this kind elects {fixed}");
            return Err(Refusal::input("seats", "SEATS_ARE_FIXED", zh, en).with("seats", fixed));
        }
        (None, Some(seats)) if (1..=MOST_SEATS).contains(&seats) => seats,
        (None, _) => {
            let zh = format!("应为 1 至 {MOST_SEATS} 的名额");
            let en = format!("want 1 to {MOST_SEATS} seats");
            return Err(Refusal::input("seats", "SEATS_MISSING", zh, en));
        }
    };
    let mut committee = open.committee.clone();
    committee.sort_unstable();
    committee.dedup();
    let fits = (usize::from(kind.rules.counters)..=MOST_COMMITTEE).contains(&committee.len());
    if !fits {
        let least = kind.rules.counters;
        let zh = format!("选举委员会应有 {least} 至 {MOST_COMMITTEE} 人");
        let en = format!("an election committee has {least} to {MOST_COMMITTEE} members");
        return Err(Refusal::input("committee", "COMMITTEE_SIZE", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        grid: open.grid,
        seats,
        committee: committee.into(),
        charter: open.charter,
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

pub(super) fn within(election: &Election, phases: &[Phase]) -> Result<(), Refusal> {
    if phases.contains(&election.phase) {
        return Ok(());
    }
    let phase = election.phase.code();
    let zh = format!("现在的阶段（{}）不能这样做", election.phase.zh());
    let en = format!("not in its present phase, {phase}");
    Err(Refusal::state("WRONG_PHASE", zh, en).with("phase", phase))
}

/// More candidates than seats (差额), or the voters have no choice.
pub(super) fn is_contested(election: &Election) -> Result<(), Refusal> {
    let standing = election.standing().count();
    let least = usize::from(election.seats) + usize::from(election.rules.surplus);
    if standing >= least.max(1) {
        return Ok(());
    }
    let zh = format!(
        "候选人 {standing} 名，名额 {}；至少要有 {least} 名",
        election.seats
    );
    let en = format!(
        "{standing} candidates for {} seats: want at least {least}",
        election.seats
    );
    Err(Refusal::state("TOO_FEW_CANDIDATES", zh, en)
        .with("candidates", standing)
        .with("seats", election.seats)
        .with("least", least))
}

/// Those who count or sign: enough, each once, and nobody who stands.
pub(super) fn may_count(
    election: &Election,
    field: &'static str,
    people: &[u64],
) -> Result<(), Refusal> {
    let mut once = people.to_vec();
    once.sort_unstable();
    once.dedup();
    let least = usize::from(election.rules.counters);
    if once.len() != people.len() || !(least..=MOST_COMMITTEE).contains(&once.len()) {
        let zh = format!("应为 {least} 名以上不同的人");
        let en = format!("want {least} different people, or more");
        return Err(Refusal::input(field, "TOO_FEW_COUNTERS", zh, en).with("least", least));
    }
    // Also who was refused, or stood down: it is their count, too.
    let mut candidates = election.candidates.iter();
    if let Some(candidate) = candidates.find(|candidate| people.contains(&candidate.entry)) {
        let (zh, en) = ("候选人不能计票、监票", "who stands may not count");
        let entry = format!("entries/{}", candidate.entry);
        return Err(Refusal::denied("CANDIDATE_COUNTS", zh, en).with("entry", entry));
    }
    Ok(())
}

impl Phase {
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    pub const fn zh(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Phase::Nominating => ("nominating", "提名"),
            Phase::CandidatesPublished => ("candidates-published", "候选人公布"),
            Phase::RollFrozen => ("roll-frozen", "名册冻结"),
            Phase::Voting => ("voting", "投票"),
            Phase::Counting => ("counting", "计票"),
            Phase::Announced => ("announced", "结果公布"),
            Phase::Seated => ("seated", "就任"),
            Phase::Failed => ("failed", "选举无效"),
            Phase::Annulled => ("annulled", "撤销"),
            Phase::Cancelled => ("cancelled", "取消"),
            Phase::Over => ("over", "任期届满"),
        }
    }
}
