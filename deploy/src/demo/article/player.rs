//! Plays a planned year on a node: each deed at its time, through the calls that
//! any client has. Keeps the names of what was made; knows no plan's reasons.

use jiff::{Timestamp, civil::Date};
use proto::pb::node as pb;
use proto_edge::node::{
    activity_service_client::ActivityServiceClient, case_service_client::CaseServiceClient,
    duty_service_client::DutyServiceClient, node_status_service_client::NodeStatusServiceClient,
    register_service_client::RegisterServiceClient, token_service_client::TokenServiceClient,
};
use tonic::{Request, metadata::MetadataValue};

use super::{
    deed::Deed,
    plan::{Plan, Thing},
};
use crate::{
    client::{self, NodeDoor},
    failure::Failure,
};

/// One call with a request of these fields; the state that it answers with.
macro_rules! call {
    ($player:ident, $client:ident.$method:ident, $shown:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let message = proto::pb::node::$request { $($field: $value,)* ..Default::default() };
        let request = $player.door.request(message);
        let answer = $client::new($player.door.channel.clone()).$method(request).await?;
        answer.into_inner().$shown.unwrap_or_default()
    }};
}

mod decisions;
mod funds;
mod votes;

pub struct Player {
    door: NodeDoor,
    /// Of the resident who reports and rates.
    resident: MetadataValue<tonic::metadata::Ascii>,
    names: Vec<String>,
}

impl Player {
    /// `things`: as many as the plan makes.
    pub async fn new(door: NodeDoor, things: usize) -> Result<Player, Failure> {
        let create = door.request(pb::CreateTokenRequest {
            role: pb::Role::Resident.into(),
            scope: "wx-resident".to_owned(),
            ..Default::default()
        });
        let mut tokens = TokenServiceClient::new(door.channel.clone());
        let made = tokens.create_token(create).await?.into_inner();
        let resident = format!("Bearer {}", made.secret);
        Ok(Player {
            resident: resident.parse().map_err(client::configuration)?,
            door,
            names: vec![String::new(); things],
        })
    }

    /// Whether the hub holds every cell of the node.
    pub async fn is_acknowledged(&self) -> Result<bool, Failure> {
        let mut statuses = NodeStatusServiceClient::new(self.door.channel.clone());
        let asked = self.door.request(pb::GetNodeStatusRequest::default());
        let status = statuses.get_node_status(asked).await?.into_inner();
        Ok(status.head_cell_seq > 0 && status.acked_cell_seq == status.head_cell_seq)
    }

    fn name(&self, thing: Thing) -> String {
        self.names[thing.0].clone()
    }

    fn all(&self, things: &[Thing]) -> Vec<String> {
        things.iter().map(|thing| self.name(*thing)).collect()
    }

    fn keep(&mut self, thing: Thing, name: String) {
        self.names[thing.0] = name;
    }

