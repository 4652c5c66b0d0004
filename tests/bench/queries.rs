//! A district's questions to the hub over gRPC, each with another indicator,
//! month or community than the one before. An answer with a row too few or too
//! many fails the measurement.

use std::time::Duration;

use proto::pb::hub::{GroupBy, QueryIndicatorsRequest, RankOrder};
use proto_edge::hub::indicator_service_client::IndicatorServiceClient;
use tonic::Status;

use crate::{
    Bench,
    cells::{self, INDICATORS, MONTHS, PER_NODE, STREETS},
    clients::drive,
    figures::{Row, ms, of, per_second, size},
    hub::Hub,
};

pub const CLIENTS: [usize; 2] = [1, 16];
pub const QUESTIONS: [&str; 4] = [
    "1 one indicator, 12 months, whole district",
    "2 one indicator, one month, top 10",
    "3 all 300 indicators of one community, one month",
    "4 one indicator by street and month",
];

pub fn ask(bench: &mut Bench, hub: &Hub, communities: usize) -> anyhow::Result<()> {
    let months: Vec<String> = cells::months().iter().map(ToString::to_string).collect();
    let total = size(communities * PER_NODE as usize);
    for (at, question) in QUESTIONS.into_iter().enumerate() {
        for (of_clients, clients) in CLIENTS.into_iter().enumerate() {
            let channels = {
                let _entered = bench.runtime.enter();
                let channels = (0..clients).map(|_| hub.operator());
                channels.collect::<anyhow::Result<Vec<_>>>()?
            };
            let months = months.clone();
            let expected = rows(at, communities);
            let call = move |client: usize, n: u64| {
                let n = (client as u64 * 1_000 + n) as u32;
                let request = request(at, n, &months, communities);
                let mut service = IndicatorServiceClient::new(channels[client].clone());
                async move {
                    let answer = service.query_indicators(request).await?.into_inner();
                    match answer.rows.len() {
                        found if found == expected => Ok(()),
                        found => Err(Status::internal(format!("{found} rows, want {expected}"))),
                    }
                }
            };
            let span = bench.span(1);
            let load = bench.runtime.block_on(drive(clients, span, call))?;
            let echo = bench.echo(clients)?;
            let peer = bench.peers.questions.get(at).map(|by| &by[of_clients]);
            let text = |peer: &crate::figures::Load| {
                let (p50, p99) = (ms(peer.p50()), ms(peer.p99()));
                format!("p50 {p50}, p99 {p99}, {}", per_second(peer.rate()))
            };
            let mut row = Row::new(format!(
                "query {question}, {total} cells, {}",
                of(clients, "client")
            ))
            .load(&load)
            .limit(format!("echo p50 {}", ms(echo.p50())))
            .peer(peer.map(text));
            if let Some(peer) = peer {
                let ratio = peer.p50().as_secs_f64() / load.p50().as_secs_f64();
                row = row.goal(
                    format!("p50 {ratio:.1}× below PostgreSQL (≥ 5)"),
                    ratio >= 5.0,
                );
            }
            if clients == 1 {
                row = row.goal("p99 ≤ 2 ms", load.p99() <= Duration::from_millis(2));
            }
            bench.figures.add(row);
        }
    }
    Ok(())
}

pub fn rows(question: usize, communities: usize) -> usize {
    match question {
        0 => MONTHS as usize,
        1 => communities.min(10),
        2 => INDICATORS as usize,
        _ => communities.min(STREETS) * MONTHS as usize,
    }
}

fn request(
    question: usize,
    n: u32,
    months: &[String],
    communities: usize,
) -> QueryIndicatorsRequest {
    let code = cells::code(n * 7 % INDICATORS + 1);
    let month = months[(n * 5 % MONTHS) as usize].clone();
    let year = QueryIndicatorsRequest {
        indicators: vec![code.clone()],
        from: months[0].clone(),
        to: months[months.len() - 1].clone(),
        group_by: vec![GroupBy::Period.into()],
        ..Default::default()
    };
    match question {
        0 => year,
        1 => QueryIndicatorsRequest {
            indicators: vec![code],
            from: month,
            group_by: vec![GroupBy::Community.into()],
            rank: RankOrder::Top.into(),
            limit: 10,
            ..Default::default()
        },
        2 => QueryIndicatorsRequest {
            indicators: (1..=INDICATORS).map(cells::code).collect(),
            place: cells::community(n as usize % communities).to_string(),
            from: month,
            ..Default::default()
        },
        _ => QueryIndicatorsRequest {
            group_by: vec![GroupBy::Street.into(), GroupBy::Period.into()],
            ..year
        },
    }
}
