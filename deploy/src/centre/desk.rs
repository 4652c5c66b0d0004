//! A centre's calls about requests and offers, with its own certificate. The key for
//! attachments is made and used here: the hub never sees its secret half.

use std::{fs, io::Read as _, path::Path};

use clap::ValueEnum;
use proto::pb::hub as pb;
use proto_edge::{hub::centre_desk_service_client::CentreDeskServiceClient, keyfile};
use tonic::transport::Channel;

use crate::{
    backup,
    cli::{Desk, DeskOf, DeskOffer, Output},
    client::{self, asked, request_id, time_text},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

type Client = CentreDeskServiceClient<Channel>;

pub fn run(command: Desk) -> Result<(), Failure> {
    match command {
        Desk::Key { at, secret } => key(&at.dir, &secret),
        Desk::Requests {
            at,
            stage,
            late,
            output,
        } => requests(&at.dir, &stage, late, output),
        Desk::Attachment { of, secret, save } => attachment(&of, &secret, &save),
        Desk::Route { of, to, attachment } => route(of, to, attachment.as_deref()),
        Desk::Accept { of, deliver_by } => on_request(of, async |mut desk, request_id, name| {
            let request = pb::AcceptRequestRequest {
                request_id,
                name,
                deliver_by_day: deliver_by,
            };
            Ok(desk
                .accept_request(asked(request))
                .await?
                .into_inner()
                .request)
        }),
        Desk::Decline { of, reason } => on_request(of, async |mut desk, request_id, name| {
            let request = pb::DeclineRequestRequest {
                request_id,
                name,
                reason,
            };
            Ok(desk
                .decline_request(asked(request))
                .await?
                .into_inner()
                .request)
        }),
        Desk::Start { of } => on_request(of, async |mut desk, request_id, name| {
            let request = pb::StartDeliveryRequest { request_id, name };
            Ok(desk
                .start_delivery(asked(request))
                .await?
                .into_inner()
                .request)
        }),
        Desk::Complete { of, result } => on_request(of, async |mut desk, request_id, name| {
            let request = pb::CompleteRequestRequest {
                request_id,
                name,
                result,
            };
            Ok(desk
                .complete_request(asked(request))
                .await?
                .into_inner()
                .request)
        }),
        Desk::Offer(offer) => publish(offer),
        Desk::Offers { at, output } => offers(&at.dir, output),
        Desk::Close { of } => close(of),
    }
}

fn desk(dir: &Path) -> Result<Client, Failure> {
    Ok(CentreDeskServiceClient::new(client::hub(dir)?))
}

fn key(dir: &Path, secret: &Path) -> Result<(), Failure> {
    let recipient = backup::make_key(secret)?;
    let answer = client::block_on(async {
        let request = pb::SetRecipientRequest {
            request_id: request_id()?,
            recipient,
        };
        Ok(desk(dir)?.set_recipient(asked(request)).await?.into_inner())
    })?;
    println!("{}", answer.recipient);
    say!(
        "{} 的附件公钥已登记；私钥在 {}，只有它能打开附件",
        "The key of {} for attachments is registered; its secret half, which alone opens them, is in {}",
        answer.centre,
        secret.display()
    );
    Ok(())
}

fn requests(dir: &Path, stage: &str, late: bool, output: Output) -> Result<(), Failure> {
    let rows = client::block_on(async {
        let mut desk = desk(dir)?;
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListDeskRequestsRequest {
                page_size: 500,
                page_token,
                stage: stage.to_owned(),
                only_late: late,
            };
            let answer = desk.list_desk_requests(asked(request)).await?.into_inner();
            all.extend(answer.requests);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("name", "名称", "name"),
        column("stage", "状态", "stage"),
        column("late", "逾期", "late"),
        column("asked_at", "提出", "asked"),
        column("accept_by", "受理期限", "accept by"),
        column("deliver_by", "完成期限", "deliver by"),
        column("attachment", "附件", "attachment"),
        column("stars", "评价", "stars"),
        column("text", "内容", "text"),
        column("comment", "评语", "comment"),
    ]);
    let yes = |is_so: bool| Cell::from(["", "yes"][usize::from(is_so)]);
    for row in rows {
        sheet.rows.push(vec![
            row.name.into(),
            row.stage.into(),
            yes(row.late),
            row.asked_at.map(time_text).unwrap_or_default().into(),
            row.accept_by.map(time_text).unwrap_or_default().into(),
            row.deliver_by_day.into(),
            yes(row.has_attachment),
            row.stars.into(),
            row.text.into(),
            row.comment.into(),
        ]);
    }
    Ok(sheet.print(output, false)?)
}

fn attachment(of: &DeskOf, secret: &Path, save: &Path) -> Result<(), Failure> {
    let request = client::block_on(async {
        let name = of.name.clone();
        let request = pb::GetDeskRequestRequest { name };
        let mut desk = desk(&of.at.dir)?;
        Ok(desk
            .get_desk_request(asked(request))
            .await?
            .into_inner()
            .request)
    })?;
    let sealed = request
        .map(|request| request.attachment)
        .unwrap_or_default();
    if sealed.is_empty() {
        let text = crate::text!("{} 没有附件", "{} has no attachment", of.name);
        return Err(Failure::new(Exit::BadData, text));
    }
    let plain = open(&sealed, secret)?;
    if save.exists() {
        let text = crate::text!("{} 已存在", "{} exists already", save.display());
        return Err(Failure::new(Exit::Usage, text));
    }
    keyfile::write(save, &plain)?;
    say!("已存到 {}", "Saved to {}", save.display());
    Ok(())
}

fn open(sealed: &[u8], secret: &Path) -> Result<Vec<u8>, Failure> {
    let odd = |error: &dyn std::fmt::Display| Failure::new(Exit::BadData, error.to_string());
    let key = backup::secret_key(secret)?;
    let decryptor = age::Decryptor::new(sealed).map_err(|error| odd(&error))?;
    let keys: [&dyn age::Identity; 1] = [&key];
    let opened = decryptor.decrypt(keys.into_iter());
    let mut plain = Vec::new();
    let mut reader = opened.map_err(|error| odd(&error))?;
    reader
        .read_to_end(&mut plain)
        .map_err(|error| odd(&error))?;
    Ok(plain)
}

fn route(of: DeskOf, centre: String, attachment: Option<&Path>) -> Result<(), Failure> {
    let attachment = match attachment {
        Some(path) => fs::read(path)
            .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", path.display())))?,
        None => Vec::new(),
    };
    on_request(of, async |mut desk, request_id, name| {
        let request = pb::RouteRequestRequest {
            request_id,
            name,
            centre,
            attachment: attachment.into(),
        };
        Ok(desk
            .route_request(asked(request))
            .await?
            .into_inner()
            .request)
    })
}

/// Makes one call about a request, and says how that stands by then.
fn on_request(
    of: DeskOf,
    call: impl AsyncFnOnce(Client, String, String) -> Result<Option<pb::DeskRequest>, Failure>,
) -> Result<(), Failure> {
    let request =
        client::block_on(async { call(desk(&of.at.dir)?, request_id()?, of.name.clone()).await })?;
    let request = request.unwrap_or_default();
    say!("{}：{}", "{}: {}", request.name, request.stage);
    Ok(())
}

fn publish(offer: DeskOffer) -> Result<(), Failure> {
    let thresholds = offer.thresholds.iter().map(|text| threshold(text));
    let audience = pb::Audience {
        places: offer.places_of,
        types: offer.types,
        thresholds: thresholds.collect::<Result<_, _>>()?,
    };
    let code = |value: Option<clap::builder::PossibleValue>| {
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    };
    let published = client::block_on(async {
        let request = pb::PublishOfferRequest {
            request_id: request_id()?,
            kind: code(offer.kind.to_possible_value()),
            title: offer.title,
            text: offer.text,
            until_day: offer.until,
            places: offer.places,
            form: offer
                .form
                .map_or_else(String::new, |form| code(form.to_possible_value())),
            fen: offer.fen,
            audience: Some(audience),
        };
        let mut desk = desk(&offer.at.dir)?;
        Ok(desk.publish_offer(asked(request)).await?.into_inner().offer)
    })?;
    sheet_of(published.into_iter().collect()).print(offer.output, false)?;
    Ok(())
}

/// `CODE:PERIOD:AT-LEAST`
fn threshold(text: &str) -> Result<pb::AudienceThreshold, Failure> {
    let parts: Vec<&str> = text.split(':').collect();
    let parsed = match parts[..] {
        [indicator, period, least] => least.parse().ok().map(|least| pb::AudienceThreshold {
            indicator: indicator.to_owned(),
            period: period.to_owned(),
            less: String::new(),
            at_least: Some(least),
            at_most: None,
        }),
        _ => None,
    };
    parsed.ok_or_else(|| {
        let text = crate::text!(
            "{}：应为 代码:周期:下限，如 TN.F04.N:2026Q1:1",
            "{}: want CODE:PERIOD:AT-LEAST, for example TN.F04.N:2026Q1:1",
            text
        );
        Failure::new(Exit::Usage, text)
    })
}

fn offers(dir: &Path, output: Output) -> Result<(), Failure> {
    let rows = client::block_on(async {
        let mut desk = desk(dir)?;
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListDeskOffersRequest {
                page_size: 500,
                page_token,
            };
            let answer = desk.list_desk_offers(asked(request)).await?.into_inner();
            all.extend(answer.offers);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    Ok(sheet_of(rows).print(output, false)?)
}

fn sheet_of(offers: Vec<pb::DeskOffer>) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("name", "名称", "name"),
        column("kind", "类别", "kind"),
        column("title", "标题", "title"),
        column("published_at", "发布", "published"),
        column("until", "截止", "until"),
        column("closed_at", "结束", "closed"),
        column("communities", "社区", "communities"),
    ]);
    for offer in offers {
        sheet.rows.push(vec![
            offer.name.into(),
            offer.kind.into(),
            offer.title.into(),
            offer.published_at.map(time_text).unwrap_or_default().into(),
            offer.until_day.into(),
            offer.closed_at.map(time_text).unwrap_or_default().into(),
            Cell::List(offer.communities),
        ]);
    }
    sheet
}

fn close(of: DeskOf) -> Result<(), Failure> {
    client::block_on(async {
        let request = pb::CloseOfferRequest {
            request_id: request_id()?,
            name: of.name.clone(),
        };
        desk(&of.at.dir)?.close_offer(asked(request)).await?;
        Ok(())
    })?;
    say!("已结束 {}", "Closed {}", of.name);
    Ok(())
}
