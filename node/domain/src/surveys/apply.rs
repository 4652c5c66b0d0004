//! The next state of a survey, from what happened. `None`: that cannot follow.

use super::questions::totals;
use super::state::Household;
use super::{Bundle, Happening, Sheet, Stage, Survey, Visit};
use crate::actor::Actor;
use crate::cases::Origin;
use crate::code::Name;
use crate::process::Happened;

pub(super) fn apply(before: Option<Survey>, happened: &Happened<Happening>) -> Option<Survey> {
    let mut survey = match (before, &happened.what) {
        (None, Happening::Opened { .. }) => return opened(happened),
        (Some(_), Happening::Opened { .. }) | (None, _) => return None,
        (Some(survey), _) => survey,
    };
    if happened.by != Actor::System {
        survey.acted_at = survey.acted_at.max(happened.at);
    }
    match &happened.what {
        Happening::Opened { .. } => return None,
        Happening::Started { roll, until } => {
            survey.stage = Stage::Open;
            survey.started_at = Some(happened.at);
            survey.until = Some(*until);
            survey.households = roll.entries().map(|_| Household::default()).collect();
            survey.roll = Some(roll.clone());
        }
        Happening::Answered { origin, sheets } => take(&mut survey, *origin, sheets)?,
        Happening::Corrected { sheet, .. } => {
            let at = survey.place_of(sheet.household)?;
            survey.households.get_mut(at)?.marks = sheet.marks.clone();
            survey.corrections += 1;
        }
        Happening::Visited { household, visit } => {
            let at = survey.place_of(*household)?;
            let one = survey.households.get_mut(at)?;
            match visit {
                Visit::NoAnswer => one.no_answers = one.no_answers.saturating_add(1),
                Visit::Declined => one.has_declined = true,
            }
        }
        Happening::Closed => {
            survey.stage = Stage::Closed;
            let answered = survey
                .households
                .iter()
                .filter(|one| one.answered.is_some());
            survey.totals = totals(&survey.questions, answered.map(|one| &one.marks));
            // What each one said is in the journal; here only sums stay.
            for household in &mut survey.households {
                household.marks = Vec::new();
            }
        }
        Happening::Summarised { text } => {
            survey.stage = Stage::Summarised;
            survey.summary = Some(text.clone());
        }
        Happening::SchemeMade { text } => survey.scheme = Some(text.clone()),
        Happening::Compiled { issues } => {
            let bundle = |(department, issues): &(Name, Vec<super::Issue>)| Bundle {
                department: department.clone(),
                issues: issues.clone(),
                sent_at: None,
                due: None,
                reply: None,
                clock_read: false,
                is_settled: false,
            };
            survey.bundles = issues.iter().map(bundle).collect();
        }
        Happening::Sent { department, due } => {
            let bundle = bundle(&mut survey, department)?;
            (bundle.sent_at, bundle.due) = (Some(happened.at), Some(*due));
        }
        Happening::Replied { department, text } => {
            let bundle = bundle(&mut survey, department)?;
            (bundle.reply, bundle.clock_read) = (Some(text.clone()), true);
        }
        Happening::ReplyFellDue { department } => {
            bundle(&mut survey, department)?.clock_read = true
        }
        Happening::Tracked {
            department,
            is_settled,
            ..
        } => bundle(&mut survey, department)?.is_settled = *is_settled,
        Happening::Withdrawn { .. } => survey.stage = Stage::Withdrawn,
    }
    Some(survey)
}

fn take(survey: &mut Survey, origin: Origin, sheets: &[Sheet]) -> Option<()> {
    let heads = survey.heads();
    for sheet in sheets {
        let at = heads.binary_search(&sheet.household).ok()?;
        let one = survey.households.get_mut(at)?;
        (one.answered, one.marks) = (Some(origin), sheet.marks.clone());
    }
    Some(())
}

fn bundle<'a>(survey: &'a mut Survey, department: &Name) -> Option<&'a mut Bundle> {
    let mut bundles = survey.bundles.iter_mut();
    bundles.find(|one| one.department == *department)
}

fn opened(happened: &Happened<Happening>) -> Option<Survey> {
    let Happening::Opened {
        kind,
        rules,
        title,
        questions,
        topic,
        zone,
    } = &happened.what
    else {
        return None;
    };
    Some(Survey {
        kind: kind.clone(),
        rules: rules.clone(),
        title: title.clone(),
        questions: questions.clone(),
        topic: *topic,
        stage: Stage::Draft,
        roll: None,
        started_at: None,
        until: None,
        households: Vec::new(),
        totals: Vec::new(),
        corrections: 0,
        summary: None,
        scheme: None,
        bundles: Vec::new(),
        acted_at: happened.at,
        zone: zone.clone(),
    })
}
