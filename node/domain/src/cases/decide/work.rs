//! Working a case: from acceptance to its end.

use super::{
    super::{CaseId, ClockKind, Completion, Due, Happening, Refusal, Target},
    draft::{Draft, level_due},
};
use crate::{
    code::{Code, Name},
    playbook::Since,
    sealed::{Said, Sealed},
};

/// Duplicates of duplicates that are followed before giving up.
const MAX_TARGETS: usize = 16;

pub(super) fn accept(draft: &mut Draft<'_>) {
    let dues = draft.dues(Since::Accepted);
    draft.push_with(Happening::Accepted, dues);
    // Who is responsible is known: the nearest level has it at once.
    if let Some(handler) = draft.case.chain.first().cloned() {
        let dues = dispatch_dues(draft, &handler);
        draft.push_follow_up(Happening::Dispatched { handler }, dues);
    }
}

fn dispatch_dues(draft: &Draft<'_>, handler: &Name) -> Vec<Due> {
    let mut dues = draft.dues(Since::Dispatched);
    dues.extend(level_due(draft.case, draft.context, handler, draft.at()));
    dues
}

/// The handler's clock starts with the first dispatch; whoever has the case later
/// has the time that is left.
pub(super) fn dispatch(draft: &mut Draft<'_>, handler: &Name) {
    draft.resume();
    let dues = dispatch_dues(draft, handler);
    let handler = handler.clone();
    draft.push_with(Happening::Dispatched { handler }, dues);
}

pub(super) fn bounce(draft: &mut Draft<'_>, reason: &Option<Sealed>) -> Result<(), Refusal> {
    let case = draft.case;
    let allowed = case.rules.max_bounces;
    let used_up = allowed.is_some_and(|allowed| case.bounces >= u32::from(allowed));
    if used_up || case.escalated {
        return Err(Refusal::NoMoreBounces);
    }
    draft.resume();
    let reason = reason.clone();
    draft.push(Happening::Bounced { reason });
    Ok(())
}

pub(super) fn start(draft: &mut Draft<'_>) {
    draft.resume();
    draft.push(Happening::Started);
}

pub(super) fn pause(draft: &mut Draft<'_>, cause: &Code) -> Result<(), Refusal> {
    let allowed = &draft.case.rules.pause_causes;
    if !allowed.contains(cause) {
        return Err(Refusal::UnknownCause {
            cause: cause.clone(),
            allowed: allowed.clone(),
        });
    }
    if draft.case.pauses.len() >= super::Case::MAX_PAUSES {
        return Err(Refusal::HistoryFull);
    }
    let cause = cause.clone();
    draft.push(Happening::Paused { cause });
    Ok(())
}

pub(super) fn reply(draft: &mut Draft<'_>, said: &Said) -> Result<(), Refusal> {
    check_repeat(draft, said)?;
    draft.push(Happening::Replied(said.clone()));
    Ok(())
}

pub(super) fn note(draft: &mut Draft<'_>, said: &Said) -> Result<(), Refusal> {
    check_repeat(draft, said)?;
    draft.push(Happening::Noted(said.clone()));
    Ok(())
}

/// Re-sent messages are common. The same words while the case stands at the same
/// stage are refused as a value, so that a client may take it for a success.
fn check_repeat(draft: &Draft<'_>, said: &Said) -> Result<(), Refusal> {
    let repeated = draft.case.recent_notes.contains(&said.fingerprint);
    if repeated {
        Err(Refusal::RepeatedNote)
    } else {
        Ok(())
    }
}

pub(super) fn complete(draft: &mut Draft<'_>, completion: &Completion, text: &Option<Sealed>) {
    draft.resume();
    let happening = Happening::Completed {
        completion: completion.clone(),
        text: text.clone(),
    };
    if draft.case.is_ratable() {
        let clock = ClockKind::Rate;
        let until = draft.answer_until(draft.case.rules.rate);
        let dues = until.map(|due_at| Due { clock, due_at });
        draft.push_with(happening, dues.into_iter().collect());
    } else {
        draft.push(happening);
        draft.push_follow_up(Happening::Closed, Vec::new());
    }
}

pub(super) fn refuse(draft: &mut Draft<'_>, by: &Name, refer_to: &Name, text: &Option<Sealed>) {
    draft.resume();
    draft.push(Happening::Refused {
        by: by.clone(),
        refer_to: refer_to.clone(),
        text: text.clone(),
    });
}

pub(super) fn withdraw(draft: &mut Draft<'_>, reason: &Option<Sealed>) {
    draft.resume();
    let reason = reason.clone();
    draft.push(Happening::Withdrawn { reason });
}

pub(super) fn mark_duplicate(draft: &mut Draft<'_>, of: CaseId) -> Result<(), Refusal> {
    check_target(draft, of)?;
    draft.resume();
    draft.push(Happening::MarkedDuplicate { of });
    Ok(())
}

fn check_target(draft: &Draft<'_>, of: CaseId) -> Result<(), Refusal> {
    if of == draft.case.id {
        return Err(Refusal::DuplicateOfItself);
    }
    let mut at = of;
    for _ in 0..MAX_TARGETS {
        match draft.context.targets.target(at) {
            Target::Unknown => return Err(Refusal::UnknownTarget { of: at }),
            Target::Original => return Ok(()),
            Target::DuplicateOf(next) if next == draft.case.id => {
                return Err(Refusal::DuplicateCycle { of });
            }
            Target::DuplicateOf(next) => at = next,
        }
    }
    Err(Refusal::DuplicateTooDeep { of })
}
