//! The audit log on the command line: who was let do what, for auditors.

use jiff::Timestamp;
use proto::pb::hub as pb;
use proto_edge::hub::audit_service_client::AuditServiceClient;

use crate::{
    cli::AuditLog,
    client::{self, asked, time_text},
    failure::Failure,
    output::{Cell, Sheet, column},
};

pub fn list(log: &AuditLog) -> Result<(), Failure> {
    let decisions = client::block_on(async {
        let mut service =
            AuditServiceClient::new(client::hub(&log.at.dir)?).max_decoding_message_size(64 << 20);
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListDecisionsRequest {
                page_size: 1000,
                page_token,
                subject: log.subject.clone(),
                from: log.from.map(wire),
                until: log.until.map(wire),
            };
            let answer = service.list_decisions(asked(request)).await?.into_inner();
            all.extend(answer.decisions);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    Ok(sheet(&decisions).print(log.output, false)?)
}

fn wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    }
}

fn sheet(decisions: &[pb::Decision]) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("first_at", "首次", "first"),
        column("last_at", "末次", "last"),
        column("identity", "身份", "identity"),
        column("method", "调用", "method"),
        column("scope", "范围", "scope"),
        column("allowed", "准否", "allowed"),
        column("result", "结果", "result"),
        column("count", "次", "count"),
        column("journal_seq", "日志", "journal"),
    ]);
    for decision in decisions {
        let time = |at: Option<prost_types::Timestamp>| at.map(time_text).unwrap_or_default();
        sheet.rows.push(vec![
            time(decision.first_at).into(),
            time(decision.last_at).into(),
            decision.identity.as_str().into(),
            decision.method.as_str().into(),
            decision.scope.as_str().into(),
            Cell::from(if decision.allowed { "yes" } else { "no" }),
            decision.result.as_str().into(),
            decision.count.into(),
            decision.journal_seq.into(),
        ]);
    }
    sheet
}
