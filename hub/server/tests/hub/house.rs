//! One hub in a directory of its own, and callers of every kind.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use hub_server::{
    app::{self, InitFault, InitOptions, Running},
    config::{Config, LEAF_LIFE_S, Limits, zone},
    store::{Memory, Store},
};
use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    indicator::{
        accumulator::Accumulator,
        catalogue::{Catalogue, Item},
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
    },
    pb::{enrol::EnrolRequest, hub as pb},
    place::Place,
    sync::{
        limits,
        uplink::{Batch, Hello},
    },
};
use proto_edge::{
    clock::Clock,
    connector::{self, Address},
    credential::{Credential, certificates},
    enrol::enrol_service_client::EnrolServiceClient,
    hub::{
        extension_service_client::ExtensionServiceClient,
        hub_status_service_client::HubStatusServiceClient,
        indicator_service_client::IndicatorServiceClient,
        member_service_client::MemberServiceClient, quality_service_client::QualityServiceClient,
        register_service_client::RegisterServiceClient,
    },
    membership::Membership,
    tls::plain_client,
    token::JoinToken,
};
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

pub const FIRST: &str = include_str!("../../../../deploy/catalogue/first.toml");
const WENJIANG: &str = include_str!("../../../../tests/data/wenjiang-2023.csv");

/// January 2024 is over for every node.
pub const WATERMARK: &str = "2024-02-05T00:00:00Z";

pub struct House {
    directory: TempDir,
    running: Option<(Running, CancellationToken)>,
    pub operator: Membership,
}

pub fn options() -> InitOptions {
    InitOptions {
        config: Config {
            district: "wenjiang".parse().unwrap(),
            address: "127.0.0.1:7443".parse().unwrap(),
            listen: "127.0.0.1:0".parse().unwrap(),
            zone: zone("Asia/Shanghai").unwrap(),
            metrics: None,
            leaf_life_s: LEAF_LIFE_S,
            limits: Limits::default(),
            parent: Default::default(),
        },
        communities: Vec::new(),
        catalogue: Vec::new(),
    }
}

pub fn catalogue() -> Vec<Item> {
    Catalogue::from_toml(FIRST).unwrap().items().collect()
}

/// The real communities, as they are imported.
pub fn wenjiang() -> Vec<pb::Community> {
    let mut rows = csv::Reader::from_reader(WENJIANG.as_bytes());
    let communities = rows.records().map(|row| {
        let row = row.unwrap();
        pb::Community {
            name: format!("communities/{}", &row[0]),
            display_name: row[1].to_owned(),
            street_name: row[2].to_owned(),
            ..pb::Community::default()
        }
    });
    communities.collect()
}

impl House {
    /// Made and serving, with the real register and the shipped catalogue.
    pub async fn furnished() -> House {
        let mut house = House::made(InitOptions {
            communities: wenjiang()
                .into_iter()
                .map(hub_server::rpc::register::row)
                .collect(),
            catalogue: catalogue(),
            ..options()
        })
        .unwrap();
        house.open().await;
        house
    }

    /// Made, not yet serving.
    pub fn made(options: InitOptions) -> Result<House, InitFault> {
        let directory = tempfile::tempdir().unwrap();
        let hub = directory.path().join("hub");
        app::init(&hub, options)?;
        Ok(House {
            operator: Membership::load(&hub.join("operator")).unwrap(),
            directory,
            running: None,
        })
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("hub")
    }

    pub async fn open(&mut self) {
        let stop = CancellationToken::new();
        let running = app::serve(&self.path(), stop.clone()).await.unwrap();
        self.running = Some((running, stop));
    }

    pub async fn close(&mut self) {
        let (running, stop) = self.running.take().unwrap();
        stop.cancel();
        running.join().await.unwrap();
    }

    fn address(&self) -> Address {
        let (running, _) = self.running.as_ref().unwrap();
        running.address.to_string().parse().unwrap()
    }

    pub fn channel(&self, member: &Membership) -> Channel {
        let config = member.client_config(&Clock::system(0)).unwrap();
        let config = Arc::new(ArcSwap::from_pointee(config));
        connector::channel(&self.address(), config).unwrap()
    }

    pub fn anonymous(&self) -> Channel {
        let roots = std::fs::read(self.path().join("pki/root.pem")).unwrap();
        let roots = certificates(&roots).unwrap();
        let config = plain_client(&roots, &Clock::system(0)).unwrap();
        let config = Arc::new(ArcSwap::from_pointee(config));
        connector::channel(&self.address(), config).unwrap()
    }

    pub fn indicators(&self) -> IndicatorServiceClient<Channel> {
        IndicatorServiceClient::new(self.channel(&self.operator))
    }

    pub fn register(&self) -> RegisterServiceClient<Channel> {
        RegisterServiceClient::new(self.channel(&self.operator))
    }

    pub fn quality(&self) -> QualityServiceClient<Channel> {
        QualityServiceClient::new(self.channel(&self.operator))
    }

    pub fn status(&self) -> HubStatusServiceClient<Channel> {
        HubStatusServiceClient::new(self.channel(&self.operator))
    }

