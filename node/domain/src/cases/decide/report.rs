//! Reporting: the beginning of a case, and its rules frozen into it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        ClockKind, Command, Context, Due, Event, Happening, Refusal, Report, Reported,
        command::whole_us,
    },
    draft, permission,
};
use crate::{actor::Actor, code::Name, playbook::Since};

/// Of another system's history.
const FURTHEST_PROMISE: SignedDuration = SignedDuration::from_hours(100 * 366 * 24);
const FURTHEST_APPOINTMENT: SignedDuration = SignedDuration::from_hours(366 * 24);

pub(super) fn report(
    command: &Command,
    report: &Report,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let kind = context.playbooks.kind(&report.kind);
    let kind = kind.ok_or_else(|| Refusal::UnknownKind {
        kind: report.kind.clone(),
    })?;
    permission::may_report(kind, &command.by, report)?;
    let at = command.at();
    let promised = report.due_at.map(whole_us);
    let furthest = match command.by {
        Actor::Import => FURTHEST_PROMISE,
        _ => FURTHEST_APPOINTMENT,
    };
    if promised.is_some_and(|due_at| !is_promise(at, due_at, furthest)) {
        return Err(Refusal::InvalidDue);
    }
    let rules = &kind.rules;
    let calendar = context.playbooks.calendar(&rules.playbook.code);
    let mut dues = draft::dues(rules, calendar, Since::Reported, command);
    if let Some(due_at) = promised {
        dues.retain(|due| due.clock != ClockKind::Complete);
        let clock = ClockKind::Complete;
        dues.push(Due { clock, due_at });
    }
    let (requester, on_behalf) = match command.by {
        Actor::Resident(own) => (Some(own), false),
        Actor::Import => (report.requester, report.on_behalf),
        // Whoever knows the requester but is somebody else reports for them.
        _ => (
            report.requester,
            report.on_behalf || report.requester.is_some(),
        ),
    };
    let own_grid = match command.by {
        Actor::GridWorker(own) => Some(own),
        _ => None,
    };
    if report.chain.is_some() && rules.level.is_none() {
        let kind = kind.code.clone();
        return Err(Refusal::NoLevels { kind });
    }
    let chain = report.chain.as_ref();
    let chain: Box<[Name]> = chain.map_or_else(Box::default, |chain| chain.levels.clone());
    let event = |by, happening, dues| Event {
        case: command.case,
        happened_at: at,
        by,
        happening,
        dues,
    };
    let reported = Reported {
        kind: kind.code.clone(),
        category: kind.category.clone(),
        origin: report.origin,
        grid: report.grid.or(own_grid),
        rules: Arc::clone(rules),
        requester,
        on_behalf,
        source_id: report.source_id.clone(),
        chain: chain.clone(),
        personal: report.personal.clone(),
    };
    let reported = Happening::Reported(Box::new(reported));
    let mut events = vec![event(command.by.clone(), reported, dues)];
    if !rules.needs_accepting {
        let mut dues = draft::dues(rules, calendar, Since::Accepted, command);
        let is_ours = |due: &Due| promised.is_none() || due.clock != ClockKind::Complete;
        dues.retain(is_ours);
        events.push(event(Actor::System, Happening::Accepted, dues));
        if let Some(handler) = chain.first().cloned() {
            let mut dues = draft::dues(rules, calendar, Since::Dispatched, command);
            dues.retain(is_ours);
            dues.extend(draft::first_level_due(
                rules, calendar, &chain, &handler, at,
            ));
            events.push(event(
                Actor::System,
                Happening::Dispatched { handler },
                dues,
            ));
        }
    }
    Ok(events)
}

fn is_promise(reported_at: Timestamp, due_at: Timestamp, furthest: SignedDuration) -> bool {
    let ahead = reported_at.duration_until(due_at);
    !ahead.is_negative() && ahead <= furthest
}
