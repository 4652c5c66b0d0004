//! The register of communities on the command line.

use std::path::Path;

use proto::pb::hub as pb;
use proto_edge::hub::register_service_client::RegisterServiceClient;

use crate::{
    cli::Output,
    client::{self, asked, request_id},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

pub fn import(dir: &Path, file: &Path) -> Result<(), Failure> {
    let communities = read(file)?;
    let answer = client::block_on(async {
        let mut service = RegisterServiceClient::new(client::hub(dir)?);
        let request = pb::ImportCommunitiesRequest {
            request_id: request_id()?,
            communities,
        };
        Ok(service
            .import_communities(asked(request))
            .await?
            .into_inner())
    })?;
    say!(
        "名册：新增 {}，更改 {}，未变 {}",
        "Register: {} added, {} changed, {} unchanged",
        answer.added,
        answer.changed,
        answer.unchanged
    );
    Ok(())
}

/// `code,name,street[,type,opened,closed,successors]`, with a heading line.
pub fn read(file: &Path) -> Result<Vec<pb::Community>, Failure> {
    let bad =
        |error: csv::Error| Failure::new(Exit::BadData, format!("{}: {error}", file.display()));
    let mut reader = csv::Reader::from_path(file).map_err(bad)?;
    let header = reader.headers().map_err(bad)?.clone();
    let at = |name: &str| {
        header
            .iter()
            .position(|column| column.trim_start_matches('\u{feff}') == name)
    };
    let (Some(code), Some(name)) = (at("code"), at("name")) else {
        let text = crate::text!(
            "{}：首行要有 code,name,street[,type,opened]",
            "{}: the heading must be code,name,street[,type,opened]",
            file.display()
        );
        return Err(Failure::new(Exit::BadData, text));
    };
    let (street, kind, opened) = (at("street"), at("type"), at("opened"));
    let (closed, successors) = (at("closed"), at("successors"));
    let mut communities = Vec::new();
    for row in reader.records() {
        let row = row.map_err(bad)?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().to_owned();
        communities.push(pb::Community {
            name: format!("communities/{}", cell(Some(code))),
            display_name: cell(Some(name)),
            street_name: cell(street),
            r#type: cell(kind),
            opened: cell(opened),
            closed: cell(closed),
            successors: cell(successors)
                .split_whitespace()
                .map(|code| format!("communities/{code}"))
                .collect(),
        });
    }
    Ok(communities)
}

pub fn list(dir: &Path, place: String, as_of: String, output: Output) -> Result<(), Failure> {
    let communities = client::block_on(async {
        let mut service = RegisterServiceClient::new(client::hub(dir)?);
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListCommunitiesRequest {
                page_size: 1000,
                page_token,
                place: place.clone(),
                as_of: as_of.clone(),
            };
            let answer = service.list_communities(asked(request)).await?.into_inner();
            all.extend(answer.communities);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("code", "代码", "code"),
        column("name", "名称", "name"),
        column("street", "街道", "street"),
        column("type", "类型", "type"),
        column("opened", "设立", "opened"),
        column("closed", "撤销", "closed"),
        column("successors", "后继", "successors"),
    ]);
    for community in communities {
        sheet.rows.push(vec![
            community.name.trim_start_matches("communities/").into(),
            community.display_name.into(),
            community.street_name.into(),
            community.r#type.into(),
            community.opened.into(),
            community.closed.into(),
            Cell::List(community.successors),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_say_what_became_of_a_community() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("list.csv");
        let text = "code,name,street,closed,successors\n\
                    510115001003,东街,柳城街道,2023-07-01,510115001901 510115001902\n\
                    510115001901,东南街,柳城街道,,\n";
        std::fs::write(&file, text).unwrap();
        let read = read(&file).unwrap();
        assert_eq!(read[0].closed, "2023-07-01");
        let successors = ["510115001901", "510115001902"].map(|code| format!("communities/{code}"));
        assert_eq!(read[0].successors, successors);
        assert!(read[1].closed.is_empty() && read[1].successors.is_empty());
    }
}