    pub fn extensions(&self) -> ExtensionServiceClient<Channel> {
        ExtensionServiceClient::new(self.channel(&self.operator))
    }

    /// Registers and approves `extension/flood-watch`, until next year.
    pub async fn admit(&self, reads: &[&str], places: &[&str]) {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let today = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let until = today.checked_add(jiff::Span::new().days(300)).unwrap();
        let extension = pb::Extension {
            name: "extensions/flood-watch".to_owned(),
            purpose_zh: "汛情".to_owned(),
            purpose_en: "Floods".to_owned(),
            owner: "蓉水数据".to_owned(),
            contact: "区水务局".to_owned(),
            reads: own(reads),
            places: own(places),
            until: until.to_string(),
            ..pb::Extension::default()
        };
        let register = pb::RegisterExtensionRequest {
            request_id: "register-flood-watch".to_owned(),
            extension: Some(extension),
            ..pb::RegisterExtensionRequest::default()
        };
        let mut extensions = self.extensions();
        extensions.register_extension(register).await.unwrap();
        let approve = pb::ApproveExtensionRequest {
            request_id: "approve-flood-watch".to_owned(),
            name: "extensions/flood-watch".to_owned(),
            valid_for: None,
        };
        let first = extensions.approve_extension(approve.clone()).await;
        let again = extensions.approve_extension(approve).await;
        let token = |answer: pb::ApproveExtensionResponse| answer.token;
        let (first, again) = (first.unwrap().into_inner(), again.unwrap().into_inner());
        assert_eq!(token(first), token(again), "one request, one token");
    }

    /// The membership of a new node.
    pub async fn enrol(&self, code: &str) -> Membership {
        self.enrol_as(&format!("community/{code}")).await
    }

    /// The membership of anybody who is invited.
    pub async fn enrol_as(&self, subject: &str) -> Membership {
        let mut members = MemberServiceClient::new(self.channel(&self.operator));
        let invite = pb::CreateInviteRequest {
            request_id: format!("invite-{}", subject.rsplit('/').next().unwrap_or_default()),
            subject: subject.to_owned(),
            valid_for: None,
        };
        let invite = members.create_invite(invite).await.unwrap().into_inner();
        let token: JoinToken = invite.token.parse().unwrap();
        let key = KeyPair::generate().unwrap();
        let request = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        let enrolment = EnrolRequest {
            token: token.voucher.to_string(),
            csr: request.der().to_vec().into(),
        };
        let mut enrol = EnrolServiceClient::new(self.anonymous());
        let answer = enrol.enrol(enrolment).await.unwrap().into_inner();
        let chain = answer.credential.unwrap().chain;
        let chain = chain.iter().map(|der| CertificateDer::from(der.to_vec()));
        Membership {
            credential: Credential::new(chain.collect(), key.serialize_der()),
            ..self.operator.clone()
        }
    }

    /// Puts a node's cells into the store of a hub that is closed.
    pub async fn fill(&self, code: &str, cells: Vec<Cell>) {
        self.fill_on(code, 0, cells).await;
    }

    /// The same, after cells up to the seq `from`.
    pub async fn fill_on(&self, code: &str, from: u64, cells: Vec<Cell>) {
        let through = from + cells.len() as u64;
        let (store, threads) = Store::open(&self.path(), Memory::default()).unwrap();
        let node: Place = code.parse().unwrap();
        let now = Timestamp::now();
        let hello = Hello {
            protocol_min: limits::PROTOCOL_MIN,
            protocol_max: limits::PROTOCOL_MAX,
            store_id: StoreId([1; 16]),
            lineage: 0,
            epoch: 0,
            nonce: Nonce([2; 16]),
            head_seq: through,
            acked_hint: 0,
            seen_hub_incarnation: 0,
            catalogue_seq: 3,
            node_time: now,
            software: "test/1".to_owned(),
            starts: Vec::new(),
            journal_head: None,
            shown: None,
        };
        let welcome = store
            .hello(node, hello, now)
            .await
            .unwrap()
            .welcome
            .unwrap();
        let batch = Batch {
            from,
            through,
            cells,
            withheld: Vec::new(),
            checkpoint: None,
            complete_until: Some(WATERMARK.parse().unwrap()),
            coverage: None,
            journal_head: None,
        };
        let taken = store
            .batch(node, welcome.epoch, batch, None, None, now)
            .await;
        let taken = taken.unwrap().unwrap();
        assert!(taken.rejected.is_empty(), "{:?}", taken.rejected);
        drop(store);
        threads.stop().await.unwrap();
    }
}

pub fn cell(indicator: u32, period: &str, members: [u16; 3], seq: u64, held: &Accumulator) -> Cell {
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period: period.parse().unwrap(),
            breakdown: Breakdown::new(members),
        },
        order: Order { lineage: 1, seq },
        state: held.encode(),
    }
}

pub fn question(code: &str, from: &str) -> pb::QueryIndicatorsRequest {
    pb::QueryIndicatorsRequest {
        indicators: vec![code.to_owned()],
        from: from.to_owned(),
        ..pb::QueryIndicatorsRequest::default()
    }
}
