//! Durable commands a second: a real node takes reports (报事) over TLS with
//! bearer tokens, in slices that alternate with the echo of the same shape.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use proto::pb::node as pb;
use proto_edge::{
    clock::Clock, connector, credential::certificates,
    node::case_service_client::CaseServiceClient, tls::plain_client,
};
use tonic::{Request, Status, metadata::MetadataValue, transport::Channel};

use crate::{
    Bench,
    clients::drive,
    disk,
    echo::Echo,
    figures::{Load, Row, ms, per_second},
    harness::{Community, District, district::RUIQUAN},
    usage,
};

pub const CLIENTS: [usize; 3] = [1, 16, 64];
const SLICES: usize = 3;
const RESIDENTS: usize = 8;
const TEXT: &str = "三栋二单元楼下的路灯从上周六开始不亮，晚上老人出门看不清台阶，已经有人摔倒，请尽快安排人来修。";

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let district = District::start("bench-commands");
    let node = district.joined(RUIQUAN);
    let echo = Echo::start(&bench.dir("echo")?)?;
    let desk = Desk::open(&node)?;
    let pid = node.pid();
    let span = bench.span(2);
    for (at, clients) in CLIENTS.into_iter().enumerate() {
        let limit = disk::append(&bench.dir("append")?, clients, bench.span(1))?;
        let (mut echoes, mut reports) = (Vec::new(), Vec::new());
        let mut cpu = Duration::ZERO;
        for _ in 0..SLICES {
            let one = echo.load(clients, clients, span);
            echoes.push(bench.runtime.block_on(one)?);
            let before = usage::cpu(pid)?;
            reports.push(bench.runtime.block_on(desk.load(clients, clients, span))?);
            cpu += usage::cpu(pid)? - before;
        }
        let (echo, reports) = (Load::join(echoes), Load::join(reports));
        let peer = bench.peers.events.get(at);
        let what = format!("durable commands, {clients} clients");
        bench.figures.add(
            row(what, &reports, &echo, peer, clients)
                .limit(format!(
                    "echo {}, p99 {}; disk {}",
                    per_second(echo.rate()),
                    ms(echo.p99()),
                    per_second(limit.rate())
                ))
                .note(format!(
                    "server CPU {:.0} µs each",
                    cpu.as_secs_f64() * 1e6 / reports.calls() as f64
                )),
        );
    }
    let most = CLIENTS[CLIENTS.len() - 1];
    let one = bench.runtime.block_on(echo.load(most, 1, span))?;
    let reports = bench.runtime.block_on(desk.load(most, 1, span))?;
    let what = format!("durable commands, {most} clients on one connection");
    let row = row(what, &reports, &one, None, most);
    bench.figures.add(row.limit(format!(
        "echo {}, p99 {}",
        per_second(one.rate()),
        ms(one.p99())
    )));
    Ok(())
}

fn row(what: String, reports: &Load, echo: &Load, peer: Option<&Load>, clients: usize) -> Row {
    let ratio = reports.rate() / echo.rate();
    let mut row = Row::new(what)
        .load(reports)
        .peer(peer.map(|peer| format!("{}, p99 {}", per_second(peer.rate()), ms(peer.p99()))));
    if clients > 1 {
        row = row.goal(format!("{ratio:.2} of the echo (≥ 0.8)"), ratio >= 0.8);
    }
    if clients == 64 {
        let is_met = reports.p99() <= Duration::from_millis(10);
        row = row.goal("p99 ≤ 10 ms", is_met);
    }
    match peer {
        Some(peer) if clients > 1 => {
            let ratio = reports.rate() / peer.rate();
            row.goal(format!("{ratio:.2}× PostgreSQL (≥ 1.7)"), ratio >= 1.7)
        }
        _ => row,
    }
}

/// Residents at the node's local port.
struct Desk {
    address: connector::Address,
    config: Arc<ArcSwap<rustls::ClientConfig>>,
    bearers: Vec<MetadataValue<tonic::metadata::Ascii>>,
    sent: Arc<AtomicU64>,
}

impl Desk {
    fn open(node: &Community) -> anyhow::Result<Desk> {
        let roots = certificates(&node.local_ca())?;
        let config = plain_client(&roots, &Clock::system(0))?;
        let bearer = |at| format!("Bearer {}", node.token("resident", &format!("wx-{at}"))).parse();
        Ok(Desk {
            address: node.address.parse()?,
            config: Arc::new(ArcSwap::from_pointee(config)),
            bearers: (0..RESIDENTS).map(bearer).collect::<Result<_, _>>()?,
            sent: Arc::default(),
        })
    }

    async fn load(
        &self,
        clients: usize,
        connections: usize,
        span: Duration,
    ) -> anyhow::Result<Load> {
        let channel = |_| connector::channel(&self.address, self.config.clone());
        let channels = (0..connections)
            .map(channel)
            .collect::<Result<Vec<Channel>, _>>()?;
        let (bearers, sent) = (self.bearers.clone(), self.sent.clone());
        drive(clients, span, move |client, _| {
            let channel = channels[client % connections].clone();
            let bearer = bearers[client % RESIDENTS].clone();
            let n = sent.fetch_add(1, Ordering::Relaxed);
            report(channel, bearer, n)
        })
        .await
    }
}

async fn report(
    channel: Channel,
    bearer: MetadataValue<tonic::metadata::Ascii>,
    n: u64,
) -> Result<(), Status> {
    let mut request = Request::new(pb::ReportCaseRequest {
        request_id: format!("bench-{n}"),
        kind: "street-light".to_owned(),
        origin: pb::Origin::Online.into(),
        grid: format!("{:03}", n % 20 + 1),
        personal: Some(pb::Personal {
            text: TEXT.to_owned(),
            name: "王秀英".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    });
    request.metadata_mut().insert("authorization", bearer);
    let answer = CaseServiceClient::new(channel).report_case(request).await?;
    match answer.into_inner().case {
        Some(_) => Ok(()),
        None => Err(Status::internal("no case in the answer")),
    }
}
