//! Everything that a directory of a node or a hub holds, said in words that differ
//! when it does: rows, personal texts, totals, identities, settings. Opened in this
//! process, by the servers' own code. Knows no damage.

use std::path::Path;

use hub_domain::query::{Asked, Group, Request, World, resolve};
use hub_server::{
    config::Config as HubConfig,
    pki::{authority::Authority, issuer::Lifetimes},
    store::{Memory, Store as HubStore},
};
use jiff::Timestamp;
use node_domain::cases::CaseId;
use node_server::{
    config::Config,
    identity::{credentials::joined, local::Local},
    store::{Opened, view::Direction},
};
use proto::place::{Level, Place};
use proto_edge::{clock::Clock, credential::certificates, membership::Membership};
use sha2::{Digest as _, Sha256};

use super::held::open_node;
use crate::harness::{district::RUIQUAN, this_year};

/// What a directory holds, in words that differ when it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    pub store: String,
    pub identity: String,
    /// What people write in files by hand; another legal value is no damage.
    pub settings: String,
}

fn text(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

fn hash(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    format!("{:x?}", hash.finalize())
}

fn membership(dir: &Path) -> Result<String, String> {
    let membership = Membership::load(dir).map_err(text)?;
    let key = membership.credential.key.secret_der().to_vec();
    let chain = membership.credential.chain.iter().chain(&membership.roots);
    let chain = chain.map(|certificate| certificate.to_vec());
    Ok(hash(chain.chain([key])) + &membership.hub.to_string())
}

pub fn open_whole_node(dir: &Path) -> Result<Holding, String> {
    let config = Config::load(dir).map_err(text)?;
    let Opened { store, running, .. } = open_node(dir)?;
    let read = || {
        let mut parts = Vec::new();
        for row in store.view().scan(&[], &[0xff], Direction::Ascending) {
            let (key, row) = row.map_err(text)?;
            parts.push(key.to_vec());
            parts.push(row.to_vec());
        }
        for id in 1..=store.marks().borrow().cases {
            let case = store
                .case(CaseId(id))
                .map_err(text)?
                .ok_or("a case is missing")?;
            let personal = case
                .personal
                .map(|sealed| store.unseal(case.subject, &sealed.0));
            let personal = personal.transpose().map_err(text)?.flatten();
            parts.push(personal.map_or(vec![0], |plain| plain.to_vec()));
        }
        Ok::<_, String>(hash(parts))
    };
    let held = read();
    drop(store);
    running.join().map_err(text)?;
    Local::open(dir, &config.hosts, Clock::system(0)).map_err(text)?;
    let authority = std::fs::read(dir.join("local-ca.pem")).map_err(text)?;
    let authority = certificates(&authority).map_err(text)?;
    let membership = match joined(dir).map_err(text)? {
        true => membership(dir)?,
        false => "none".to_owned(),
    };
    let settings = (config.listen, &config.hosts, config.sync_interval);
    Ok(Holding {
        store: format!(
            "{} {} {:?}",
            held?,
            config.community,
            config.zone.iana_name()
        ),
        identity: hash(authority) + &membership,
        settings: format!(
            "{settings:?} {:?} {}",
            config.reconnect_window, config.stays_connected
        ),
    })
}

pub fn open_whole_hub(dir: &Path) -> Result<Holding, String> {
    let config = HubConfig::load(dir).map_err(text)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let store = runtime.map_err(text)?.block_on(async {
        let (store, threads) = HubStore::open(dir, Memory::default()).map_err(text)?;
        if config.district != *store.district()
            || config.zone_name() != store.zone().iana_name().unwrap_or_default()
        {
            return Err("hub.toml: not what the hub was founded with".to_owned());
        }
        let node: Place = RUIQUAN.parse().map_err(text)?;
        let digest = store.digest(node).await.map_err(text)?;
        let totals = totals(&store);
        let line = format!("{:?}", store.line(node));
        let control = format!("{:?} {}", store.catalogue().head(), store.register().len());
        drop(store);
        threads.stop().await.map_err(text)?;
        Ok(format!(
            "{:?} {} {line} {control}",
            digest.buckets(),
            totals?
        ))
    })?;
    let (district, address) = (config.district.clone(), config.address.clone());
    let (lifetimes, clock) = (Lifetimes::default(), Clock::system(0));
    let authority =
        Authority::open(&dir.join("pki"), district, address, lifetimes, clock).map_err(text)?;
    authority.hub_credential().map_err(text)?;
    authority.renew_issuer().map_err(text)?;
    // Read when the issuer is renewed, and looked at here; it may be kept elsewhere.
    let vault = dir.join("pki/root.key.pem");
    if vault.exists() {
        proto_edge::keyfile::read_sealed(&vault)
            .map_err(|fault| format!("{}: {fault}", vault.display()))?;
    }
    let request = "invite-1".parse().map_err(|_| "a request id")?;
    let operator = "operator/admin".parse().map_err(|_| "an operator")?;
    let invite = authority.invite_key().voucher(&operator, &request);
    let identity =
        hash(authority.roots()) + &hash([invite.secret]) + &membership(&dir.join("operator"))?;
    Ok(Holding {
        store,
        identity: format!("{identity} {}", authority.issuer_not_after_s()),
        settings: format!("{} {} {:?}", config.address, config.listen, config.limits),
    })
}

/// The numbers that the hub publishes.
fn totals(store: &HubStore) -> Result<String, String> {
    let year = this_year().parse().map_err(|_| "a year")?;
    let request = Request {
        indicators: vec![Asked {
            code: "QS.R01".parse().map_err(|_| "a code")?,
            revision: None,
        }],
        place: Place::COUNTRY,
        from: year,
        to: year,
        grain: None,
        group: Group {
            place: Some(Level::Community),
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    };
    let catalogue = store.catalogue();
    let measures = resolve(&request, catalogue.catalogue()).map_err(|_| "an indicator")?;
    let (register, roster) = (store.register(), store.roster());
    let now = Timestamp::now();
    let world = World {
        register: &register,
        roster: &roster,
        zone: store.zone(),
        now,
    };
    let rows = store
        .answer(&request, &measures, world)
        .map_err(|fault| format!("view: {fault:?}"))?;
    let values = rows.iter().map(|row| format!("{:?}", row.value));
    Ok(values.collect::<Vec<_>>().join(","))
}
