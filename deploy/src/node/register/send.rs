//! Sends checked rows to the node, a few at a time, and takes what it says of each.
//! Knows no file.

use indicatif::ProgressBar;
use proto::pb::node as pb;
use proto_edge::node::register_service_client::RegisterServiceClient;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::check::{Mark, Ready};
use super::column::Column;
use super::write::{Outcome, Results};
use crate::client::{NodeDoor, request_id};
use crate::failure::Failure;

const IN_FLIGHT: usize = 32;

/// Stops at the first fault that is not about a row: what was taken until then
/// stands, and a second import leaves it out.
pub async fn send(
    door: &NodeDoor,
    rows: Vec<Ready>,
    results: &mut Results,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let mut sending: JoinSet<(u32, Result<String, Status>)> = JoinSet::new();
    let mut failed = None;
    let mut rows = rows.into_iter();
    loop {
        while sending.len() < IN_FLIGHT && failed.is_none() {
            let Some(row) = rows.next() else {
                break;
            };
            let work = one(door, row)?;
            sending.spawn(work);
        }
        let Some(done) = sending.join_next().await else {
            return failed.map_or(Ok(()), |status: Status| Err(status.into()));
        };
        let (line, answer) = done.map_err(anyhow::Error::from)?;
        bar.inc(1);
        match answer {
            Ok(name) => {
                results.insert(line, Outcome::Done(name));
            }
            Err(status) if is_about_the_row(&status) => {
                results.insert(line, Outcome::Wrong(marks(&status)));
            }
            Err(status) => failed = Some(status),
        }
    }
}

type Work = std::pin::Pin<Box<dyn Future<Output = (u32, Result<String, Status>)> + Send>>;

fn one(door: &NodeDoor, row: Ready) -> Result<Work, Failure> {
    let mut service = RegisterServiceClient::new(door.channel.clone());
    let mut request = row.request;
    request.request_id = request_id()?;
    let request = door.request(request);
    let mut moves = Vec::new();
    for stage in row.stages {
        moves.push(door.request(pb::MoveEntryRequest {
            request_id: request_id()?,
            to: stage.to_string(),
            ..Default::default()
        }));
    }
    let line = row.line;
    Ok(Box::pin(async move {
        let registered = async {
            let answer = service.register_entry(request).await?.into_inner();
            let name = answer.entry.unwrap_or_default().name;
            for mut to in moves {
                to.get_mut().name.clone_from(&name);
                service.move_entry(to).await?;
            }
            Ok(name)
        };
        (line, registered.await)
    }))
}

fn is_about_the_row(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists | Code::NotFound
    )
}

fn marks(status: &Status) -> Vec<Mark> {
    let fields = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let zh = status.get_details_localized_message();
    let zh = zh.map_or_else(String::new, |said| said.message);
    if fields.is_empty() {
        return vec![Mark::new(None, zh, status.message().to_owned())];
    }
    let mark = |field: &tonic_types::FieldViolation| {
        let column = Column::of_field(&field.field);
        Mark::new(column, zh.clone(), field.description.clone())
    };
    fields.iter().map(mark).collect()
}
