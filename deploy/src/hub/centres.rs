//! The centres of the support cloud: listed, and set by operators.

use proto::pb::{hub as pb, types};
use proto_edge::hub::centre_service_client::CentreServiceClient;
use tonic::transport::Channel;

use crate::{
    cli::{CentreDeliver, CentreSet, Centres, Output, Status},
    client::{self, asked, request_id, time_text},
    failure::{Exit, Failure},
    locale::pick,
    output::{Cell, Sheet, column},
    say,
};

pub fn run(command: &Centres) -> Result<(), Failure> {
    match command {
        Centres::List(list) => self::list(list, None),
        Centres::Show { code, list } => self::list(list, Some(code.as_str())),
        Centres::Set(set) => self::set(set),
        Centres::Deliver(deliver) => self::deliver(deliver),
    }
}

fn list(list: &Status, only: Option<&str>) -> Result<(), Failure> {
    let mut centres = client::block_on(async {
        let mut service = CentreServiceClient::new(client::hub(&list.at.dir)?);
        centres(&mut service).await
    })?;
    if let Some(code) = only {
        centres.retain(|centre| centre.name == format!("centres/{code}"));
        if centres.is_empty() {
            return Err(no_centre(code));
        }
    }
    Ok(sheet(&centres).print(list.output, false)?)
}

/// What is not named stays as it is.
fn set(set: &CentreSet) -> Result<(), Failure> {
    let centre = client::block_on(async {
        let mut service = CentreServiceClient::new(client::hub(&set.at.dir)?);
        let name = format!("centres/{}", set.code);
        let known = centres(&mut service).await?;
        let known = known.into_iter().find(|centre| centre.name == name);
        let known = known.ok_or_else(|| no_centre(&set.code))?;
        let mut scope = known.scope.unwrap_or_default();
        if let Some(reads) = &set.reads {
            scope.reads = some(reads);
        }
        if let Some(places) = &set.places {
            scope.places = some(places);
        }
        if let Some(finest) = set.finest {
            scope.finest_grain = super::query::grain(finest).into();
        }
        let request = pb::SetCentreRequest {
            request_id: request_id()?,
            name,
            contact: set.contact.clone().unwrap_or(known.contact),
            scope: Some(scope),
        };
        let answer = service.set_centre(asked(request)).await?.into_inner();
        Ok(answer.centre.unwrap_or_default())
    })?;
    say!("已设 {}", "Set {}", centre.display_name);
    Ok(sheet(&[centre]).print(Output::Table, false)?)
}

fn deliver(deliver: &CentreDeliver) -> Result<(), Failure> {
    let centre = client::block_on(async {
        let mut service = CentreServiceClient::new(client::hub(&deliver.at.dir)?);
        let request = pb::SetInboxRequest {
            request_id: request_id()?,
            name: format!("centres/{}", deliver.code),
            address: deliver.to.clone().unwrap_or_default(),
        };
        let answer = service.set_inbox(asked(request)).await?.into_inner();
        Ok(answer.centre.unwrap_or_default())
    })?;
    match centre.inbox.as_str() {
        "" => say!("不再递送到 {}", "No more is delivered to {}", deliver.code),
        inbox => say!(
            "将递送到 {}；中心须在此运行 tongxin centre receive",
            "Delivering to {}; tongxin centre receive has to run there",
            inbox
        ),
    }
    Ok(sheet(&[centre]).print(Output::Table, false)?)
}

/// `--places ""` is none.
fn some(texts: &[String]) -> Vec<String> {
    let texts = texts.iter().filter(|text| !text.is_empty());
    texts.cloned().collect()
}

fn no_centre(code: &str) -> Failure {
    Failure::new(
        Exit::BadData,
        crate::text!(
            "没有中心 {}；tongxin hub centre list 列出九个",
            "there is no centre {}; tongxin hub centre list shows the nine",
            code
        ),
    )
}

pub async fn centres(
    service: &mut CentreServiceClient<Channel>,
) -> Result<Vec<pb::Centre>, Failure> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCentresRequest {
            page_size: 1000,
            page_token,
        };
        let answer = service.list_centres(asked(request)).await?.into_inner();
        all.extend(answer.centres);
        if answer.next_page_token.is_empty() {
            return Ok(all);
        }
        page_token = answer.next_page_token;
    }
}

/// How the feeds of those that have joined stand, on stderr.
pub fn tell(centres: &[pb::Centre]) {
    for centre in centres.iter().filter(|centre| centre.enrolled) {
        let feed = centre.feed.clone().unwrap_or_default();
        say!(
            "中心 {}：数据流{}，差 {} 条，已收至 {}",
            "Centre {}: feed {}, {} records behind, has up to {}",
            pick(&centre.display_name, &centre.display_name_en),
            match feed.connected {
                true => pick("在线", "connected"),
                false => pick("离线", "away"),
            },
            feed.lag,
            feed.acked_seq
        );
        if !feed.trouble.is_empty() {
            say!(
                "  递送到 {} 未成：{}",
                "  not delivered to {}: {}",
                centre.inbox,
                feed.trouble
            );
        }
    }
}

fn sheet(centres: &[pb::Centre]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("code", "代码", "code"),
        column("name", "名称", "name"),
        column("mandate", "职责", "mandate"),
        column("contact", "负责人", "contact"),
        column("reads", "可读指标", "reads"),
        column("places", "范围", "places"),
        column("finest_grain", "最细粒度", "finest grain"),
        column("enrolled", "已入网", "enrolled"),
        column("inbox", "递送到", "delivered to"),
        column("connected", "在线", "connected"),
        column("acked_seq", "已收", "acked"),
        column("lag", "差（条）", "lag"),
        column("acked_at", "最近", "last ack"),
        column("trouble", "递送未成", "not delivered"),
    ]);
    for centre in centres {
        let scope = centre.scope.clone().unwrap_or_default();
        let feed = centre.feed.clone().unwrap_or_default();
        let yes = |is: bool| Cell::from(if is { "yes" } else { "no" });
        sheet.rows.push(vec![
            centre.name.trim_start_matches("centres/").into(),
            pick(&*centre.display_name, &centre.display_name_en).into(),
            pick(&*centre.mandate, &centre.mandate_en).into(),
            centre.contact.as_str().into(),
            Cell::List(scope.reads.clone()),
            match scope.places.is_empty() {
                true => Cell::Empty,
                false => Cell::List(scope.places.clone()),
            },
            grain(scope.finest_grain()).into(),
            yes(centre.enrolled),
            centre.inbox.as_str().into(),
            yes(feed.connected),
            feed.acked_seq.into(),
            feed.lag.into(),
            feed.acked_at.map(time_text).unwrap_or_default().into(),
            feed.trouble.as_str().into(),
        ]);
    }
    sheet
}

/// Stable words: scripts compare them.
fn grain(grain: types::Grain) -> &'static str {
    match grain {
        types::Grain::Unspecified => "",
        types::Grain::Day => "day",
        types::Grain::Week => "week",
        types::Grain::Month => "month",
        types::Grain::Quarter => "quarter",
        types::Grain::Half => "half",
        types::Grain::Year => "year",
    }
}
