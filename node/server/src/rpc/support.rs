//! `SupportService`: what the community asks of the district's centres. Parses,
//! calls, converts; encrypts what is attached before anything else sees it.

mod attach;
mod show;

use node_domain::process::{Engine, State};
use node_domain::support::{Action, Ask as Asked, Rating, Request as Held};
use proto::pb::node as pb;
use proto::support::{CENTRES, RequestKey, SUPPORT_CENTRE};
use proto_edge::node::support_service_server::SupportService;
use proto_edge::problem::Problem;
use tonic::Request;
use tonic::Response;

use super::caller::Caller;
use super::fields::Fields;
use super::process::{Answered, Ask, Desk, HistoryAsk, PageAsk, on_process, opening};
use super::status;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::post::{Post, PostKey, PostRow};

const ENGINE: Engine = Engine::Support;

pub struct SupportRpc(pub Desk);

impl SupportRpc {
    /// The centres that this node can ask, with the keys that came down.
    async fn centres(&self) -> Result<Vec<pb::SupportCentre>, Problem> {
        let read = |store: &Store| -> Result<Vec<pb::SupportCentre>, StoreFault> {
            let mut centres = CENTRES
                .map(|code| (code.to_owned(), String::new()))
                .to_vec();
            for row in store.view().all::<Post>() {
                let (PostKey::Centre(label), PostRow::Recipient(recipient)) = row? else {
                    continue;
                };
                let (label, recipient) = (label.to_string(), recipient.as_str().to_owned());
                match centres.iter_mut().find(|(code, _)| *code == label) {
                    Some((_, held)) => *held = recipient,
                    None => centres.push((label, recipient)),
                }
            }
            let shown = centres
                .into_iter()
                .map(|(centre, recipient)| pb::SupportCentre { centre, recipient });
            Ok(shown.collect())
        };
        self.0.read(read).await
    }

    async fn ask(&self, asked: pb::RequestSupportRequest) -> Result<Ask, Problem> {
        let centres = self.centres().await?;
        let reader = match asked.centre.as_str() {
            "" => SUPPORT_CENTRE,
            centre => centre,
        };
        let known = centres.iter().find(|centre| centre.centre == reader);
        let recipient = known.map_or("", |centre| centre.recipient.as_str());
        let attachment = attach::attachment(reader, recipient, &asked.attachment)?;
        let key = attach::random_key()?;
        opening(&asked.request_id, |fields| {
            let centre = match asked.centre.as_str() {
                "" => Some(None),
                code if known.is_some() => code.parse().ok().map(Some),
                _ => {
                    let all = centres.iter().map(|centre| centre.centre.as_str());
                    let all = all.collect::<Vec<_>>().join(", ");
                    fields.wrong(
                        "centre",
                        format!("want one of {all}, or nothing for whoever can"),
                        format!("应为 {all} 之一，或留空由支持中心转办"),
                    )
                }
            };
            let text = self::text(fields, "text", &asked.text);
            let wanted_by = fields.optional_day("wanted_by_day", &asked.wanted_by_day);
            Some(Action::Ask(Box::new(Asked {
                key: RequestKey(key),
                centre: centre?,
                text: text?,
                attachment,
                wanted_by: wanted_by?,
            })))
        })
    }
}

fn text(fields: &mut Fields, field: &'static str, text: &str) -> Option<proto::support::Text> {
    text.parse().ok().or_else(|| {
        fields.wrong(
            field,
            "want a text of 1 to 2000 characters, no control characters",
            "应为 1 至 2000 字，不含控制字符",
        )
    })
}

impl TryFrom<pb::WithdrawSupportRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::WithdrawSupportRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::Withdraw)
        })
    }
}

impl TryFrom<pb::RateSupportRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RateSupportRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let comment = match asked.comment.trim() {
                "" => Some(None),
                comment => text(fields, "comment", comment).map(Some),
            };
            Some(Action::Rate(Rating {
                stars: u8::try_from(asked.stars).unwrap_or(u8::MAX),
                comment: comment?,
                is_shared: asked.share_comment,
            }))
        })
    }
}

#[tonic::async_trait]
impl SupportService for SupportRpc {
    async fn request_support(
        &self,
        request: Request<pb::RequestSupportRequest>,
    ) -> Answered<pb::RequestSupportResponse> {
        let caller = Caller::of(request.extensions())?;
        let ask = self.ask(request.into_inner()).await?;
        let request = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::RequestSupportResponse { request }))
    }

    async fn withdraw_support(
        &self,
        request: Request<pb::WithdrawSupportRequest>,
    ) -> Answered<pb::WithdrawSupportResponse> {
        let request = self.0.submit(request).await?;
        Ok(Response::new(pb::WithdrawSupportResponse { request }))
    }

    async fn rate_support(
        &self,
        request: Request<pb::RateSupportRequest>,
    ) -> Answered<pb::RateSupportResponse> {
        let request = self.0.submit(request).await?;
        Ok(Response::new(pb::RateSupportResponse { request }))
    }

    async fn get_support(
        &self,
        request: Request<pb::GetSupportRequest>,
    ) -> Answered<pb::GetSupportResponse> {
        let caller = Caller::of(request.extensions())?;
        let request = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetSupportResponse { request }))
    }

    async fn list_support(
        &self,
        request: Request<pb::ListSupportRequest>,
    ) -> Answered<pb::ListSupportResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let filters = ("support", asked.only_open, &asked.centre);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let page = fields.done(page)?;
        let wants = move |state: &State| {
            let Ok(held) = <&Held>::try_from(state) else {
                return false;
            };
            let centre = held.centre.as_ref().map_or("", |centre| centre.as_str());
            (!asked.only_open || state.is_open())
                && (asked.centre.is_empty() || centre == asked.centre)
        };
        let (requests, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListSupportResponse {
            requests,
            next_page_token,
        }))
    }

    async fn list_support_events(
        &self,
        request: Request<pb::ListSupportEventsRequest>,
    ) -> Answered<pb::ListSupportEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListSupportEventsResponse {
            events,
            next_page_token,
        }))
    }

    async fn list_centres(
        &self,
        _: Request<pb::ListCentresRequest>,
    ) -> Answered<pb::ListCentresResponse> {
        let centres = self.centres().await?;
        Ok(Response::new(pb::ListCentresResponse { centres }))
    }
}
