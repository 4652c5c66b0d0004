//! Adopting playbooks on a node that serves, and what it adopted when.

use std::path::Path;

use node_domain::playbook::Playbooks;
use proto::pb::node as pb;
use proto_edge::node::playbook_service_client::PlaybookServiceClient;

use super::super::serve::door;
use super::{parsed, text as named, together};
use crate::{
    cli::Status,
    client::{self, time_text},
    failure::Failure,
    output::{Cell, Sheet, column},
    say,
};

/// What is wrong in a file is said before anybody is asked.
fn sound(code_or_file: &str) -> Result<String, Failure> {
    let text = named(code_or_file)?;
    parsed(&text)?;
    Ok(text)
}

pub fn adopt(dir: &Path, playbooks: &[String]) -> Result<(), Failure> {
    let texts = playbooks.iter().map(|named| sound(named));
    let texts = texts.collect::<Result<_, _>>()?;
    let adopted = client::block_on(async {
        let door = door(dir)?;
        let mut service = PlaybookServiceClient::new(door.channel.clone());
        let request = pb::AdoptPlaybooksRequest { texts };
        let answer = service.adopt_playbooks(door.request(request)).await?;
        Ok(answer.into_inner().playbooks)
    })?;
    tell(&adopted);
    Ok(())
}

pub fn amend(dir: &Path, playbook: &str) -> Result<(), Failure> {
    let text = sound(playbook)?;
    let adopted = client::block_on(async {
        let door = door(dir)?;
        let mut service = PlaybookServiceClient::new(door.channel.clone());
        let request = pb::AmendPlaybookRequest { text };
        let answer = service.amend_playbook(door.request(request)).await?;
        Ok(answer.into_inner().playbooks)
    })?;
    tell(&adopted);
    Ok(())
}

fn tell(adopted: &[pb::PlaybookVersion]) {
    let ids: Vec<&str> = adopted.iter().map(|one| one.id.as_str()).collect();
    say!(
        "现行预案：{}。已经开始的流程沿用原来的规则",
        "In force: {}. What is under way keeps its rules",
        ids.join(", ")
    );
}

pub fn text(dir: &Path, id: &str) -> Result<String, Failure> {
    client::block_on(async {
        let door = door(dir)?;
        let mut service = PlaybookServiceClient::new(door.channel.clone());
        let request = pb::GetPlaybookRequest { id: id.to_owned() };
        let answer = service.get_playbook(door.request(request)).await?;
        Ok(answer.into_inner().text)
    })
}

/// What the node runs by, in its order.
pub fn in_force(dir: &Path) -> Result<Playbooks, Failure> {
    let texts = client::block_on(async {
        let door = door(dir)?;
        let mut service = PlaybookServiceClient::new(door.channel.clone());
        let listed = service.list_playbooks(door.request(pb::ListPlaybooksRequest {}));
        let listed = listed.await?.into_inner().playbooks;
        let mut texts = Vec::new();
        for playbook in listed {
            let request = pb::GetPlaybookRequest { id: playbook.id };
            let answer = service.get_playbook(door.request(request)).await?;
            texts.push(answer.into_inner().text);
        }
        Ok(texts)
    })?;
    together(&texts)
}

pub fn history(history: &Status) -> Result<(), Failure> {
    let versions = client::block_on(async {
        let door = door(&history.at.dir)?;
        let mut service = PlaybookServiceClient::new(door.channel.clone());
        let mut versions = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListPlaybookVersionsRequest {
                page_size: 500,
                page_token,
            };
            let page = service.list_playbook_versions(door.request(request));
            let page = page.await?.into_inner();
            versions.extend(page.versions);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(versions);
            }
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("id", "预案", "playbook"),
        column("name_zh", "名称", "name (zh)"),
        column("name_en", "英文名", "name"),
        column("adopted_at", "采用时间", "adopted at"),
        column("token", "由谁", "by"),
        column("position", "日志位置", "position"),
        column("in_force", "现行", "in force"),
        column("sha256", "文本哈希", "hash of the text"),
    ]);
    for one in versions {
        let adopted_at = one.adopted_at.map(time_text).unwrap_or_default();
        sheet.rows.push(vec![
            one.id.into(),
            one.zh.into(),
            one.en.into(),
            adopted_at.into(),
            one.token.into(),
            one.position.into(),
            Cell::from(if one.in_force { "yes" } else { "no" }),
            one.sha256.into(),
        ]);
    }
    Ok(sheet.print(history.output, false)?)
}
