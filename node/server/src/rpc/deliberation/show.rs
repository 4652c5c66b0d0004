//! A topic as its clients read it. What was voted shows when the vote is closed.

use node_domain::deliberations::{
    Advice, Decision, Draft, FollowUp, Grade, Round, Source, Task, Topic, Vote,
};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::{CASES, ENTRIES, wire_time};
use super::super::process::Shown;
use super::super::public::named;
use super::ENGINE;
use super::parse::SURVEYS;

impl Shown for pb::Topic {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Topic> {
        let topic: &Topic = state.try_into().ok()?;
        let triage = topic.triage.as_ref();
        let grade = triage.map_or(pb::TopicGrade::Unspecified, |triage| grade(triage.grade));
        let steps = topic.rules.steps.iter();
        let advice = topic.advice.iter();
        Some(pb::Topic {
            name,
            kind: topic.kind.to_string(),
            rules: topic.rules.playbook.to_string(),
            title: topic.title.to_string(),
            source: source(topic.source).into(),
            grid: topic.grid.map_or_else(String::new, |grid| grid.to_string()),
            case: named(CASES, topic.case),
            supporters: topic.supporters,
            stage: topic.stage.code().to_owned(),
            grade: grade.into(),
            triage_reason: triage.map_or_else(String::new, |triage| triage.reason.to_string()),
            steps: steps.map(|step| step.code().to_owned()).collect(),
            steps_done: topic.steps_done.len() as u32,
            draft: topic.draft.as_deref().map(draft),
            fixed_sha256: text(&topic.fixed),
            posted_day: text(&topic.posting.map(|posting| posting.from)),
            comments: topic.posting.map_or(0, |posting| posting.comments),
            advice: advice.map(self::advice).collect(),
            survey: named(SURVEYS, topic.survey),
            rounds: topic.rounds.iter().map(round).collect(),
            tasks: topic.tasks.iter().map(task).collect(),
            vote: topic.vote.as_deref().map(vote),
            decision: topic.decision.as_deref().map(decision),
            follow_ups: topic.follow_ups.iter().map(follow_up).collect(),
            year: match topic.rules.is_yearly {
                true => u32::try_from(topic.year).unwrap_or(0),
                false => 0,
            },
            proposed_at: Some(wire_time(topic.proposed_at)),
            updated_at: Some(wire_time(topic.acted_at)),
        })
    }
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn draft(draft: &Draft) -> pb::TopicDraft {
    pb::TopicDraft {
        drafter: draft.by.to_string(),
        text: draft.text.to_string(),
        sha256: draft.hash.to_string(),
        version: draft.version.into(),
    }
}

fn advice(advice: &Advice) -> pb::TopicAdvice {
    let answer = advice.answer.as_ref();
    pb::TopicAdvice {
        expert: named(ENTRIES, Some(advice.expert)),
        discipline: advice.discipline.to_string(),
        has_interest: advice.has_interest,
        text: advice.text.to_string(),
        adopted: answer.map(|(adopted, _)| *adopted),
        reason: answer.map_or_else(String::new, |(_, reason)| reason.to_string()),
    }
}

fn round(round: &Round) -> pb::TopicRound {
    let held = round.held.as_ref();
    pb::TopicRound {
        on: round.on.to_string(),
        listed: round.participants.len() as u32,
        held: held.is_some(),
        present: held.map_or(0, |held| held.present.len() as u32),
        parties_present: held.map_or(0, |held| held.parties_present.into()),
        quorate: held.is_some_and(|held| held.is_quorate),
        votes: held.map_or(0, |held| held.votes.into()),
        findings: round.findings.into(),
        breaches: round.breaches.into(),
    }
}

fn task(task: &Task) -> pb::TopicTask {
    pb::TopicTask {
        round: task.round.into(),
        to: task.to.to_string(),
        what: task.what.to_string(),
        result: text(&task.result),
        survey: named(SURVEYS, task.survey),
    }
}

fn vote(vote: &Vote) -> pb::TopicVote {
    pb::TopicVote {
        text_sha256: vote.hash.to_string(),
        roll: vote.roll.heads() as u32,
        roll_sha256: vote.roll.sha256.to_string(),
        until_day: vote.until.to_string(),
        voted: vote.marked(None),
    }
}

fn decision(decision: &Decision) -> pb::TopicDecision {
    pb::TopicDecision {
        decided_at: Some(wire_time(decision.at)),
        passed: decision.passed,
        text: text(&decision.text),
        yes: decision.yes,
        no: decision.no,
        abstained: decision.abstained,
        announced_at: decision.announced_at.map(wire_time),
    }
}

fn follow_up(one: &FollowUp) -> pb::TopicFollowUp {
    pb::TopicFollowUp {
        owner: one.owner.to_string(),
        what: one.what.to_string(),
        due_day: one.due.to_string(),
        done: one.done_at.is_some(),
        verified: one.is_verified,
    }
}

fn source(source: Source) -> pb::TopicSource {
    match source {
        Source::Resident => pb::TopicSource::Resident,
        Source::Grid => pb::TopicSource::Grid,
        Source::Office => pb::TopicSource::Office,
        Source::Party => pb::TopicSource::Party,
        Source::Organisation => pb::TopicSource::Organisation,
        Source::Council => pb::TopicSource::Council,
        Source::Expert => pb::TopicSource::Expert,
        Source::Calendar => pb::TopicSource::Calendar,
    }
}

fn grade(grade: Grade) -> pb::TopicGrade {
    match grade {
        Grade::Urgent => pb::TopicGrade::Urgent,
        Grade::Important => pb::TopicGrade::Important,
        Grade::Minor => pb::TopicGrade::Minor,
        Grade::Deferrable => pb::TopicGrade::Deferrable,
    }
}
