//! From a command about a topic to what happens, or a refusal: who may, whether
//! the topic is where it would have to be, how it comes on the agenda.

mod after;
mod session;
mod steps;
mod vote;

pub(super) use self::session::parties;
use super::{Action, Happening, Propose, Route, Source, Stage, Topic, Triage};
use crate::actor::Actor;
use crate::code::Name;
use crate::process::{Context, Refusal};

const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(
    before: Option<&Topic>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    let topic = match (before, action) {
        (None, Action::Propose(propose)) => return self::propose(propose, context),
        (Some(_), Action::Propose(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(topic), _) => topic,
    };
    may(topic, action, context.by)?;
    if matches!(topic.stage, Stage::Closed(_)) {
        return Err(Refusal::over());
    }
    match action {
        Action::Triage {
            grade,
            route,
            reason,
        } => {
            if !topic.rules.is_triaged {
                let zh = "这类议题不经研判分级";
                let en = "topics of this kind are not graded";
                return Err(Refusal::state("NOT_TRIAGED", zh, en));
            }
            if !matches!(topic.stage, Stage::Collected | Stage::Deferred) {
                return Err(not_at(topic, "尚未上会", "before it is on the agenda"));
            }
            if topic.rules.is_yearly && matches!(route, Route::Elsewhere(_)) {
                return Err(mandatory());
            }
            Ok(vec![Happening::Triaged(Triage {
                grade: *grade,
                route: route.clone(),
                reason: reason.clone(),
            })])
        }
        Action::Withdraw { reason } => {
            if topic.rules.is_yearly {
                return Err(mandatory());
            }
            if topic.decision.is_some() {
                return Err(not_at(topic, "作出决定之前", "before it is decided"));
            }
            Ok(vec![Happening::Withdrawn {
                reason: reason.clone(),
            }])
        }
        Action::Talk { .. }
        | Action::Draft { .. }
        | Action::Post
        | Action::Comment { .. }
        | Action::Advise { .. }
        | Action::AnswerAdvice { .. }
        | Action::Fix { .. }
        | Action::SendBack { .. }
        | Action::Survey { .. } => steps::decide(topic, action, context),
        Action::OpenVote { .. }
        | Action::MarkVoters { .. }
        | Action::CountBallots(_)
        | Action::CloseVote => vote::decide(topic, action, context),
        Action::FollowUp { .. }
        | Action::ReportDone { .. }
        | Action::Check { .. }
        | Action::Announce { .. }
        | Action::Close => after::decide(topic, action, context),
        _ => session::decide(topic, action, context),
    }
}

fn may(topic: &Topic, action: &Action, by: &Actor) -> Result<(), Refusal> {
    let is = |name: &Name| by.handles_as(name);
    let nth = |number: u32| usize::try_from(number).ok()?.checked_sub(1);
    let also = match action {
        Action::Comment { .. } => matches!(by, Actor::Resident(_) | Actor::GridWorker(_)),
        Action::Draft { by: drafter, .. } => is(drafter),
        Action::ReportTask { task, .. } => nth(*task)
            .and_then(|at| topic.tasks.get(at))
            .is_some_and(|task| is(&task.to)),
        Action::ReportDone { follow_up } => nth(*follow_up)
            .and_then(|at| topic.follow_ups.get(at))
            .is_some_and(|one| is(&one.owner)),
        Action::Check { by: checker, .. } => checker.as_ref().is_some_and(is),
        _ => false,
    };
    match also || by.is_office() {
        true => Ok(()),
        false => Err(Refusal::not_yours(OFFICE)),
    }
}

fn propose(propose: &Propose, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let (source, proposer) = match context.by {
        Actor::Resident(who) => (Source::Resident, Some(*who)),
        Actor::GridWorker(_) => (Source::Grid, None),
        _ => (propose.source, None),
    };
    let kind = context.playbooks.deliberation(&propose.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&propose.kind))?;
    if kind.rules.is_yearly && !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let proposed = Happening::Proposed {
        kind: propose.kind.clone(),
        rules: kind.rules.clone(),
        title: propose.title.clone(),
        source,
        grid: propose.grid,
        case: propose.case,
        supporters: propose.supporters,
        proposer,
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
        year: context.day().year(),
    };
    let order = propose.order.clone().map(Happening::OrderFixed);
    Ok([proposed].into_iter().chain(order).collect())
}

fn mandatory() -> Refusal {
    let zh = "每年必议之题只能议决，不能撤销或转出";
    let en = "a topic owed every year can be decided, not dropped";
    Refusal::state("MANDATORY", zh, en)
}

/// The topic is not where the action belongs.
fn not_at(topic: &Topic, zh: &str, en: &str) -> Refusal {
    let stage = topic.stage.code();
    let zh = format!("只能在{zh}进行；目前为 {stage}");
    let en = format!("only {en}; it is {stage} now");
    Refusal::state("NOT_NOW", zh, en).with("stage", stage)
}

fn full(what: (&str, &str), most: usize) -> Refusal {
    let zh = format!("{}最多 {most} 项", what.0);
    let en = format!("at most {most} {}", what.1);
    Refusal::exhausted("TOO_MANY", zh, en).with("most", most)
}

/// The `number`th of a list, from 1.
fn nth<'a, T>(list: &'a [T], number: u32, field: &'static str) -> Result<&'a T, Refusal> {
    let at = usize::try_from(number)
        .ok()
        .and_then(|at| at.checked_sub(1));
    at.and_then(|at| list.get(at)).ok_or_else(|| {
        let zh = format!("应为 1 至 {}", list.len());
        let en = format!("want 1 to {}", list.len());
        Refusal::input(field, "NO_SUCH_NUMBER", zh, en)
    })
}
