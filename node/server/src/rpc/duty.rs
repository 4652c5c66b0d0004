//! `DutyService`: requests about duties parsed, duties shown. Decides nothing.

use jiff::civil::Date;
use node_domain::duties::{Action, Duty, Occurrence, Open};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::duty_service_server::DutyService;
use proto_edge::problem::Problem;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::{Fields, wire_time};
use super::process::{Answered, Ask, Desk, HistoryAsk, PageAsk, Shown, on_process, opening};

const ENGINE: Engine = Engine::Duties;

pub struct DutyRpc(pub Desk);

impl Shown for pb::Duty {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Duty> {
        let duty: &Duty = state.try_into().ok()?;
        Some(pb::Duty {
            name,
            kind: duty.kind.to_string(),
            rules: duty.rules.playbook.to_string(),
            grid: text(&duty.grid),
            owed_by: text(&duty.owed_by),
            owed_to: duty
                .owed_to
                .map_or_else(String::new, |entry| format!("entries/{entry}")),
            from_day: duty.from.to_string(),
            until_day: text(&duty.until),
            occurrences: duty.occurrences.iter().map(occurrence).collect(),
            next_day: duty
                .next
                .map_or_else(String::new, |next| next.on.to_string()),
            no_answers: duty.no_answers.into(),
            alerts: duty.alerts,
            held: duty.held,
            unheld: duty.unheld,
            ended: duty.ended,
            updated_at: Some(wire_time(duty.acted_at)),
        })
    }
}

fn occurrence(one: &Occurrence) -> pb::Occurrence {
    pb::Occurrence {
        rule_day: one.window.on.to_string(),
        last_day: one.last_day().to_string(),
        postponed: one.moved_to.is_some(),
        attempts: one.attempts.into(),
    }
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

impl TryFrom<pb::OpenDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenDutyRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let grid = fields.grid("grid", &asked.grid);
            let owed_by = fields.optional_name("owed_by", &asked.owed_by);
            let owed_to = fields.optional_entry("owed_to", &asked.owed_to);
            let from = fields.optional_day("from_day", &asked.from_day);
            let until = fields.optional_day("until_day", &asked.until_day);
            let year_day = year_day(fields, &asked.year_day);
            Some(Action::Open(Open {
                kind: kind?,
                grid: grid?,
                owed_by: owed_by?,
                owed_to: owed_to?,
                from: from?,
                until: until?,
                year_day: year_day?,
            }))
        })
    }
}

fn year_day(fields: &mut Fields, text: &str) -> Option<Option<(u8, u8)>> {
    if text.is_empty() {
        return Some(None);
    }
    // A leap year, so that 29 February can be named.
    let day = format!("2024-{text}").parse::<Date>().ok();
    let day = day.map(|day| (day.month() as u8, day.day() as u8));
    day.map(Some).or_else(|| {
        fields.wrong(
            "year_day",
            "want a month and a day, 05-12",
            "应为月和日，例如 05-12",
        )
    })
}

impl TryFrom<pb::HoldDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::HoldDutyRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let on = fields.optional_day("on", &asked.on)?;
                let (present, seats) = match (asked.present, asked.seats) {
                    (0, 0) => (1, 1),
                    given => given,
                };
                Some(Action::Hold { on, present, seats })
            },
        )
    }
}

impl TryFrom<pb::DeclineDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::DeclineDutyRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let on = fields.optional_day("on", &asked.on)?;
                Some(Action::Decline { on })
            },
        )
    }
}

impl TryFrom<pb::AttemptDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AttemptDutyRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let on = fields.optional_day("on", &asked.on)?;
                Some(Action::NoAnswer { on })
            },
        )
    }
}

impl TryFrom<pb::PostponeDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PostponeDutyRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let on = fields.day("on", &asked.on);
            let to = fields.day("to", &asked.to);
            let reason = fields.name("reason", &asked.reason);
            Some(Action::Postpone {
                on: on?,
                to: to?,
                reason: reason?,
            })
        })
    }
}

impl TryFrom<pb::TriggerDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::TriggerDutyRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let cause = fields.code("cause", &asked.cause)?;
                Some(Action::Trigger { cause })
            },
        )
    }
}

impl TryFrom<pb::EndDutyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::EndDutyRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::End { reason })
        })
    }
}

#[tonic::async_trait]
impl DutyService for DutyRpc {
    async fn open_duty(
        &self,
        request: Request<pb::OpenDutyRequest>,
    ) -> Answered<pb::OpenDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenDutyResponse { duty }))
    }

    async fn hold_duty(
        &self,
        request: Request<pb::HoldDutyRequest>,
    ) -> Answered<pb::HoldDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::HoldDutyResponse { duty }))
    }

    async fn decline_duty(
        &self,
        request: Request<pb::DeclineDutyRequest>,
    ) -> Answered<pb::DeclineDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::DeclineDutyResponse { duty }))
    }

    async fn attempt_duty(
        &self,
        request: Request<pb::AttemptDutyRequest>,
    ) -> Answered<pb::AttemptDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::AttemptDutyResponse { duty }))
    }

    async fn postpone_duty(
        &self,
        request: Request<pb::PostponeDutyRequest>,
    ) -> Answered<pb::PostponeDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::PostponeDutyResponse { duty }))
    }

    async fn trigger_duty(
        &self,
        request: Request<pb::TriggerDutyRequest>,
    ) -> Answered<pb::TriggerDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::TriggerDutyResponse { duty }))
    }

    async fn end_duty(
        &self,
        request: Request<pb::EndDutyRequest>,
    ) -> Answered<pb::EndDutyResponse> {
        let duty = self.0.submit(request).await?;
        Ok(Response::new(pb::EndDutyResponse { duty }))
    }

    async fn get_duty(
        &self,
        request: Request<pb::GetDutyRequest>,
    ) -> Answered<pb::GetDutyResponse> {
        let caller = Caller::of(request.extensions())?;
        let duty = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetDutyResponse { duty }))
    }

    async fn list_duties(
        &self,
        request: Request<pb::ListDutiesRequest>,
    ) -> Answered<pb::ListDutiesResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let grid = fields.grid("grid", &asked.grid);
        let filters = ("duties", &asked.kind, &asked.grid, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, grid), page) = fields.done(kind.zip(grid).zip(page))?;
        let wants = move |state: &State| {
            let Ok(duty) = <&Duty>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| duty.kind == *kind)
                && (grid.is_none() || duty.grid == grid)
                && !(asked.only_open && duty.ended)
        };
        let (duties, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListDutiesResponse {
            duties,
            next_page_token,
        }))
    }

    async fn list_duty_events(
        &self,
        request: Request<pb::ListDutyEventsRequest>,
    ) -> Answered<pb::ListDutyEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListDutyEventsResponse {
            events,
            next_page_token,
        }))
    }
}
