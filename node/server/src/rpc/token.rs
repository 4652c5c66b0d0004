//! `TokenService`: an administrator makes, lists and revokes bearer tokens. A
//! secret is shown once and never stored.

use node_domain::actor::{Actor, Pseudonym};
use node_domain::token::{Token, TokenId};
use proto::pb::node as pb;
use proto::pb::node::{
    CreateTokenRequest, CreateTokenResponse, ListTokensRequest, ListTokensResponse,
    RevokeTokenRequest, RevokeTokenResponse,
};
use proto_edge::node::token_service_server::TokenService;
use proto_edge::problem::Problem;
use tonic::{Request, Response, Status};

use super::caller::Caller;
use super::fields::{Fields, number, wire_time};
use super::office::Office;
use super::page::{Page, Place, Question};
use super::secret::Secret;
use super::status;
use crate::sealing::SubjectId;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::subject::Subjects;
use crate::store::keyspace::token::Tokens;
use crate::store::ledger::command::{Answer, Bearer, Command, TokenAnswer, TokenAsk, TokenCommand};
use crate::store::view::Direction;

const TOKENS: &str = "tokens/";
const PSEUDONYM_CHARS: usize = 128;

pub struct TokenRpc {
    office: Office,
}

impl TokenRpc {
    pub fn new(office: Office) -> TokenRpc {
        TokenRpc { office }
    }

