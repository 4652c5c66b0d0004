//! Asks a hub for the material of an audit. Judges nothing of it.

use proto::{
    digest::Bucket,
    indicator::columns,
    pb::{hub as pb, sync as wire},
    sync::head::JournalHead,
};
use proto_edge::hub::release_service_client::ReleaseServiceClient;
use tonic::transport::Channel;

use super::{
    Asked,
    material::{About, FORMAT, Item, Kept, Material},
};
use crate::{
    client::{asked, time_text},
    failure::{Exit, Failure},
};

/// Of an answer's message; definitions and dimensions come in one.
const MESSAGE_LIMIT: usize = 64 << 20;

pub async fn fetch(channel: Channel, wanted: &Asked) -> Result<Material, Failure> {
    let client = ReleaseServiceClient::new(channel);
    let mut client = client.max_decoding_message_size(MESSAGE_LIMIT);
    let request = pb::ExportCellsRequest {
        community: wanted.community.clone(),
        period: wanted.period.clone(),
        indicator: wanted.indicator.clone(),
    };
    let mut said = client.export_cells(asked(request)).await?.into_inner();
    let mut state = None;
    let mut cells = Vec::new();
    while let Some(message) = said.message().await? {
        state = state.or(message.state);
        if let Some(packed) = message.cells {
            cells.extend(columns::decode(&packed).map_err(|invalid| bad(invalid.to_string()))?);
        }
    }
    let state = state.ok_or_else(|| bad("no state came".to_owned()))?;
    let items = state.items.iter().map(|item| {
        let read = Item::new(item.kind(), &item.payload);
        read.map_err(|invalid| bad(invalid.to_string()))
    });
    let items = items.collect::<Result<_, _>>()?;
    let buckets = state.buckets.iter().map(|bucket| {
        let read = Bucket::try_from(bucket);
        read.map_err(|invalid| bad(invalid.to_string()))
    });
    let buckets = buckets.collect::<Result<Vec<_>, Failure>>()?;
    let about = About {
        format: FORMAT,
        district: state.district,
        community: state.community,
        zone: state.zone,
        period: wanted.period.clone(),
        indicator: wanted.indicator.clone(),
        lineage: state.lineage,
        acked: state.acked,
        released_through: state.released.map_or(0, |released| released.through),
        refused_cells: state.refused_cells,
        catalogue_seq: state.catalogue_seq,
        exported_at: state.exported_at.map_or_else(String::new, time_text),
    };
    Ok(Material {
        about,
        releases: releases(&mut client, &wanted.community).await?,
        cells,
        items,
        buckets,
    })
}

/// Every release, page by page.
async fn releases(
    client: &mut ReleaseServiceClient<Channel>,
    community: &str,
) -> Result<Vec<Kept>, Failure> {
    let mut request = pb::ListReleasesRequest {
        community: community.to_owned(),
        page_size: 1000,
        page_token: String::new(),
    };
    let mut all = Vec::new();
    loop {
        let page = client.list_releases(asked(request.clone())).await?;
        let page = page.into_inner();
        for kept in page.releases {
            all.push(read(kept).ok_or_else(|| bad("a release cannot be read".to_owned()))?);
        }
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

fn read(kept: pb::KeptRelease) -> Option<Kept> {
    let under = kept.countersignature?;
    let head: wire::JournalHead = kept.head?;
    Some(Kept {
        id: kept.id.as_ref().try_into().ok()?,
        head: JournalHead::try_from(head).ok()?,
        countersigned_ms: under.time_ms,
        incarnation: under.incarnation,
        countersign_key: under.public_key.as_ref().try_into().ok()?,
        countersignature: under.signature.as_ref().try_into().ok()?,
    })
}

fn bad(what: String) -> Failure {
    Failure::new(
        Exit::Failure,
        crate::text!(
            "枢纽的答复无法读懂：{}",
            "The hub's answer makes no sense: {}",
            what
        ),
    )
}