    fn as_resident<T>(&self, message: T) -> Request<T> {
        let mut request = client::asked(message);
        let bearer = self.resident.clone();
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    /// `now`: the time that the node is told.
    pub async fn play(&mut self, deed: &Deed, now: Timestamp) -> Result<(), Failure> {
        match deed {
            Deed::Report { .. }
            | Deed::Accept(_)
            | Deed::Dispatch(_)
            | Deed::Complete(_)
            | Deed::Rate { .. } => self.case(deed).await,
            Deed::Enter { .. }
            | Deed::Grant { .. }
            | Deed::AddPlots { .. }
            | Deed::AskForPlot { .. }
            | Deed::Allot(_) => self.register(deed).await,
            Deed::OpenDuty { .. } | Deed::Hold(_) | Deed::NoAnswer(_) | Deed::Postpone { .. } => {
                self.duty(deed).await
            }
            Deed::OpenProgramme { .. } | Deed::HoldSession { .. } => self.activity(deed).await,
            Deed::OpenScheme { .. } | Deed::Apply { .. } | Deed::FinishBuilding { .. } => {
                self.fund(deed).await
            }
            Deed::Assess { .. }
            | Deed::Propose { .. }
            | Deed::Decide { .. }
            | Deed::Verify(_)
            | Deed::OpenSurvey { .. }
            | Deed::Answer { .. }
            | Deed::CloseSurvey(_)
            | Deed::Reply { .. } => self.decision(deed).await,
            _ => self.vote(deed, now).await,
        }
    }

    async fn case(&mut self, deed: &Deed) -> Result<(), Failure> {
        let mut cases = CaseServiceClient::new(self.door.channel.clone());
        match deed {
            Deed::Report { case, kind } => {
                let report = self.as_resident(pb::ReportCaseRequest {
                    kind: (*kind).to_owned(),
                    origin: pb::Origin::Online.into(),
                    grid: "003".to_owned(),
                    ..Default::default()
                });
                let made = cases.report_case(report).await?.into_inner().case;
                self.keep(*case, made.unwrap_or_default().name);
            }
            Deed::Accept(case) => {
                call!(
                    self,
                    CaseServiceClient.accept_case,
                    case,
                    AcceptCaseRequest {
                        name: self.name(*case),
                    }
                );
            }
            Deed::Dispatch(case) => {
                call!(
                    self,
                    CaseServiceClient.dispatch_case,
                    case,
                    DispatchCaseRequest {
                        name: self.name(*case),
                        handler: "物业公司".to_owned(),
                    }
                );
            }
            Deed::Complete(case) => {
                call!(
                    self,
                    CaseServiceClient.complete_case,
                    case,
                    CompleteCaseRequest {
                        name: self.name(*case),
                        outcome: pb::Outcome::Resolved.into(),
                        text: "已处理".to_owned(),
                    }
                );
            }
            Deed::Rate { case, is_bad } => {
                let level = if *is_bad {
                    pb::RatingLevel::Bad
                } else {
                    pb::RatingLevel::Good
                };
                let rate = self.as_resident(pb::RateCaseRequest {
                    name: self.name(*case),
                    level: level.into(),
                    text: "见评价".to_owned(),
                    ..Default::default()
                });
                cases.rate_case(rate).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn register(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::Enter {
                entry,
                register,
                title,
            } => {
                let made = call!(
                    self,
                    RegisterServiceClient.register_entry,
                    entry,
                    RegisterEntryRequest {
                        register: (*register).to_owned(),
                        title: (*title).to_owned(),
                    }
                );
                self.keep(*entry, made.name);
            }
            Deed::Grant { body, role, holder } => {
                call!(
                    self,
                    RegisterServiceClient.grant_role,
                    entry,
                    GrantRoleRequest {
                        name: self.name(*body),
                        role: (*role).to_owned(),
                        holder: self.name(*holder),
                    }
                );
            }
            Deed::AddPlots { garden, count } => {
                call!(
                    self,
                    RegisterServiceClient.add_plots,
                    entry,
                    AddPlotsRequest {
                        name: self.name(*garden),
                        count: *count,
                    }
                );
                call!(
                    self,
                    RegisterServiceClient.open_plots,
                    entry,
                    OpenPlotsRequest {
                        name: self.name(*garden),
                    }
                );
            }
            Deed::AskForPlot { garden, by } => {
                call!(
                    self,
                    RegisterServiceClient.ask_for_plot,
                    entry,
                    AskForPlotRequest {
                        name: self.name(*garden),
                        by: self.name(*by),
                    }
                );
            }
            Deed::Allot(garden) => {
                call!(
                    self,
                    RegisterServiceClient.allot_plots,
                    entry,
                    AllotPlotsRequest {
                        name: self.name(*garden),
                    }
                );
            }
            _ => {}
        }
        Ok(())
    }

    async fn duty(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::OpenDuty {
                duty,
                kind,
                owed_to,
            } => {
                let made = call!(
                    self,
                    DutyServiceClient.open_duty,
                    duty,
                    OpenDutyRequest {
                        from_day: Plan::day(1, 1).to_string(),
                        kind: (*kind).to_owned(),
                        owed_to: owed_to.map_or_else(String::new, |thing| self.name(thing)),
                    }
                );
                self.keep(*duty, made.name);
            }
            Deed::Hold(duty) => {
                call!(
                    self,
                    DutyServiceClient.hold_duty,
                    duty,
                    HoldDutyRequest {
                        name: self.name(*duty),
                    }
                );
            }
            Deed::NoAnswer(duty) => {
                call!(
                    self,
                    DutyServiceClient.attempt_duty,
                    duty,
                    AttemptDutyRequest {
                        name: self.name(*duty),
                    }
                );
            }
            Deed::Postpone { duty, on, to } => {
                call!(
                    self,
                    DutyServiceClient.postpone_duty,
                    duty,
                    PostponeDutyRequest {
                        name: self.name(*duty),
                        on: on.to_string(),
                        to: to.to_string(),
                        reason: "节假日".to_owned(),
                    }
                );
            }
            _ => {}
        }
        Ok(())
    }

    async fn activity(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::OpenProgramme { programme, kind } => {
                let made = call!(
                    self,
                    ActivityServiceClient.open_programme,
                    programme,
                    OpenProgrammeRequest {
                        from_day: Plan::day(1, 1).to_string(),
                        kind: (*kind).to_owned(),
                        title: "社会组织活动".to_owned(),
                        team: "社区社会组织".to_owned(),
                    }
                );
                self.keep(*programme, made.name);
            }
            Deed::HoldSession {
                programme,
                session,
                on,
                attended,
            } => {
                let name = self.name(*programme);
                self.announce(name.clone(), *on).await?;
                call!(
                    self,
                    ActivityServiceClient.hold_session,
                    programme,
                    HoldSessionRequest {
                        name: name,
                        session: *session,
                        attended: *attended,
                    }
                );
            }
            _ => {}
        }
        Ok(())
    }

    async fn announce(&mut self, name: String, on: Date) -> Result<(), Failure> {
        call!(
            self,
            ActivityServiceClient.announce_session,
            programme,
            AnnounceSessionRequest {
                name: name,
                title: "周六活动".to_owned(),
                size: pb::SessionSize::Small.into(),
                on: on.to_string(),
            }
        );
        Ok(())
    }
}
