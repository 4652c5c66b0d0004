//! What a community asks of the centres and what they offer, over the node's local
//! port as its administrator.

use std::fs;

use proto::pb::node as pb;
use proto_edge::node::{
    offer_service_client::OfferServiceClient, support_service_client::SupportServiceClient,
};

use super::serve::door;
use crate::{
    cli::{Status, Support},
    client::{self, request_id, time_text},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

pub fn run(command: Support) -> Result<(), Failure> {
    match command {
        Support::Ask {
            at,
            centre,
            text,
            attach,
            wanted_by,
            output,
        } => {
            let attachment = match &attach {
                Some(path) => fs::read(path).map_err(|error| {
                    Failure::new(Exit::Usage, format!("{}: {error}", path.display()))
                })?,
                None => Vec::new(),
            };
            let request = client::block_on(async {
                let door = door(&at.dir)?;
                let request = pb::RequestSupportRequest {
                    request_id: request_id()?,
                    centre,
                    text,
                    attachment: attachment.into(),
                    wanted_by_day: wanted_by,
                };
                let mut service = SupportServiceClient::new(door.channel.clone());
                let answer = service.request_support(door.request(request)).await?;
                Ok(answer.into_inner().request)
            })?;
            Ok(sheet(request.into_iter().collect()).print(output, false)?)
        }
        Support::List(list) => self::list(&list),
        Support::Withdraw { at, name } => {
            let request = client::block_on(async {
                let door = door(&at.dir)?;
                let request_id = request_id()?;
                let request = pb::WithdrawSupportRequest { request_id, name };
                let mut service = SupportServiceClient::new(door.channel.clone());
                let answer = service.withdraw_support(door.request(request)).await?;
                Ok(answer.into_inner().request)
            })?;
            told(request.unwrap_or_default())
        }
        Support::Rate {
            at,
            name,
            stars,
            comment,
            share,
        } => {
            let request = client::block_on(async {
                let door = door(&at.dir)?;
                let request = pb::RateSupportRequest {
                    request_id: request_id()?,
                    name,
                    stars,
                    comment,
                    share_comment: share,
                };
                let mut service = SupportServiceClient::new(door.channel.clone());
                let answer = service.rate_support(door.request(request)).await?;
                Ok(answer.into_inner().request)
            })?;
            told(request.unwrap_or_default())
        }
        Support::Centres(status) => centres(&status),
        Support::Offers(status) => offers(&status),
    }
}

fn told(request: pb::SupportRequest) -> Result<(), Failure> {
    say!("{}：{}", "{}: {}", request.name, request.stage);
    Ok(())
}

fn list(list: &Status) -> Result<(), Failure> {
    let requests = client::block_on(async {
        let door = door(&list.at.dir)?;
        let mut service = SupportServiceClient::new(door.channel.clone());
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListSupportRequest {
                page_size: 500,
                page_token,
                ..Default::default()
            };
            let answer = service.list_support(door.request(request)).await?;
            let answer = answer.into_inner();
            all.extend(answer.requests);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    Ok(sheet(requests).print(list.output, false)?)
}

fn sheet(requests: Vec<pb::SupportRequest>) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("name", "名称", "name"),
        column("key", "编号", "key"),
        column("stage", "状态", "stage"),
        column("late", "逾期", "late"),
        column("centre", "中心", "centre"),
        column("asked_at", "提出", "asked"),
        column("accept_by", "受理期限", "accept by"),
        column("deliver_by", "完成期限", "deliver by"),
        column("text", "内容", "text"),
        column("words", "答复", "answer"),
        column("stars", "评价", "stars"),
    ]);
    for request in requests {
        let late = ["", "yes"][usize::from(request.late)];
        sheet.rows.push(vec![
            request.name.into(),
            request.key.into(),
            request.stage.into(),
            late.into(),
            request.centre.into(),
            request.asked_at.map(time_text).unwrap_or_default().into(),
            request.accept_by.map(time_text).unwrap_or_default().into(),
            request.deliver_by_day.into(),
            request.text.into(),
            request.words.into(),
            request.stars.into(),
        ]);
    }
    sheet
}

fn centres(status: &Status) -> Result<(), Failure> {
    let centres = client::block_on(async {
        let door = door(&status.at.dir)?;
        let mut service = SupportServiceClient::new(door.channel.clone());
        let request = door.request(pb::ListCentresRequest {});
        Ok(service.list_centres(request).await?.into_inner().centres)
    })?;
    let mut sheet = Sheet::new(vec![
        column("centre", "中心", "centre"),
        column("recipient", "附件公钥", "key for attachments"),
    ]);
    for centre in centres {
        let row = vec![centre.centre.into(), centre.recipient.into()];
        sheet.rows.push(row);
    }
    Ok(sheet.print(status.output, false)?)
}

fn offers(status: &Status) -> Result<(), Failure> {
    let offers = client::block_on(async {
        let door = door(&status.at.dir)?;
        let mut service = OfferServiceClient::new(door.channel.clone());
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListOffersRequest {
                page_size: 500,
                page_token,
                ..Default::default()
            };
            let answer = service.list_offers(door.request(request)).await?;
            let answer = answer.into_inner();
            all.extend(answer.offers);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("name", "名称", "name"),
        column("centre", "中心", "centre"),
        column("kind", "类别", "kind"),
        column("title", "标题", "title"),
        column("until", "截止", "until"),
        column("closed_at", "结束", "closed"),
        column("enrolled", "报名", "enrolled"),
        column("completed", "结业", "completed"),
    ]);
    for offer in offers {
        let closed: Cell = offer.closed_at.map(time_text).unwrap_or_default().into();
        sheet.rows.push(vec![
            offer.name.into(),
            offer.centre.into(),
            offer.kind.into(),
            offer.title.into(),
            offer.until_day.into(),
            closed,
            offer.enrolled.into(),
            offer.completed.into(),
        ]);
    }
    Ok(sheet.print(status.output, false)?)
}
