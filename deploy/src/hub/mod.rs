//! `tongxin hub …`: from arguments to calls or to the server. Knows no rule of
//! the hub.

mod asks;
mod audit;
mod audit_log;
mod authority;
mod centres;
mod extension;
mod head;
mod indicator;
mod members;
mod nodes;
mod parent;
mod period;
mod quality;
mod query;
mod register;
mod release;
mod serve;
mod share;
mod status;
mod verify;
mod watch;

pub mod catalogue;

use std::path::Path;

use proto::pb::{hub as pb, types};
use proto_edge::hub::indicator_service_client::IndicatorServiceClient;

use crate::{
    backup::{self, Kind},
    cli::{self, Hub},
    client::{self, asked},
    export,
    failure::Failure,
    say,
};

pub use query::Units;

pub fn run(command: Hub) -> Result<(), Failure> {
    match command {
        Hub::Init(init) => serve::init(&init),
        Hub::Serve(at) => serve::serve(&at.dir),
        Hub::Join { at, token } => crate::join::join(&at.dir, &token),
        Hub::Attach { at, token } => parent::attach(&at.dir, &token),
        Hub::Invite(invite) => members::invite(&invite),
        Hub::Authority(command) => authority::run(&command),
        Hub::Revoke(revoke) => members::revoke(&revoke),
        Hub::Adopt(reclaim) => nodes::reclaim(&reclaim, pb::ReclaimMode::Adopt),
        Hub::Restate(reclaim) => nodes::reclaim(&reclaim, pb::ReclaimMode::Restate),
        Hub::Release(release) => release::release(&release),
        Hub::Moves(status) => release::moves(&status),
        Hub::Head(head) => head::head(&head),
        Hub::Verify(at) => verify::verify(&at.dir),
        Hub::Status(status) => status::status(&status),
        Hub::AuditExport(export) => audit::export(&export),
        Hub::Backup(take) => backup::backup(Kind::Hub, &take),
        Hub::VerifyBackup(verify) => backup::verify(Kind::Hub, &verify),
        Hub::Restore(restore) => backup::restore(Kind::Hub, &restore, None),
        Hub::Query(query) => ask(&query),
        Hub::Quality(command) => quality::run(&command),
        Hub::Period(command) => period::run(&command),
        Hub::Indicator(command) => indicator::run(&command),
        Hub::Extension(command) => extension::run(&command),
        Hub::Catalogue(cli::Catalogue::Publish { at, file }) => catalogue::publish(&at.dir, &file),
        Hub::Catalogue(cli::Catalogue::List(list)) => catalogue::list(&list),
        Hub::Asks(list) => asks::asks(&list),
        Hub::Watch(watch) => watch::run(watch),
        Hub::AuditLog(log) => audit_log::list(&log),
        Hub::Centre(command) => centres::run(&command),
        Hub::Register(cli::Register::Import { at, file }) => register::import(&at.dir, &file),
        Hub::Register(cli::Register::List {
            at,
            place,
            as_of,
            output,
        }) => register::list(&at.dir, place, as_of, output),
    }
}

fn ask(query: &cli::Query) -> Result<(), Failure> {
    // A name that no format has is said before the hub is asked.
    let save = query.save.as_deref();
    save.map(export::Format::of).transpose()?;
    let request = query::request(query)?;
    let (rows, definitions) = client::block_on(async {
        let rows = rows(&query.at.dir, request).await?;
        Ok((rows, catalogue::indicators(&query.at.dir).await?))
    })?;
    let sheet = query::sheet(&rows, &catalogue::units(&definitions));
    let Some(file) = save else {
        return Ok(sheet.print(query.output, query.bom)?);
    };
    let asked_for = |definition: &types::IndicatorDefinition| {
        rows.iter()
            .any(|row| (&row.indicator, row.revision) == (&definition.code, definition.revision))
    };
    let definitions: Vec<_> = definitions.into_iter().filter(asked_for).collect();
    let answer = export::Answer {
        rows: &rows,
        sheet: &sheet,
        definitions: &definitions,
        question: std::env::args().skip(1).collect::<Vec<_>>().join(" "),
        place: &query.place,
        period: query.to.is_empty().then_some(query.from.as_str()),
        answered_at: jiff::Timestamp::now(),
    };
    for written in export::save(&answer, file)? {
        say!("已写 {}", "Wrote {}", written.display());
    }
    Ok(())
}

/// Every row of an answer, page by page.
pub async fn rows(
    dir: &Path,
    mut request: pb::QueryIndicatorsRequest,
) -> Result<Vec<pb::Row>, Failure> {
    let mut client =
        IndicatorServiceClient::new(client::hub(dir)?).max_decoding_message_size(64 << 20);
    let mut rows = Vec::new();
    loop {
        let answer = client
            .query_indicators(asked(request.clone()))
            .await?
            .into_inner();
        rows.extend(answer.rows);
        if answer.next_page_token.is_empty() {
            return Ok(rows);
        }
        request.page_token = answer.next_page_token;
    }
}
