//! Requests about sessions, parsed.

use node_domain::deliberations::{Action, Participant, Seat};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::super::fields::Fields;
use super::super::super::process::{Ask, on_process};
use super::super::ENGINE;
use super::SURVEYS;

impl TryFrom<pb::MeetOnTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::MeetOnTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(act) => meet(fields, act),
                None => fields.choice(
                    "act",
                    None,
                    "convene, hold, find, set_task, report_task, note_breach, decide",
                ),
            },
        )
    }
}

fn meet(fields: &mut Fields, act: pb::meet_on_topic_request::Act) -> Option<Action> {
    use pb::meet_on_topic_request::Act;
    match act {
        Act::Convene(convene) => {
            let on = fields.day("convene.on", &convene.on);
            let participants = convene.participants.into_iter();
            let participants: Option<Vec<_>> =
                participants.map(|one| participant(fields, one)).collect();
            Some(Action::Convene {
                on: on?,
                participants: participants?,
            })
        }
        Act::Hold(hold) => {
            let present = fields.entries("hold.present", &hold.present);
            let chair = fields.entry("hold.chair", &hold.chair);
            Some(Action::Hold {
                present: present?,
                chair: chair?,
            })
        }
        Act::Find(find) => {
            let text = fields.words("find.text", &find.text)?;
            Some(Action::Find { text })
        }
        Act::SetTask(task) => {
            let to = fields.name("set_task.to", &task.to);
            let what = fields.name("set_task.what", &task.what);
            Some(Action::SetTask {
                to: to?,
                what: what?,
            })
        }
        Act::ReportTask(report) => {
            let result = fields.words("report_task.result", &report.result);
            let survey = fields.optional_numbered("report_task.survey", SURVEYS, &report.survey);
            Some(Action::ReportTask {
                task: report.task,
                result: result?,
                survey: survey?,
            })
        }
        Act::NoteBreach(breach) => {
            let rule = fields.code("note_breach.rule", &breach.rule)?;
            Some(Action::NoteBreach { rule })
        }
        Act::Decide(decide) => {
            let text = fields.words("decide.text", &decide.text)?;
            Some(Action::Decide {
                text,
                yes: decide.yes,
                no: decide.no,
                abstained: decide.abstained,
            })
        }
    }
}

fn participant(fields: &mut Fields, asked: pb::TopicParticipant) -> Option<Participant> {
    use pb::topic_participant::Seat as Asked;
    const SEAT: &str = "convene.participants.seat";
    let entry = fields.entry("convene.participants.entry", &asked.entry);
    let seat = match asked.seat {
        Some(Asked::Party(code)) => fields.code(SEAT, &code).map(Seat::Party),
        Some(Asked::Stakeholder(reason)) => fields.words(SEAT, &reason).map(Seat::Stakeholder),
        Some(Asked::Grid(digits)) => match fields.grid(SEAT, &digits)? {
            Some(grid) => Some(Seat::Grid(grid)),
            None => fields.choice(SEAT, None, "001 … 999"),
        },
        Some(Asked::Resident(true)) => Some(Seat::Resident),
        Some(Asked::Expert(true)) => Some(Seat::Expert),
        _ => fields.choice(SEAT, None, "party, stakeholder, grid, resident, expert"),
    };
    Some(Participant {
        entry: entry?,
        seat: seat?,
    })
}
