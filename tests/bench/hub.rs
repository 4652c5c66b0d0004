//! A hub of the made-up district, a process of its own: its communities are
//! appointed before it serves, so that a bench need not enrol thousands.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use hub_domain::{centre::FIXED, issuance, register::Row};
use hub_server::{
    app::{self, InitOptions},
    config::{Config, LEAF_LIFE_S, Limits},
    pki::{authority::Authority, issuer::Lifetimes, ledger::IssuanceLedger as _},
    store::{Memory, Store},
};
use jiff::tz::TimeZone;
use proto::{identity::Subject, pb::hub as pb};
use proto_edge::{
    clock::Clock, connector, hub::hub_status_service_client::HubStatusServiceClient,
    membership::Membership,
};
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use crate::{cells, harness::process::Server, patience::until};

pub struct Hub {
    pub dir: PathBuf,
    members: Vec<Membership>,
    server: Option<Server>,
}

impl Hub {
    /// Made, and not yet serving.
    pub fn found(runtime: &Runtime, dir: PathBuf, communities: usize) -> anyhow::Result<Hub> {
        // All come from one address here, and an operator asks often.
        let limits = Limits {
            connections_per_address: 10_000,
            connections_per_identity: 100,
            ..Limits::default()
        };
        Hub::found_with(runtime, dir, communities, limits)
    }

    /// The same, with limits of the caller's.
    pub fn found_with(
        runtime: &Runtime,
        dir: PathBuf,
        communities: usize,
        limits: Limits,
    ) -> anyhow::Result<Hub> {
        // Nobody else asks for ports while this runs.
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = Config {
            district: "bench".parse()?,
            address: listen.to_string().parse()?,
            listen,
            zone: TimeZone::get(cells::ZONE)?,
            metrics: None,
            leaf_life_s: LEAF_LIFE_S,
            limits,
            parent: Default::default(),
        };
        let rows = (0..communities).map(|at| Row {
            code: cells::community(at).to_string(),
            name: format!("社区{at}"),
            street: format!("街道{}", at % cells::STREETS),
            opened: "2020-01-01".to_owned(),
            ..Row::default()
        });
        let options = InitOptions {
            config: config.clone(),
            communities: rows.collect(),
            catalogue: cells::catalogue()?,
        };
        app::init(&dir, options)?;
        let nodes = (0..communities).map(|at| Subject::Community(cells::community(at)));
        let centres = FIXED
            .iter()
            .map(|fixed| fixed.code.parse().map(Subject::Centre));
        let centres = centres.collect::<Result<Vec<_>, _>>()?;
        let subjects = nodes.chain(centres).collect();
        let members = runtime.block_on(appoint(&dir, &config, subjects))?;
        Ok(Hub {
            dir,
            members,
            server: None,
        })
    }

    /// Returns when it answers; how long that took.
    pub fn start(&mut self, runtime: &Runtime) -> anyhow::Result<Duration> {
        let begun = std::time::Instant::now();
        let log = self.dir.with_extension("log");
        let dir = self.dir.to_string_lossy();
        self.server = Some(Server::start(&["hub", "serve", "--dir", &dir], &log));
        let answers = until("the hub answers", async || Ok(self.status().await.ok()));
        runtime.block_on(answers)?;
        Ok(begun.elapsed())
    }

    /// In order, as an operator would.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let server = self.server.take().context("a running hub")?;
        let code = server.stop();
        anyhow::ensure!(code == Some(0), "the hub ended with {code:?}");
        Ok(())
    }

    pub fn pid(&self) -> anyhow::Result<u32> {
        Ok(self.server.as_ref().context("a running hub")?.pid())
    }

    /// A new connection as a community's node.
    pub fn node(&self, at: usize) -> anyhow::Result<Channel> {
        channel(&self.members[at])
    }

    /// A new connection as one of the nine centres.
    pub fn centre(&self, at: usize) -> anyhow::Result<Channel> {
        channel(&self.members[self.members.len() - FIXED.len() + at])
    }

    /// A new connection as the operator who sits at the hub.
    pub fn operator(&self) -> anyhow::Result<Channel> {
        channel(&Membership::load(&self.dir.join("operator"))?)
    }

    async fn status(&self) -> anyhow::Result<pb::GetHubStatusResponse> {
        let mut client = HubStatusServiceClient::new(self.operator()?);
        let answer = client
            .get_hub_status(pb::GetHubStatusRequest::default())
            .await?;
        Ok(answer.into_inner())
    }

    /// Returns when questions are answered from everything that was journalled
    /// before the call.
    pub async fn view_follows(&self) -> anyhow::Result<()> {
        let journalled = self.status().await?.journal_seq;
        until("the view follows", async || {
            let follows = self.status().await?.view_seq >= journalled;
            Ok(follows.then_some(()))
        })
        .await
    }
}

pub fn channel(membership: &Membership) -> anyhow::Result<Channel> {
    let config = membership.client_config(&Clock::system(0))?;
    let config = Arc::new(ArcSwap::from_pointee(config));
    Ok(connector::channel(&membership.hub, config)?)
}

async fn appoint(
    dir: &Path,
    config: &Config,
    subjects: Vec<Subject>,
) -> anyhow::Result<Vec<Membership>> {
    let authority = Authority::open(
        &dir.join("pki"),
        config.district.clone(),
        config.address.clone(),
        Lifetimes::default(),
        Clock::system(0),
    )?;
    let (store, threads) = Store::open(dir, Memory::default())?;
    let mut members = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let (membership, certificate) = authority.appoint(subject.clone())?;
        let command = issuance::Command::Appoint {
            subject,
            certificate,
            now: authority.now()?,
        };
        let appointed = store.submit(command).await?;
        appointed.map_err(|refusal| anyhow::anyhow!("not appointed: {refusal:?}"))?;
        members.push(membership);
    }
    drop(store);
    threads.stop().await?;
    Ok(members)
}
