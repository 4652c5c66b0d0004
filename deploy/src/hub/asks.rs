//! `tongxin hub asks`: the register of asked numbers.

use proto::pb::hub as pb;
use proto_edge::hub::ask_service_client::AskServiceClient;

use super::share::share;
use crate::{
    cli::Status,
    client::{self, asked, time_text},
    failure::Failure,
    output::{Cell, Sheet, column},
    say,
};

/// The table goes to stdout; the sums, and who was pointed elsewhere, to stderr.
pub fn asks(list: &Status) -> Result<(), Failure> {
    let (asks, summary) = client::block_on(async {
        let mut client = AskServiceClient::new(client::hub(&list.at.dir)?);
        let (mut asks, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListAsksRequest {
                page_size: 1_000,
                page_token,
            };
            let mut page = client.list_asks(asked(request)).await?.into_inner();
            asks.append(&mut page.asks);
            page_token = page.next_page_token.clone();
            if page_token.is_empty() {
                return Ok((asks, page));
            }
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("indicator", "指标", "indicator"),
        column("name_zh", "名称", "name"),
        column("owner", "谁要", "owner"),
        column("reason", "为什么", "reason"),
        column("legal_basis", "依据", "legal basis"),
        column("sunset", "截止", "until"),
        column("standing", "状态", "standing"),
        column("centres", "谁读", "read by"),
        column("rollout", "推行", "rollout"),
        column("facts", "试算事实数", "facts of dry run"),
        column("took_ms", "试算毫秒", "ms of dry run"),
    ]);
    for ask in asks {
        let standing = standing(&ask);
        sheet.rows.push(vec![
            ask.indicator.into(),
            ask.name_zh.into(),
            ask.owner.into(),
            ask.reason.into(),
            ask.legal_basis.into(),
            ask.sunset.into(),
            standing.into(),
            Cell::List(ask.centres),
            Cell::Whole(ask.rollout.into()),
            Cell::Whole(i64::try_from(ask.facts).unwrap_or(i64::MAX)),
            Cell::Whole(i64::try_from(ask.took_ms).unwrap_or(i64::MAX)),
        ]);
    }
    sheet.print(list.output, false)?;
    say!(
        "HUB.B01 建枢纽后加收的数：{}；HUB.B02 要已有之数而被指回：{} 次；WJ.N03 一数一源率 {}",
        "HUB.B01 numbers asked beyond the first: {}; HUB.B02 requests for what was there: {}; WJ.N03 indicators asked once {}",
        summary.burden,
        summary.turned_count,
        share(summary.asked_once)
    );
    for turned in summary.turned {
        let at = turned.turned_at.map(time_text).unwrap_or_default();
        say!(
            "{} {} → {}",
            "{} {} → {}",
            at,
            turned.code,
            turned.indicator
        );
    }
    Ok(())
}

fn standing(ask: &pb::Ask) -> String {
    match ask.standing() {
        pb::AskStanding::Ending => format!("ending-{}", ask.days_left),
        pb::AskStanding::Ended => "ended".to_owned(),
        pb::AskStanding::Retired => "retired".to_owned(),
        pb::AskStanding::Collected if ask.derived => "derived".to_owned(),
        _ => "collected".to_owned(),
    }
}
