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
    clients::{WARM_UP, drive},
    disk,
    echo::Echo,
    figures::{Load, Row, ms, of, per_second},
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
    for (at, clients) in CLIENTS.into_iter().enumerate() {
        let disk = disk::append(&bench.dir("append")?, clients, bench.span(1))?;
        let peer = bench.peers.events.get(at).cloned();
        let row = beside_echo(bench, &desk, &echo, clients, clients, peer.as_ref())?;
        bench
            .figures
            .add(row.limit(format!("disk {}", per_second(disk.rate()))));
    }
    let most = CLIENTS[CLIENTS.len() - 1];
    let row = beside_echo(bench, &desk, &echo, most, 1, None)?;
    bench.figures.add(row);
    Ok(())
}

/// Slices of reports and of echoes in turn.
fn beside_echo(
    bench: &Bench,
    desk: &Desk,
    echo: &Echo,
    clients: usize,
    connections: usize,
    peer: Option<&Load>,
) -> anyhow::Result<Row> {
    let span = bench.span(2);
    let (mut echoes, mut reports) = (Vec::new(), Vec::new());
    let mut cpu = [Duration::ZERO; 2];
    for _ in 0..SLICES {
        let before = [usage::cpu(echo.pid())?, usage::cpu(desk.pid)?];
        let one = echo.load(clients, connections, span);
        echoes.push(bench.runtime.block_on(one)?);
        let one = desk.load(clients, connections, span);
        reports.push(bench.runtime.block_on(one)?);
        cpu[0] += usage::cpu(echo.pid())? - before[0];
        cpu[1] += usage::cpu(desk.pid)? - before[1];
    }
    let (echo, reports) = (Load::join(echoes), Load::join(reports));
    let each = |cpu: Duration, load: &Load| {
        // The warm-up was not counted, but worked for.
        let share = f64::from(WARM_UP) / f64::from(WARM_UP + 1);
        cpu.as_secs_f64() * 1e6 * share / load.calls() as f64
    };
    let what = match connections {
        1 if clients > 1 => " on one connection",
        _ => "",
    };
    let what = format!("durable commands, {}{what}", of(clients, "client"));
    Ok(row(what, &reports, &echo, peer, clients)
        .limit(format!(
            "echo {}, p99 {}, server CPU {:.0} µs",
            per_second(echo.rate()),
            ms(echo.p99()),
            each(cpu[0], &echo)
        ))
        .note(format!("server CPU {:.0} µs each", each(cpu[1], &reports))))
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

/// Over all desks: a node answers a repeated request from memory.
static SENT: AtomicU64 = AtomicU64::new(0);

/// Residents at the node's local port.
pub struct Desk {
    pid: u32,
    address: connector::Address,
    config: Arc<ArcSwap<rustls::ClientConfig>>,
    bearers: Vec<MetadataValue<tonic::metadata::Ascii>>,
}

impl Desk {
    pub fn open(node: &Community) -> anyhow::Result<Desk> {
        let roots = certificates(&node.local_ca())?;
        let config = plain_client(&roots, &Clock::system(0))?;
        let bearer = |at| format!("Bearer {}", node.token("resident", &format!("wx-{at}"))).parse();
        Ok(Desk {
            pid: node.pid(),
            address: node.address.parse()?,
            config: Arc::new(ArcSwap::from_pointee(config)),
            bearers: (0..RESIDENTS).map(bearer).collect::<Result<_, _>>()?,
        })
    }

    pub async fn load(
        &self,
        clients: usize,
        connections: usize,
        span: Duration,
    ) -> anyhow::Result<Load> {
        let channel = |_| connector::channel(&self.address, self.config.clone());
        let channels = (0..connections)
            .map(channel)
            .collect::<Result<Vec<Channel>, _>>()?;
        let bearers = self.bearers.clone();
        drive(clients, span, move |client, _| {
            let channel = channels[client % connections].clone();
            let bearer = bearers[client % RESIDENTS].clone();
            let n = SENT.fetch_add(1, Ordering::Relaxed);
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
