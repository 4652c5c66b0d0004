//! `DocumentService`: requests about documents parsed, documents shown. Decides
//! nothing; looks up what a vote was about.

mod parse;
mod show;

use node_domain::consents::Consent;
use node_domain::documents::{Action, Document, Grounds};
use node_domain::process::{Engine, State};
use node_domain::sha256::Sha256;
use proto::pb::node as pb;
use proto_edge::node::document_service_server::DocumentService;
use proto_edge::problem::Problem;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::process::{Answered, Desk, HistoryAsk, PageAsk, on_process};
use super::status;

const ENGINE: Engine = Engine::Documents;

pub struct DocumentRpc(pub Desk);

impl DocumentRpc {
    /// The text that a consent was given to, or a vote carried on.
    async fn voted(&self, caller: &Caller, grounds: &Grounds) -> Result<Option<Sha256>, Problem> {
        let Grounds::Consent(consent) = grounds else {
            return Ok(None);
        };
        let name = format!("consents/{consent}");
        let (_, state) = self.0.load(Engine::Consents, caller, &name).await?;
        let consent = <&Consent>::try_from(&state).map_err(|_| status::unknown_process())?;
        Ok(consent.agreed_text())
    }
}

#[tonic::async_trait]
impl DocumentService for DocumentRpc {
    async fn open_document(
        &self,
        request: Request<pb::OpenDocumentRequest>,
    ) -> Answered<pb::OpenDocumentResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenDocumentResponse { document }))
    }

    async fn draft_version(
        &self,
        request: Request<pb::DraftVersionRequest>,
    ) -> Answered<pb::DraftVersionResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::DraftVersionResponse { document }))
    }

    async fn post_version(
        &self,
        request: Request<pb::PostVersionRequest>,
    ) -> Answered<pb::PostVersionResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::PostVersionResponse { document }))
    }

    async fn consult_version(
        &self,
        request: Request<pb::ConsultVersionRequest>,
    ) -> Answered<pb::ConsultVersionResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::ConsultVersionResponse { document }))
    }

    async fn put_version_in_force(
        &self,
        request: Request<pb::PutVersionInForceRequest>,
    ) -> Answered<pb::PutVersionInForceResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::PutVersionInForceResponse { document }))
    }

    async fn drop_version(
        &self,
        request: Request<pb::DropVersionRequest>,
    ) -> Answered<pb::DropVersionResponse> {
        let document = self.0.submit(request).await?;
        Ok(Response::new(pb::DropVersionResponse { document }))
    }

    async fn adopt_version(
        &self,
        request: Request<pb::AdoptVersionRequest>,
    ) -> Answered<pb::AdoptVersionResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let grounds = parse::grounds(
            &mut fields,
            &asked.consent,
            &asked.by,
            &asked.document_sha256,
        );
        let grounds = fields.done(grounds)?;
        let voted = self.voted(&caller, &grounds).await?;
        let action = |_: &mut Fields| Some(Action::Adopt { grounds, voted });
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, action)?;
        let document = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::AdoptVersionResponse { document }))
    }

    async fn repeal_document(
        &self,
        request: Request<pb::RepealDocumentRequest>,
    ) -> Answered<pb::RepealDocumentResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let grounds = parse::grounds(
            &mut fields,
            &asked.consent,
            &asked.by,
            &asked.document_sha256,
        );
        let reason = fields.name("reason", &asked.reason);
        let (grounds, reason) = fields.done(grounds.zip(reason))?;
        let voted = self.voted(&caller, &grounds).await?;
        let action = |_: &mut Fields| {
            Some(Action::Repeal {
                grounds,
                voted,
                reason,
            })
        };
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, action)?;
        let document = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::RepealDocumentResponse { document }))
    }

    async fn get_document(
        &self,
        request: Request<pb::GetDocumentRequest>,
    ) -> Answered<pb::GetDocumentResponse> {
        let caller = Caller::of(request.extensions())?;
        let actor = caller.actor.clone();
        let document: Option<pb::Document> = self.0.get(caller, request.into_inner().name).await?;
        let document = document.map(|document| show::hide_drafts(document, &actor));
        Ok(Response::new(pb::GetDocumentResponse { document }))
    }

    async fn get_version(
        &self,
        request: Request<pb::GetVersionRequest>,
    ) -> Answered<pb::GetVersionResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let (_, state) = self.0.load(ENGINE, &caller, &asked.name).await?;
        let document = <&Document>::try_from(&state).map_err(|_| status::unknown_process())?;
        let version = show::whole(document, asked.number, &caller.actor);
        let version = version.ok_or_else(status::unknown_process)?;
        Ok(Response::new(pb::GetVersionResponse {
            version: Some(version),
        }))
    }

    async fn list_documents(
        &self,
        request: Request<pb::ListDocumentsRequest>,
    ) -> Answered<pb::ListDocumentsResponse> {
        let caller = Caller::of(request.extensions())?;
        let actor = caller.actor.clone();
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let grid = fields.grid("grid", &asked.grid);
        let filters = ("documents", &asked.kind, &asked.grid, asked.only_in_force);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, grid), page) = fields.done(kind.zip(grid).zip(page))?;
        let wants = move |state: &State| {
            let Ok(document) = <&Document>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| document.kind == *kind)
                && (grid.is_none() || document.grid == grid)
                && (!asked.only_in_force || document.in_force().is_some())
        };
        let (documents, next_page_token) = self.0.list(caller, page, wants).await?;
        let documents = documents.into_iter();
        Ok(Response::new(pb::ListDocumentsResponse {
            documents: documents
                .map(|one| show::hide_drafts(one, &actor))
                .collect(),
            next_page_token,
        }))
    }

    async fn list_document_events(
        &self,
        request: Request<pb::ListDocumentEventsRequest>,
    ) -> Answered<pb::ListDocumentEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListDocumentEventsResponse {
            events,
            next_page_token,
        }))
    }
}
