//! From a command and the state to events or a refusal. Pure: the time, the rules
//! and what other cases say arrive as arguments.

mod draft;
mod report;
mod review;
mod work;

use jiff::Timestamp;

use self::draft::Draft;
use super::{
    Action, Case, Command, Context, Event, Happening, Refusal, alarm, apply::advance, lifecycle,
    permission,
};

/// A refusal means that nothing happened. A tick with nothing to record is no
/// refusal: it gives no events.
pub fn decide(
    case: Option<&Case>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    check_time(case, command, context)?;
    let Some(case) = case else {
        return match &command.action {
            Action::Report(report) => report::report(command, report, context),
            _ => Err(Refusal::UnknownCase),
        };
    };
    let at = command.at();
    if command.action == Action::Tick {
        permission::may(case, &command.by, &command.action)?;
        return Ok(caught_up(case, context, |alarm| alarm <= at).0);
    }
    // A tick may be late; what had passed before is recorded first, so that the
    // result does not depend on when it came. At the due moment itself, whoever
    // acts is in time.
    let (mut events, caught_up) = caught_up(case, context, |alarm| alarm < at);
    let case = caught_up.as_ref().unwrap_or(case);
    // Also who may: a case can have moved up to somebody else.
    permission::may(case, &command.by, &command.action)?;
    events.extend(act(case, command, context)?);
    Ok(events)
}

/// What time brought, and the case after it; none where it brought nothing. Each
/// level that a case moves up has its own time.
fn caught_up(
    case: &Case,
    context: &Context<'_>,
    until: impl Fn(Timestamp) -> bool,
) -> (Vec<Event>, Option<Case>) {
    let (mut events, mut next) = (Vec::new(), None);
    for _ in 0..=case.chain.len() {
        let before = next.as_ref().unwrap_or(case);
        let mut passed = alarm::passed(before, &until);
        if passed.is_empty() {
            break;
        }
        let case = next.get_or_insert_with(|| case.clone());
        for event in &mut passed {
            if let Happening::Dispatched { handler } = &event.happening {
                let level = draft::level_due(case, context, handler, event.happened_at);
                event.dues.extend(level);
            }
            advance(case, event);
        }
        events.extend(passed);
    }
    (events, next)
}

fn check_time(
    case: Option<&Case>,
    command: &Command,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let at = command.at();
    if at > context.now {
        return Err(Refusal::Future { now: context.now });
    }
    if at < Timestamp::UNIX_EPOCH {
        return Err(Refusal::TooOld);
    }
    match case {
        // Time that passed earlier is recorded late, not refused.
        Some(case) if at < case.acted_at && command.action != Action::Tick => {
            Err(Refusal::BeforeLastAct {
                acted_at: case.acted_at,
            })
        }
        _ => Ok(()),
    }
}

fn act(case: &Case, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    lifecycle::fits(case, &command.action)?;
    has_room(case, &command.action)?;
    let mut draft = Draft::new(case, command, context);
    match &command.action {
        Action::Report(_) | Action::Tick => {}
        Action::Accept => work::accept(&mut draft),
        Action::Dispatch { handler } => work::dispatch(&mut draft, handler),
        Action::Bounce { reason } => work::bounce(&mut draft, reason)?,
        Action::Start => work::start(&mut draft),
        Action::Pause { cause } => work::pause(&mut draft, cause)?,
        Action::Resume => draft.resume(),
        Action::Reply(said) => work::reply(&mut draft, said)?,
        Action::Note(said) => work::note(&mut draft, said)?,
        Action::Complete { completion, text } => work::complete(&mut draft, completion, text),
        Action::Refuse { by, refer_to, text } => work::refuse(&mut draft, by, refer_to, text),
        Action::MarkDuplicate { of } => work::mark_duplicate(&mut draft, *of)?,
        Action::Withdraw { reason } => work::withdraw(&mut draft, reason),
        Action::Rate { level, text } => review::rate(&mut draft, *level, text),
        Action::Appeal { reason } => review::appeal(&mut draft, reason)?,
        Action::RuleAppeal { upheld, reason } => review::rule(&mut draft, *upheld, reason)?,
    }
    Ok(draft.events)
}

/// A full history still takes everything that leads to an end.
fn has_room(case: &Case, action: &Action) -> Result<(), Refusal> {
    let prolongs = matches!(
        action,
        Action::Note(_)
            | Action::Reply(_)
            | Action::Pause { .. }
            | Action::Bounce { .. }
            | Action::Dispatch { .. }
    );
    if prolongs && case.revision >= Case::MAX_EVENTS {
        return Err(Refusal::HistoryFull);
    }
    Ok(())
}
