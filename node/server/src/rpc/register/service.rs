//! The methods of `RegisterService`, each to the desk and back.

use node_domain::code::Code;
use node_domain::process::State;
use node_domain::registers::Entry;
use node_domain::stored::Day;
use proto::pb::node as pb;
use proto_edge::node::register_service_server::RegisterService;
use tonic::{Request, Response};

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::process::{Answered, HistoryAsk, PageAsk};
use super::{ENGINE, RegisterRpc, roll};

#[tonic::async_trait]
impl RegisterService for RegisterRpc {
    async fn register_entry(
        &self,
        request: Request<pb::RegisterEntryRequest>,
    ) -> Answered<pb::RegisterEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::RegisterEntryResponse { entry }))
    }

    async fn amend_entry(
        &self,
        request: Request<pb::AmendEntryRequest>,
    ) -> Answered<pb::AmendEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::AmendEntryResponse { entry }))
    }

    async fn renew_entry(
        &self,
        request: Request<pb::RenewEntryRequest>,
    ) -> Answered<pb::RenewEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::RenewEntryResponse { entry }))
    }

    async fn leave_entry(
        &self,
        request: Request<pb::LeaveEntryRequest>,
    ) -> Answered<pb::LeaveEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::LeaveEntryResponse { entry }))
    }

    async fn move_entry(
        &self,
        request: Request<pb::MoveEntryRequest>,
    ) -> Answered<pb::MoveEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::MoveEntryResponse { entry }))
    }

    async fn accept_entry(
        &self,
        request: Request<pb::AcceptEntryRequest>,
    ) -> Answered<pb::AcceptEntryResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::AcceptEntryResponse { entry }))
    }

    async fn grant_role(
        &self,
        request: Request<pb::GrantRoleRequest>,
    ) -> Answered<pb::GrantRoleResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::GrantRoleResponse { entry }))
    }

    async fn end_role(
        &self,
        request: Request<pb::EndRoleRequest>,
    ) -> Answered<pb::EndRoleResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::EndRoleResponse { entry }))
    }

    async fn add_plots(
        &self,
        request: Request<pb::AddPlotsRequest>,
    ) -> Answered<pb::AddPlotsResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::AddPlotsResponse { entry }))
    }

    async fn open_plots(
        &self,
        request: Request<pb::OpenPlotsRequest>,
    ) -> Answered<pb::OpenPlotsResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenPlotsResponse { entry }))
    }

    async fn ask_for_plot(
        &self,
        request: Request<pb::AskForPlotRequest>,
    ) -> Answered<pb::AskForPlotResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::AskForPlotResponse { entry }))
    }

    async fn withdraw_from_plots(
        &self,
        request: Request<pb::WithdrawFromPlotsRequest>,
    ) -> Answered<pb::WithdrawFromPlotsResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::WithdrawFromPlotsResponse { entry }))
    }

    async fn allot_plots(
        &self,
        request: Request<pb::AllotPlotsRequest>,
    ) -> Answered<pb::AllotPlotsResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::AllotPlotsResponse { entry }))
    }

    async fn change_plot(
        &self,
        request: Request<pb::ChangePlotRequest>,
    ) -> Answered<pb::ChangePlotResponse> {
        let entry = self.0.submit(request).await?;
        Ok(Response::new(pb::ChangePlotResponse { entry }))
    }

    async fn erase_entry(
        &self,
        request: Request<pb::EraseEntryRequest>,
    ) -> Answered<pb::EraseEntryResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let cases = self.0.erase(caller, &asked.request_id, &asked.name).await?;
        Ok(Response::new(pb::EraseEntryResponse { cases }))
    }

    async fn get_entry(
        &self,
        request: Request<pb::GetEntryRequest>,
    ) -> Answered<pb::GetEntryResponse> {
        let caller = Caller::of(request.extensions())?;
        let entry = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetEntryResponse { entry }))
    }

    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Answered<pb::ListEntriesResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let wants = wants(&mut fields, &asked);
        let filters = pb::ListEntriesRequest {
            page_size: 0,
            page_token: String::new(),
            ..asked.clone()
        };
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((register, wants), page) = fields.done(wants.zip(page))?;
        let (entries, next_page_token) = match register {
            Some(register) => self.0.list_in(register, caller, page, wants).await?,
            None => self.0.list(caller, page, wants).await?,
        };
        Ok(Response::new(pb::ListEntriesResponse {
            entries,
            next_page_token,
        }))
    }

    async fn list_entry_events(
        &self,
        request: Request<pb::ListEntryEventsRequest>,
    ) -> Answered<pb::ListEntryEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListEntryEventsResponse {
            events,
            next_page_token,
        }))
    }

    async fn get_roll(
        &self,
        request: Request<pb::GetRollRequest>,
    ) -> Answered<pb::GetRollResponse> {
        let roll = roll::roll(&self.0, request.into_inner()).await?;
        Ok(Response::new(roll))
    }
}

/// Which entries a list is of: of one register, or of all, and what else of them.
fn wants(
    fields: &mut Fields,
    asked: &pb::ListEntriesRequest,
) -> Option<(Option<Code>, impl Fn(&State) -> bool + Send + 'static)> {
    let register = fields.optional_code("register", &asked.register);
    let group = fields.optional_code("group", &asked.group);
    let grid = fields.grid("grid", &asked.grid);
    let area = fields.optional_code("area", &asked.area);
    let stage = fields.optional_code("stage", &asked.stage);
    let active_on = fields.optional_day("active_on", &asked.active_on);
    let parent = fields.optional_entry("parent", &asked.parent);
    let (register, group, grid, area) = (register?, group?, grid?, area?);
    let (stage, active_on, parent) = (stage?, active_on?.map(Day), parent?);
    let wants = move |state: &State| {
        let Ok(entry) = <&Entry>::try_from(state) else {
            return false;
        };
        (group.is_none() || entry.group == group)
            && (grid.is_none() || entry.grid == grid)
            && (area.is_none() || entry.area == area)
            && stage.as_ref().is_none_or(|wanted| entry.stage == *wanted)
            && active_on.is_none_or(|day| entry.is_member_on(day))
            && (parent.is_none() || entry.parent == parent)
    };
    Some((register, wants))
}
