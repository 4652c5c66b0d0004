//! The methods of `FundService`, each to the desk and back.

use node_domain::funds::Fund;
use node_domain::process::State;
use proto::pb::node as pb;
use proto_edge::node::fund_service_server::FundService;
use tonic::{Request, Response};

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::process::{Answered, HistoryAsk, PageAsk};
use super::{ENGINE, FundRpc};

#[tonic::async_trait]
impl FundService for FundRpc {
    async fn open_fund(
        &self,
        request: Request<pb::OpenFundRequest>,
    ) -> Answered<pb::OpenFundResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenFundResponse { fund }))
    }

    async fn appoint_fund_posts(
        &self,
        request: Request<pb::AppointFundPostsRequest>,
    ) -> Answered<pb::AppointFundPostsResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::AppointFundPostsResponse { fund }))
    }

    async fn plan_shares(
        &self,
        request: Request<pb::PlanSharesRequest>,
    ) -> Answered<pb::PlanSharesResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::PlanSharesResponse { fund }))
    }

    async fn agree_share(
        &self,
        request: Request<pb::AgreeShareRequest>,
    ) -> Answered<pb::AgreeShareResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::AgreeShareResponse { fund }))
    }

    async fn start_works(
        &self,
        request: Request<pb::StartWorksRequest>,
    ) -> Answered<pb::StartWorksResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::StartWorksResponse { fund }))
    }

    async fn pay_share(
        &self,
        request: Request<pb::PayShareRequest>,
    ) -> Answered<pb::PayShareResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::PayShareResponse { fund }))
    }

    async fn receive_income(
        &self,
        request: Request<pb::ReceiveIncomeRequest>,
    ) -> Answered<pb::ReceiveIncomeResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::ReceiveIncomeResponse { fund }))
    }

    async fn request_expense(
        &self,
        request: Request<pb::RequestExpenseRequest>,
    ) -> Answered<pb::RequestExpenseResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::RequestExpenseResponse { fund }))
    }

    async fn answer_expense(
        &self,
        request: Request<pb::AnswerExpenseRequest>,
    ) -> Answered<pb::AnswerExpenseResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::AnswerExpenseResponse { fund }))
    }

    async fn publish_expenses(
        &self,
        request: Request<pb::PublishExpensesRequest>,
    ) -> Answered<pb::PublishExpensesResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::PublishExpensesResponse { fund }))
    }

    async fn apply_for_subsidy(
        &self,
        request: Request<pb::ApplyForSubsidyRequest>,
    ) -> Answered<pb::ApplyForSubsidyResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::ApplyForSubsidyResponse { fund }))
    }

    async fn pledge_household_part(
        &self,
        request: Request<pb::PledgeHouseholdPartRequest>,
    ) -> Answered<pb::PledgeHouseholdPartResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::PledgeHouseholdPartResponse { fund }))
    }

    async fn change_building(
        &self,
        request: Request<pb::ChangeBuildingRequest>,
    ) -> Answered<pb::ChangeBuildingResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::ChangeBuildingResponse { fund }))
    }

    async fn pay_subsidy(
        &self,
        request: Request<pb::PaySubsidyRequest>,
    ) -> Answered<pb::PaySubsidyResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::PaySubsidyResponse { fund }))
    }

    async fn approve_grant(
        &self,
        request: Request<pb::ApproveGrantRequest>,
    ) -> Answered<pb::ApproveGrantResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::ApproveGrantResponse { fund }))
    }

    async fn move_grant(
        &self,
        request: Request<pb::MoveGrantRequest>,
    ) -> Answered<pb::MoveGrantResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::MoveGrantResponse { fund }))
    }

    async fn close_fund(
        &self,
        request: Request<pb::CloseFundRequest>,
    ) -> Answered<pb::CloseFundResponse> {
        let fund = self.0.submit(request).await?;
        Ok(Response::new(pb::CloseFundResponse { fund }))
    }

    async fn get_fund(
        &self,
        request: Request<pb::GetFundRequest>,
    ) -> Answered<pb::GetFundResponse> {
        let caller = Caller::of(request.extensions())?;
        let fund = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetFundResponse { fund }))
    }

    async fn list_funds(
        &self,
        request: Request<pb::ListFundsRequest>,
    ) -> Answered<pb::ListFundsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let grid = fields.grid("grid", &asked.grid);
        let filters = ("funds", &asked.kind, &asked.grid, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, grid), page) = fields.done(kind.zip(grid).zip(page))?;
        let wants = move |state: &State| {
            let Ok(fund) = <&Fund>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| fund.kind == *kind)
                && (grid.is_none() || fund.grid == grid)
                && !(asked.only_open && fund.closed)
        };
        let (funds, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListFundsResponse {
            funds,
            next_page_token,
        }))
    }

    async fn list_fund_events(
        &self,
        request: Request<pb::ListFundEventsRequest>,
    ) -> Answered<pb::ListFundEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListFundEventsResponse {
            events,
            next_page_token,
        }))
    }
}
