//! `CentreService`: the centres of the support cloud, and what operators set
//! about them. Parses, calls, converts.

use std::sync::Arc;

use hub_domain::{
    centre::{CONTACT_CHARS, Centre, Group, Inbox, PLACES, READS, Settings},
    event::Asked,
};
use proto::{
    identity::{Label, Subject},
    pb::{hub as pb, types},
    period::Grain,
    place::{Level, Place},
};
use proto_edge::{
    clock::Clock, connector::Address, hub::centre_service_server::CentreService, problem::Problem,
};
use tonic::{Request, Response, Status};

use super::{
    feed::Followers,
    field::{caller, foreign_page_token, now, page_size, place, request_id, wire_time},
    status::{Mistake, Mistakes, ledger_problem, unknown_centre},
};
use crate::{pki::ledger::IssuanceLedger as _, store::Store};

const COLLECTION: &str = "centres/";
const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;

pub struct CentresRpc {
    pub store: Store,
    pub clock: Clock,
    pub followers: Arc<Followers>,
}

impl CentresRpc {
    /// `by` a centre: of itself alone.
    async fn list(
        &self,
        by: &Subject,
        wire: &pb::ListCentresRequest,
    ) -> Result<pb::ListCentresResponse, Problem> {
        let size = page_size(wire.page_size, LISTED, MOST_LISTED)?;
        let after = match wire.page_token.as_str() {
            "" => None,
            token => Some(token.parse::<Label>().map_err(|_| foreign_page_token())?),
        };
        let own = match by {
            Subject::Centre(code) => Some(code),
            _ => None,
        };
        let centres = self.store.centres();
        let listed = centres.centres().filter(|(code, _)| {
            after.as_ref().is_none_or(|after| *code > after) && own.is_none_or(|own| *code == own)
        });
        let mut listed: Vec<_> = listed.take(size + 1).collect();
        let more = listed.len() > size;
        listed.truncate(size);
        let last = listed.last().filter(|_| more);
        Ok(pb::ListCentresResponse {
            next_page_token: last.map(|(code, _)| code.to_string()).unwrap_or_default(),
            centres: listed
                .into_iter()
                .map(|(code, centre)| self.shown(code, centre))
                .collect(),
        })
    }

    async fn set(
        &self,
        by: Subject,
        wire: pb::SetCentreRequest,
    ) -> Result<pb::SetCentreResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let code = mistakes.take(code(&wire.name));
        let settings = settings(wire.contact, wire.scope.unwrap_or_default(), &mut mistakes);
        let parsed = request.zip(code).zip(settings);
        let ((request, code), settings) = mistakes.finish(parsed)?;
        let asked = Asked { by, request };
        let now = now(&self.clock);
        let set = self
            .store
            .set_centre(asked, code.clone(), settings, now)
            .await;
        let unknown = |_| unknown_centre(&code);
        set.map_err(ledger_problem)?.map_err(unknown)?;
        let centres = self.store.centres();
        let centre = centres.centre(&code).ok_or_else(|| unknown_centre(&code))?;
        Ok(pb::SetCentreResponse {
            centre: Some(self.shown(&code, centre)),
        })
    }

    async fn set_inbox(
        &self,
        by: Subject,
        wire: pb::SetInboxRequest,
    ) -> Result<pb::SetInboxResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let request = mistakes.take(request_id(&wire.request_id));
        let code = mistakes.take(code(&wire.name));
        let inbox = mistakes.take(inbox(&wire.address));
        let ((request, code), inbox) = mistakes.finish(request.zip(code).zip(inbox))?;
        let asked = Asked { by, request };
        let set = self
            .store
            .set_inbox(asked, code.clone(), inbox, now(&self.clock));
        let unknown = |_| unknown_centre(&code);
        set.await.map_err(ledger_problem)?.map_err(unknown)?;
        let centres = self.store.centres();
        let centre = centres.centre(&code).ok_or_else(|| unknown_centre(&code))?;
        Ok(pb::SetInboxResponse {
            centre: Some(self.shown(&code, centre)),
        })
    }

    fn shown(&self, code: &Label, centre: &Centre) -> pb::Centre {
        let members = self.store.state();
        let member = members.member(&Subject::Centre(code.clone()));
        let (fixed, settings) = (centre.fixed, &centre.settings);
        pb::Centre {
            name: format!("{COLLECTION}{code}"),
            display_name: fixed.zh.to_owned(),
            display_name_en: fixed.en.to_owned(),
            mandate: fixed.mandate_zh.to_owned(),
            mandate_en: fixed.mandate_en.to_owned(),
            contact: settings.contact.clone(),
            scope: Some(pb::CentreScope {
                reads: settings.reads.iter().map(ToString::to_string).collect(),
                places: settings.places.iter().map(ToString::to_string).collect(),
                finest_grain: settings
                    .finest
                    .map_or(types::Grain::Unspecified, types::Grain::from)
                    .into(),
            }),
            enrolled: member.is_some_and(|member| member.revoked.is_none()),
            feed: Some(self.feed(code, centre)),
            inbox: centre
                .inbox
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        }
    }

    fn feed(&self, code: &Label, centre: &Centre) -> pb::CentreFeed {
        let (connected, fed) = self.followers.of(code);
        let fed = fed.or(centre.fed);
        let seq = fed.map_or(0, |fed| fed.seq);
        pb::CentreFeed {
            connected,
            acked_seq: seq,
            lag: self.store.journal().committed_seq().saturating_sub(seq),
            acked_at: fed.map(|fed| wire_time(fed.at)),
            trouble: match centre.inbox {
                Some(_) => self.followers.trouble(code),
                None => String::new(),
            },
        }
    }
}

