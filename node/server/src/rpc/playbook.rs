//! `PlaybookService`: an administrator adopts playbooks and amends them; everybody
//! reads which are in force, their texts and their history.

use node_domain::code::Code;
use node_domain::playbook::Playbook;
use node_domain::playbook::adoption::{MOST_PLAYBOOKS, Offered};
use proto::pb::node::*;
use proto_edge::node::playbook_service_server::PlaybookService;
use proto_edge::problem::Problem;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::{Fields, wire_time};
use super::office::Office;
use super::page::{Page, Place as PagePlace, Question};
use super::process::Answered;
use super::status;
use crate::config::offered;
use crate::store::Store;
use crate::store::adopted::{Version, in_force, text};
use crate::store::fault::{StoreFault, hex};
use crate::store::keyspace::playbook::{AdoptedPlaybooks, Place};
use crate::store::ledger::command::{AdoptCommand, Answer, Command};

/// Mistakes that one refusal names.
const MOST_MISTAKES: usize = 50;

pub struct PlaybookRpc {
    office: Office,
}

impl PlaybookRpc {
    pub fn new(office: Office) -> PlaybookRpc {
        PlaybookRpc { office }
    }

    async fn adopt(
        &self,
        caller: &Caller,
        offered: Vec<Offered>,
        replaces_all: bool,
    ) -> Result<Vec<PlaybookVersion>, Problem> {
        let command = Command::Adopt(AdoptCommand {
            asked: self.office.asked(caller, None),
            offered,
            replaces_all,
        });
        match self.office.ask(command).await? {
            Answer::Adopted(Ok(_)) => self.present().await,
            Answer::Adopted(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    async fn present(&self) -> Result<Vec<PlaybookVersion>, Problem> {
        let present = self.office.read(|store| {
            let present = in_force(store.view().all::<AdoptedPlaybooks>())?;
            Ok(present.iter().map(|one| show(one, &present)).collect())
        });
        present.await
    }
}

fn parsed(field: &'static str, texts: Vec<String>) -> Result<Vec<Offered>, Problem> {
    let mut fields = Fields::default();
    if texts.len() > MOST_PLAYBOOKS {
        let en = format!("want at most {MOST_PLAYBOOKS} playbooks");
        let zh = format!("最多 {MOST_PLAYBOOKS} 个预案");
        fields.wrong::<()>(field, en, zh);
    }
    let mut all = Vec::with_capacity(texts.len());
    for text in texts.into_iter().take(MOST_PLAYBOOKS) {
        match Playbook::parse(&text) {
            Ok(playbook) => all.push(offered(playbook, text)),
            Err(mistakes) => {
                for one in mistakes.into_iter().take(MOST_MISTAKES) {
                    let (line, of) = (one.line, one.field);
                    let en = format!("line {line} {of}: {}", one.en);
                    fields.wrong::<()>(field, en, format!("第 {line} 行 {of}：{}", one.zh));
                }
            }
        }
    }
    fields.done(Some(all))
}

fn show((place, row): &Version, present: &[Version]) -> PlaybookVersion {
    let token = row.token().map(|token| format!("tokens/{}", token.0));
    PlaybookVersion {
        id: row.id.to_string(),
        zh: row.zh.to_string(),
        en: row.en.to_string(),
        sha256: hex(&row.sha256.0),
        adopted_at: Some(wire_time(row.adopted_at)),
        token: token.unwrap_or_default(),
        position: place.position,
        in_force: present.iter().any(|(present, _)| present == place),
        replaces_all: row.replaces_all,
    }
}

/// `qingshan`, or `qingshan@1`.
fn id(id: &str) -> Result<(Code, Option<u32>), Problem> {
    let mut fields = Fields::default();
    let parsed = match id.split_once('@') {
        None => id.parse().ok().map(|code| (code, None)),
        Some((code, revision)) => {
            let revision = revision.parse().ok();
            code.parse().ok().zip(revision.map(Some))
        }
    };
    let parsed = parsed.or_else(|| {
        fields.wrong(
            "id",
            "want a playbook's code, qingshan, or a revision of it, qingshan@1",
            "应为预案代码，例如 qingshan，或某一版，例如 qingshan@1",
        )
    });
    fields.done(parsed)
}

/// One revision, as it was last adopted; without one, that in force.
fn find(
    store: &Store,
    code: &Code,
    revision: Option<u32>,
) -> Result<Option<(PlaybookVersion, String)>, StoreFault> {
    let ever: Vec<Version> = store
        .view()
        .all::<AdoptedPlaybooks>()
        .collect::<Result<_, _>>()?;
    let present = in_force(ever.iter().cloned().map(Ok))?;
    let found = match revision {
        None => present.iter().find(|(_, row)| row.id.code == *code),
        Some(revision) => ever
            .iter()
            .rev()
            .find(|(_, row)| row.id.code == *code && row.id.revision == revision),
    };
    let Some(version) = found else {
        return Ok(None);
    };
    let text = text(store.source(), version.0)?;
    Ok(Some((show(version, &present), text.into())))
}

fn history(store: &Store, page: Page) -> Result<ListPlaybookVersionsResponse, StoreFault> {
    let present = in_force(store.view().all::<AdoptedPlaybooks>())?;
    let PagePlace(position, index) = page.from.unwrap_or(PagePlace(0, 0));
    let from = Place {
        position,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    };
    let mut listed = ListPlaybookVersionsResponse::default();
    for found in store.view().all::<AdoptedPlaybooks>() {
        let version = found?;
        let place = version.0;
        if place < from {
            continue;
        }
        if listed.versions.len() == page.size {
            let next = PagePlace(place.position, place.index.into());
            listed.next_page_token = page.token(Some(next));
            break;
        }
        listed.versions.push(show(&version, &present));
    }
    Ok(listed)
}

#[tonic::async_trait]
impl PlaybookService for PlaybookRpc {
    async fn adopt_playbooks(
        &self,
        request: Request<AdoptPlaybooksRequest>,
    ) -> Answered<AdoptPlaybooksResponse> {
        let caller = Caller::of(request.extensions())?;
        let offered = parsed("texts", request.into_inner().texts)?;
        let playbooks = self.adopt(&caller, offered, true).await?;
        Ok(Response::new(AdoptPlaybooksResponse { playbooks }))
    }

    async fn amend_playbook(
        &self,
        request: Request<AmendPlaybookRequest>,
    ) -> Answered<AmendPlaybookResponse> {
        let caller = Caller::of(request.extensions())?;
        let offered = parsed("text", vec![request.into_inner().text])?;
        let playbooks = self.adopt(&caller, offered, false).await?;
        Ok(Response::new(AmendPlaybookResponse { playbooks }))
    }

    async fn list_playbooks(
        &self,
        _: Request<ListPlaybooksRequest>,
    ) -> Answered<ListPlaybooksResponse> {
        let playbooks = self.present().await?;
        Ok(Response::new(ListPlaybooksResponse { playbooks }))
    }

    async fn get_playbook(
        &self,
        request: Request<GetPlaybookRequest>,
    ) -> Answered<GetPlaybookResponse> {
        let (code, revision) = id(&request.into_inner().id)?;
        let found = self
            .office
            .read(move |store| find(store, &code, revision))
            .await?;
        let (playbook, text) = found.ok_or_else(status::unknown_playbook)?;
        let playbook = Some(playbook);
        Ok(Response::new(GetPlaybookResponse { playbook, text }))
    }

    async fn list_playbook_versions(
        &self,
        request: Request<ListPlaybookVersionsRequest>,
    ) -> Answered<ListPlaybookVersionsResponse> {
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let question = Question::of("playbook versions");
        let page = Page::parse(&mut fields, asked.page_size, &asked.page_token, question);
        let page = fields.done(page)?;
        let listed = self.office.read(move |store| history(store, page)).await?;
        Ok(Response::new(listed))
    }
}
