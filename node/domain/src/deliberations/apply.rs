//! The next state of a topic, from what happened. `None`: that cannot follow.

use jiff::Timestamp;

use super::{
    Advice, Decision, Draft, Ending, FollowUp, Happening, Posting, Round, Route, Source, Stage,
    StepDone, Task, Topic, Vote,
};
use crate::actor::Actor;
use crate::process::Happened;

pub(super) fn apply(before: Option<Topic>, happened: &Happened<Happening>) -> Option<Topic> {
    let mut topic = match (before, &happened.what) {
        (None, Happening::Proposed { .. }) => return proposed(happened),
        (Some(_), Happening::Proposed { .. }) | (None, _) => return None,
        (Some(topic), _) => topic,
    };
    if happened.by != Actor::System {
        topic.acted_at = topic.acted_at.max(happened.at);
    }
    let at = happened.at;
    match &happened.what {
        Happening::Proposed { .. } => return None,
        Happening::Triaged(triage) => {
            topic.stage = match triage.route {
                Route::Agenda => Stage::Deliberating,
                Route::Deferred => Stage::Deferred,
                Route::Elsewhere(_) => Stage::Closed(Ending::Elsewhere),
            };
            topic.triage = Some(triage.clone());
        }
        Happening::StepEnded { step } => {
            (topic.step() == Some(*step)).then_some(())?;
            topic.steps_done.push(StepDone { step: *step, at });
        }
        Happening::Talked { parties, ideas } => {
            topic.ideas = topic.ideas.saturating_add((*ideas).into());
            for party in parties {
                if !topic.talk_parties.contains(party) {
                    topic.talk_parties.push(party.clone());
                }
            }
        }
        Happening::Drafted { by, text, hash } => {
            topic.drafts = topic.drafts.saturating_add(1);
            topic.draft = Some(Box::new(Draft {
                by: by.clone(),
                text: text.clone(),
                hash: *hash,
                version: topic.drafts,
            }));
        }
        Happening::Posted { from } => {
            topic.posting = Some(Posting {
                from: *from,
                comments: 0,
            });
        }
        Happening::Commented { .. } => {
            let posting = topic.posting.as_mut()?;
            posting.comments = posting.comments.saturating_add(1);
        }
        Happening::Advised {
            expert,
            discipline,
            has_interest,
            text,
        } => topic.advice.push(Advice {
            expert: *expert,
            discipline: discipline.clone(),
            has_interest: *has_interest,
            text: text.clone(),
            given_at: at,
            answer: None,
        }),
        Happening::AdviceAnswered {
            advice,
            adopted,
            reason,
        } => {
            let advice = nth(&mut topic.advice, *advice)?;
            advice.answer = Some((*adopted, reason.clone()));
        }
        Happening::Fixed { hash, .. } => topic.fixed = Some(*hash),
        Happening::SentBack { .. } => back_to_drafting(&mut topic),
        Happening::Surveyed { survey } => topic.survey = Some(*survey),
        Happening::OrderFixed(order) => topic.order = Some(Box::new(order.clone())),
        Happening::FollowUpSet { .. }
        | Happening::FollowUpDone { .. }
        | Happening::FollowUpChecked { .. }
        | Happening::FollowUpFellDue { .. }
        | Happening::Verified
        | Happening::Announced { .. }
        | Happening::AnnouncementFellDue
        | Happening::Withdrawn { .. }
        | Happening::Closed
        | Happening::YearTurned { .. } => after_decision(&mut topic, happened)?,
        _ => in_session_or_vote(&mut topic, happened)?,
    }
    Some(topic)
}

fn in_session_or_vote(topic: &mut Topic, happened: &Happened<Happening>) -> Option<()> {
    match &happened.what {
        Happening::Convened { on, participants } => {
            // A list that was never met for gives way to the new one.
            if topic
                .rounds
                .last()
                .is_some_and(|round| round.held.is_none())
            {
                topic.rounds.pop();
            }
            topic.rounds.push(Round {
                on: *on,
                participants: participants.clone(),
                held: None,
                findings: 0,
                breaches: 0,
            });
        }
        Happening::Held(held) => topic.rounds.last_mut()?.held = Some(held.clone()),
        Happening::Found { .. } => {
            let round = topic.rounds.last_mut()?;
            round.findings = round.findings.saturating_add(1);
        }
        Happening::BreachNoted { .. } => {
            let round = topic.rounds.last_mut()?;
            round.breaches = round.breaches.saturating_add(1);
        }
        Happening::TaskSet { to, what } => topic.tasks.push(Task {
            round: topic.rounds.len() as u16,
            to: to.clone(),
            what: what.clone(),
            result: None,
            survey: None,
        }),
        Happening::TaskReported {
            task,
            result,
            survey,
        } => {
            let task = nth(&mut topic.tasks, *task)?;
            (task.result, task.survey) = (Some(result.clone()), *survey);
        }
        Happening::MotionLost { .. } => {}
        Happening::Decided {
            passed,
            text,
            yes,
            no,
            abstained,
        } => {
            topic.stage = Stage::Decided;
            topic.decision = Some(Box::new(Decision {
                at: happened.at,
                passed: *passed,
                text: text.clone(),
                yes: *yes,
                no: *no,
                abstained: *abstained,
                announced_at: None,
                clock_read: false,
            }));
        }
        Happening::VoteOpened { hash, roll, until } => {
            topic.vote = Some(Box::new(Vote {
                hash: *hash,
                voted: vec![0; roll.heads() as usize],
                roll: roll.clone(),
                until: *until,
                counts: Vec::new(),
            }));
        }
        Happening::VotersMarked { voters, origin } => {
            let vote = topic.vote.as_mut()?;
            let heads = vote.heads();
            for voter in voters {
                let at = heads.binary_search(voter).ok()?;
                *vote.voted.get_mut(at)? = Vote::mark(*origin);
            }
        }
        Happening::BallotsCounted(count) => topic.vote.as_mut()?.counts.push(*count),
        _ => return None,
    }
    Some(())
}