fn code(name: &str) -> Result<Label, Mistake> {
    let code = name.strip_prefix(COLLECTION).unwrap_or(name);
    code.parse()
        .map_err(|_| Mistake::new("name", "want centres/<code>", "应为 centres/<代码>"))
}

/// Within `Some`: none is what was meant.
fn inbox(address: &str) -> Result<Option<Inbox>, Mistake> {
    let is_dialled = || address.parse::<Address>().is_ok();
    match address.parse() {
        _ if address.is_empty() => Ok(None),
        Ok(inbox) if is_dialled() => Ok(Some(inbox)),
        _ => Err(Mistake::new(
            "address",
            "want host:port, or nothing to stop",
            "应为 主机:端口；留空为停止",
        )),
    }
}

fn settings(contact: String, scope: pb::CentreScope, mistakes: &mut Mistakes) -> Option<Settings> {
    if contact.chars().count() > CONTACT_CHARS || contact.chars().any(char::is_control) {
        mistakes.add(Mistake::new(
            "contact",
            format!("want at most {CONTACT_CHARS} characters on one line"),
            format!("应为一行，至多 {CONTACT_CHARS} 字"),
        ));
    }
    for (field, count, most) in [
        ("scope.reads", scope.reads.len(), READS),
        ("scope.places", scope.places.len(), PLACES),
    ] {
        if count > most {
            let (en, zh) = (format!("want at most {most}"), format!("至多 {most} 个"));
            mistakes.add(Mistake::new(field, en, zh));
        }
    }
    let reads = reads("scope.reads", &scope.reads, mistakes);
    let places =
        scope.places.iter().enumerate().filter_map(|(at, text)| {
            mistakes.take(scope_place(&format!("scope.places[{at}]"), text))
        });
    let places = places.collect();
    let finest = mistakes.take(finest(scope.finest_grain));
    Some(Settings {
        contact,
        reads,
        places,
        finest: finest?,
    })
}

pub fn reads(field: &str, texts: &[String], mistakes: &mut Mistakes) -> Vec<Group> {
    let groups = texts.iter().enumerate().filter_map(|(at, text)| {
        mistakes.take(text.parse::<Group>().map_err(|invalid| {
            Mistake::new(
                format!("{field}[{at}]"),
                invalid.to_string(),
                "应为指标代码的开头，如 WJ.T，或 * 指全部",
            )
        }))
    });
    groups.collect()
}

pub fn scope_place(field: &str, text: &str) -> Result<Place, Mistake> {
    let place = place(field, text)?;
    match place.level() {
        Level::Grid | Level::Country => Err(Mistake::new(
            field,
            "want a community, street, district, city or province; none for the whole hub",
            "应为社区、街道、区、市或省的代码；全区则不填",
        )),
        _ => Ok(place),
    }
}

fn finest(number: i32) -> Result<Option<Grain>, Mistake> {
    match types::Grain::try_from(number) {
        Ok(types::Grain::Unspecified) => Ok(None),
        Ok(grain) => Ok(Grain::try_from(grain).ok()),
        Err(_) => Err(Mistake::new(
            "scope.finest_grain",
            format!("{number}: not a grain that this hub knows"),
            format!("{number} 不是本枢纽认得的粒度"),
        )),
    }
}

#[tonic::async_trait]
impl CentreService for CentresRpc {
    async fn list_centres(
        &self,
        mut request: Request<pb::ListCentresRequest>,
    ) -> Result<Response<pb::ListCentresResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.list(&by, request.get_ref()).await?))
    }

    async fn set_centre(
        &self,
        mut request: Request<pb::SetCentreRequest>,
    ) -> Result<Response<pb::SetCentreResponse>, Status> {
        let by = caller(&mut request)?;
        Ok(Response::new(self.set(by, request.into_inner()).await?))
    }
    async fn set_inbox(
        &self,
        mut request: Request<pb::SetInboxRequest>,
    ) -> Result<Response<pb::SetInboxResponse>, Status> {
        let by = caller(&mut request)?;
        let request = request.into_inner();
        Ok(Response::new(self.set_inbox(by, request).await?))
    }
}
