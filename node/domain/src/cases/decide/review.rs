//! Rating, and what a bad review (差评) leads to: reopening, escalation, appeal.

use super::{
    super::{ClockKind, Due, Happening, Level, Refusal, Standing},
    draft::Draft,
    permission,
};
use crate::sealed::Sealed;

pub(super) fn rate(draft: &mut Draft<'_>, level: Level, text: &Option<Sealed>) {
    let appeal = draft.case.rules.appeal.filter(|_| level.is_bad());
    let appeal_until = draft.answer_until(appeal);
    draft.push(Happening::Rated {
        level,
        text: text.clone(),
        appeal_until,
    });
    let (happening, dues) = if level.is_bad() {
        come_back(draft)
    } else {
        (Happening::Closed, Vec::new())
    };
    draft.push_follow_up(happening, dues);
}

/// Rounds that an appeal struck out are given back. After an escalation the next
/// completion is the last.
fn come_back(draft: &Draft<'_>) -> (Happening, Vec<Due>) {
    let case = draft.case;
    let rework = draft.due(ClockKind::Rework, case.rules.rework);
    let rework = rework.into_iter().collect();
    let handler = case.handler.clone();
    if case.escalated {
        (Happening::Closed, Vec::new())
    } else if case.returns() < usize::from(case.rules.reopen_rounds) {
        let round = case.reopenings + 1;
        (Happening::Reopened { round, handler }, rework)
    } else if let Some(to) = case.rules.escalate_to.clone() {
        (Happening::Escalated { to, handler }, rework)
    } else {
        (Happening::Closed, Vec::new())
    }
}

/// The last bad review of the actor's own work.
pub(super) fn appeal(draft: &mut Draft<'_>, reason: &Option<Sealed>) -> Result<(), Refusal> {
    let by = &draft.command.by;
    let mut own = draft.case.reviews.iter().enumerate().rev();
    let own = own.find(|(_, review)| permission::is_work_of(review, by));
    let (at, review) = own.ok_or(Refusal::NoBadReview)?;
    match review.standing {
        Standing::Stands => {}
        Standing::Righted => return Err(Refusal::NoBadReview),
        _ => return Err(Refusal::AlreadyAppealed),
    }
    let until = review.appeal_until;
    if until.is_none_or(|until| draft.at() > until) {
        return Err(Refusal::AppealOver { until });
    }
    let (review, reason) = (at as u32, reason.clone());
    draft.push(Happening::Appealed { review, reason });
    Ok(())
}

/// Rules on the appeal that has waited longest. Upheld while the case is open for
/// that review: there is nothing left to do.
pub(super) fn rule(
    draft: &mut Draft<'_>,
    upheld: bool,
    reason: &Option<Sealed>,
) -> Result<(), Refusal> {
    let case = draft.case;
    let mut appealed = case.reviews.iter();
    let at = appealed.position(|review| review.standing == Standing::Appealed);
    let at = at.ok_or(Refusal::NoAppeal)?;
    let ends = upheld && case.lifecycle.is_open() && at + 1 == case.reviews.len();
    if ends {
        draft.resume();
    }
    draft.push(Happening::AppealRuled {
        review: at as u32,
        upheld,
        reason: reason.clone(),
    });
    if ends {
        draft.push_follow_up(Happening::Closed, Vec::new());
    }
    Ok(())
}