fn after_decision(topic: &mut Topic, happened: &Happened<Happening>) -> Option<()> {
    match &happened.what {
        Happening::FollowUpSet { owner, what, due } => topic.follow_ups.push(FollowUp {
            owner: owner.clone(),
            what: what.clone(),
            due: *due,
            done_at: None,
            passed_by: Vec::new(),
            is_verified: false,
            clock_read: false,
        }),
        Happening::FollowUpDone { follow_up } => {
            nth(&mut topic.follow_ups, *follow_up)?.done_at = Some(happened.at);
        }
        Happening::FollowUpChecked {
            follow_up,
            by,
            passed,
            is_verified,
            ..
        } => {
            let one = nth(&mut topic.follow_ups, *follow_up)?;
            one.is_verified = *is_verified;
            match passed {
                true => one.passed_by.extend(by.clone()),
                // To be done again, and checked by all again.
                false => {
                    one.done_at = None;
                    one.passed_by.clear();
                }
            }
        }
        Happening::FollowUpFellDue { follow_up } => {
            nth(&mut topic.follow_ups, *follow_up)?.clock_read = true;
        }
        Happening::Verified => topic.stage = Stage::Verified,
        Happening::Announced { .. } => {
            let decision = topic.decision.as_mut()?;
            decision.announced_at = decision.announced_at.or(Some(happened.at));
            decision.clock_read = true;
        }
        Happening::AnnouncementFellDue => topic.decision.as_mut()?.clock_read = true,
        Happening::Withdrawn { .. } => topic.stage = Stage::Closed(Ending::Withdrawn),
        Happening::Closed => {
            let passed = topic.decision.as_ref()?.passed;
            topic.stage = Stage::Closed(match passed {
                true => Ending::CarriedOut,
                false => Ending::Rejected,
            });
        }
        Happening::YearTurned { year } => turn_year(topic, *year, happened.at)?,
        _ => return None,
    }
    Some(())
}

fn back_to_drafting(topic: &mut Topic) {
    let draft_at = topic
        .steps_done
        .iter()
        .position(|done| done.step == super::Step::Draft);
    topic
        .steps_done
        .truncate(draft_at.unwrap_or(topic.steps_done.len()));
    (topic.draft, topic.posting, topic.fixed) = (None, None, None);
    topic.advice.clear();
}

/// Decided, the topic begins anew; what is still to be done of it stays.
fn turn_year(topic: &mut Topic, year: i16, at: Timestamp) -> Option<()> {
    topic.year = year.checked_add(1)?;
    if topic.decision.is_none() {
        return Some(());
    }
    (topic.source, topic.proposed_at) = (Source::Calendar, at);
    topic
        .follow_ups
        .retain(|one| !one.is_verified || !one.clock_read);
    topic.stage = match topic.rules.is_triaged {
        true => Stage::Collected,
        false => Stage::Deliberating,
    };
    topic.steps_done.clear();
    topic.talk_parties.clear();
    topic.rounds.clear();
    topic.tasks.clear();
    topic.advice.clear();
    (topic.triage, topic.draft, topic.posting) = (None, None, None);
    (topic.fixed, topic.survey) = (None, None);
    (topic.vote, topic.decision) = (None, None);
    Some(())
}

/// From 1, as people count.
fn nth<T>(list: &mut [T], number: u32) -> Option<&mut T> {
    list.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
}

fn proposed(happened: &Happened<Happening>) -> Option<Topic> {
    let Happening::Proposed {
        kind,
        rules,
        title,
        source,
        grid,
        case,
        supporters,
        proposer,
        zone,
        year,
    } = &happened.what
    else {
        return None;
    };
    Some(Topic {
        kind: kind.clone(),
        rules: Box::new(rules.clone()),
        order: None,
        title: title.clone(),
        source: *source,
        grid: *grid,
        case: *case,
        supporters: *supporters,
        proposer: *proposer,
        proposed_at: happened.at,
        stage: match rules.is_triaged {
            true => Stage::Collected,
            false => Stage::Deliberating,
        },
        triage: None,
        steps_done: Vec::new(),
        talk_parties: Vec::new(),
        ideas: 0,
        drafts: 0,
        draft: None,
        posting: None,
        advice: Vec::new(),
        fixed: None,
        survey: None,
        rounds: Vec::new(),
        tasks: Vec::new(),
        vote: None,
        decision: None,
        follow_ups: Vec::new(),
        year: *year,
        acted_at: happened.at,
        zone: zone.clone(),
    })
}