    async fn create(
        &self,
        caller: Caller,
        asked: CreateTokenRequest,
    ) -> Result<CreateTokenResponse, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&asked.request_id);
        let bearer = bearer(&mut fields, asked.role, &asked.scope);
        let expires_at = fields.time("expires_at", asked.expires_at);
        let read = request_id.zip(bearer).zip(expires_at);
        let ((request_id, bearer), expires_at) = fields.done(read)?;
        let secret = Secret::random().map_err(|fault| status::fault(&fault))?;
        let ask = TokenAsk::Create {
            bearer,
            expires_at,
            secret_hash: secret.hash(),
        };
        let asked = self.office.asked(&caller, request_id);
        let TokenAnswer { token, repeated } = self.ask(TokenCommand { asked, ask }).await?;
        // Of a repeat, the first answer's secret is the one that counts.
        let secret = if repeated { "" } else { secret.reveal() }.to_owned();
        let token = Some(self.show(token).await?);
        Ok(CreateTokenResponse { token, secret })
    }

    async fn list(&self, asked: ListTokensRequest) -> Result<ListTokensResponse, Problem> {
        let mut fields = Fields::default();
        let question = Question::of("tokens");
        let page = Page::parse(&mut fields, asked.page_size, &asked.page_token, question);
        let page = fields.done(page)?;
        self.office.read(move |store| list(store, page)).await
    }

    async fn revoke(
        &self,
        caller: Caller,
        asked: RevokeTokenRequest,
    ) -> Result<pb::Token, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&asked.request_id);
        let token = number(&asked.name, TOKENS).or_else(|| {
            fields.wrong(
                "name",
                "want the name of a token, for example tokens/3",
                "应为令牌名称，例如 tokens/3",
            )
        });
        let (request_id, token) = fields.done(request_id.zip(token))?;
        let asked = self.office.asked(&caller, request_id);
        let ask = TokenAsk::Revoke(TokenId(token));
        let answer = self.ask(TokenCommand { asked, ask }).await?;
        self.show(answer.token).await
    }

    async fn ask(&self, command: TokenCommand) -> Result<TokenAnswer, Problem> {
        match self.office.ask(Command::Token(command)).await? {
            Answer::Token(Ok(answer)) => Ok(answer),
            Answer::Token(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    async fn show(&self, token: Token) -> Result<pb::Token, Problem> {
        self.office.read(move |store| show(store, &token)).await
    }
}

/// Whom a token makes of its bearer; a scope belongs to some roles only.
fn bearer(fields: &mut Fields, role: i32, scope: &str) -> Option<Bearer> {
    let actor = match pb::Role::try_from(role) {
        Ok(pb::Role::Resident) => {
            return match fields.within("scope", scope, PSEUDONYM_CHARS)? {
                "" => fields.wrong(
                    "scope",
                    "want a stable pseudonym for the resident, for example wx-7f3a",
                    "请填写该居民的固定代号，例如 wx-7f3a",
                ),
                pseudonym => Some(Bearer::Resident(pseudonym.to_owned())),
            };
        }
        Ok(pb::Role::GridWorker) => match fields.grid("scope", scope)? {
            Some(grid) => Actor::GridWorker(grid),
            None => {
                return fields.wrong(
                    "scope",
                    "want the grid's three digits",
                    "请填写网格的三位数字",
                );
            }
        },
        Ok(pb::Role::Handler) => Actor::Handler(fields.name("scope", scope)?),
        Ok(pb::Role::Staff) => Actor::Staff,
        Ok(pb::Role::Admin) => Actor::Admin,
        Ok(pb::Role::Auditor) => Actor::Auditor,
        _ => {
            let roles = "RESIDENT, GRID_WORKER, HANDLER, STAFF, ADMIN, AUDITOR";
            return fields.choice("role", None, roles);
        }
    };
    let unscoped = matches!(actor, Actor::Staff | Actor::Admin | Actor::Auditor);
    if unscoped && !scope.is_empty() {
        let (en, zh) = (
            "want nothing: this role has no scope",
            "请留空：这个角色没有范围",
        );
        return fields.wrong("scope", en, zh);
    }
    Some(Bearer::Other(actor))
}

fn list(store: &Store, page: Page) -> Result<ListTokensResponse, StoreFault> {
    let from = page.from.map_or(0, |Place(from, _)| from).to_be_bytes();
    let tokens = store
        .view()
        .entries::<Tokens>(Some(&from), None, Direction::Ascending);
    let mut listed = ListTokensResponse::default();
    for found in tokens {
        let (id, token) = found?;
        if listed.tokens.len() == page.size {
            listed.next_page_token = page.token(Some(Place(id.0, 0)));
            break;
        }
        listed.tokens.push(show(store, &token)?);
    }
    Ok(listed)
}

fn show(store: &Store, token: &Token) -> Result<pb::Token, StoreFault> {
    let (role, scope) = match &token.actor {
        Actor::Resident(pseudonym) => (pb::Role::Resident, resident(store, *pseudonym)?),
        Actor::GridWorker(grid) => (pb::Role::GridWorker, grid.to_string()),
        Actor::Handler(name) => (pb::Role::Handler, name.to_string()),
        Actor::Staff => (pb::Role::Staff, String::new()),
        Actor::Admin => (pb::Role::Admin, String::new()),
        Actor::Auditor => (pb::Role::Auditor, String::new()),
        Actor::Import | Actor::System => (pb::Role::Unspecified, String::new()),
    };
    Ok(pb::Token {
        name: format!("{TOKENS}{}", token.id.0),
        role: role.into(),
        scope,
        created_at: Some(wire_time(token.created_at)),
        expires_at: token.expires_at.map(wire_time),
        revoked: token.revoked_at.is_some(),
    })
}

/// The name that the client gave; nothing once the person is erased.
fn resident(store: &Store, Pseudonym(number): Pseudonym) -> Result<String, StoreFault> {
    let subject = SubjectId(number);
    let row = store.view().load::<Subjects>(&subject)?;
    let Some(sealed) = row.and_then(|row| row.scope) else {
        return Ok(String::new());
    };
    let name = store.unseal(Some(subject), &sealed)?;
    Ok(name.map_or_else(String::new, |name| {
        String::from_utf8_lossy(&name).into_owned()
    }))
}

#[tonic::async_trait]
impl TokenService for TokenRpc {
    async fn create_token(
        &self,
        request: Request<CreateTokenRequest>,
    ) -> Result<Response<CreateTokenResponse>, Status> {
        let caller = Caller::of(request.extensions())?;
        let created = self.create(caller, request.into_inner()).await?;
        Ok(Response::new(created))
    }

    async fn list_tokens(
        &self,
        request: Request<ListTokensRequest>,
    ) -> Result<Response<ListTokensResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        let caller = Caller::of(request.extensions())?;
        let token = Some(self.revoke(caller, request.into_inner()).await?);
        Ok(Response::new(RevokeTokenResponse { token }))
    }
}
