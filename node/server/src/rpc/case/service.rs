//! The methods of `CaseService`: who calls, what is asked, what is answered.

use proto::pb::node::*;
use proto_edge::node::case_service_server::CaseService;
use tonic::{Request, Response, Status};

use super::super::caller::Caller;
use super::desk::{CaseRpc, Watching};

type Answered<T> = Result<Response<T>, Status>;

fn opened<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    let caller = Caller::of(request.extensions())?;
    Ok((caller, request.into_inner()))
}

#[tonic::async_trait]
impl CaseService for CaseRpc {
    type WatchCasesStream = Watching;

    async fn report_case(
        &self,
        request: Request<ReportCaseRequest>,
    ) -> Answered<ReportCaseResponse> {
        let (caller, asked) = opened(request)?;
        let case = self.report(caller, asked).await?;
        Ok(Response::new(ReportCaseResponse { case }))
    }

    async fn accept_case(
        &self,
        request: Request<AcceptCaseRequest>,
    ) -> Answered<AcceptCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(AcceptCaseResponse { case }))
    }

    async fn dispatch_case(
        &self,
        request: Request<DispatchCaseRequest>,
    ) -> Answered<DispatchCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(DispatchCaseResponse { case }))
    }

    async fn bounce_case(
        &self,
        request: Request<BounceCaseRequest>,
    ) -> Answered<BounceCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(BounceCaseResponse { case }))
    }

    async fn start_case(&self, request: Request<StartCaseRequest>) -> Answered<StartCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(StartCaseResponse { case }))
    }

    async fn pause_case(&self, request: Request<PauseCaseRequest>) -> Answered<PauseCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(PauseCaseResponse { case }))
    }

    async fn resume_case(
        &self,
        request: Request<ResumeCaseRequest>,
    ) -> Answered<ResumeCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(ResumeCaseResponse { case }))
    }

    async fn reply_case(&self, request: Request<ReplyCaseRequest>) -> Answered<ReplyCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(ReplyCaseResponse { case }))
    }

    async fn complete_case(
        &self,
        request: Request<CompleteCaseRequest>,
    ) -> Answered<CompleteCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(CompleteCaseResponse { case }))
    }

    async fn refuse_case(
        &self,
        request: Request<RefuseCaseRequest>,
    ) -> Answered<RefuseCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(RefuseCaseResponse { case }))
    }

    async fn mark_duplicate_case(
        &self,
        request: Request<MarkDuplicateCaseRequest>,
    ) -> Answered<MarkDuplicateCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(MarkDuplicateCaseResponse { case }))
    }

    async fn rate_case(&self, request: Request<RateCaseRequest>) -> Answered<RateCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(RateCaseResponse { case }))
    }

    async fn appeal_case(
        &self,
        request: Request<AppealCaseRequest>,
    ) -> Answered<AppealCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(AppealCaseResponse { case }))
    }

    async fn rule_appeal_case(
        &self,
        request: Request<RuleAppealCaseRequest>,
    ) -> Answered<RuleAppealCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(RuleAppealCaseResponse { case }))
    }

    async fn withdraw_case(
        &self,
        request: Request<WithdrawCaseRequest>,
    ) -> Answered<WithdrawCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(WithdrawCaseResponse { case }))
    }

    async fn note_case(&self, request: Request<NoteCaseRequest>) -> Answered<NoteCaseResponse> {
        let case = self.mutate(request).await?;
        Ok(Response::new(NoteCaseResponse { case }))
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Answered<GetCaseResponse> {
        let (caller, asked) = opened(request)?;
        let case = Some(self.get(caller, asked).await?);
        Ok(Response::new(GetCaseResponse { case }))
    }

    async fn list_cases(&self, request: Request<ListCasesRequest>) -> Answered<ListCasesResponse> {
        let (caller, asked) = opened(request)?;
        Ok(Response::new(self.list(caller, asked).await?))
    }

    async fn list_case_events(
        &self,
        request: Request<ListCaseEventsRequest>,
    ) -> Answered<ListCaseEventsResponse> {
        let (caller, asked) = opened(request)?;
        Ok(Response::new(self.history(caller, asked).await?))
    }

    async fn watch_cases(&self, request: Request<WatchCasesRequest>) -> Answered<Watching> {
        let (caller, asked) = opened(request)?;
        Ok(Response::new(self.watch(caller, asked).await?))
    }

    async fn erase_subject(
        &self,
        request: Request<EraseSubjectRequest>,
    ) -> Answered<EraseSubjectResponse> {
        let (caller, asked) = opened(request)?;
        let erased = self.erase(caller, asked).await?;
        let cases = u32::try_from(erased).unwrap_or(u32::MAX);
        Ok(Response::new(EraseSubjectResponse { cases }))
    }
}
