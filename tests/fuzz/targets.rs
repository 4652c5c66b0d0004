//! Every decoder of bytes or text from outside or from disk, each with inputs
//! that it takes. An outcome is what a decoder said, without the figures in it.

use std::{fs, path::Path};

use hub_domain::register::{Register, Row};
use hub_server::store::stored as hub;
use node_domain::playbook::Playbook;
use node_server::{
    config::{Config, ConfigFile},
    import::Mapping,
    rpc::secret::Secret,
    store::{record::Record, stored_case},
};
use prost::Message as _;
use proto::{
    fact,
    identity::{Identity, RequestId},
    indicator::{
        accumulator::Accumulator,
        catalogue::{Catalogue, Item},
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
        columns,
        filter::Filter,
        formula::Formula,
        kind::Kind,
    },
    pb::sync as pb,
    period::Period,
    place::Place,
    sync::{
        downlink::{Issue, Receipt},
        uplink::{Down, Up},
    },
};
use proto_edge::{
    credential::Credential,
    token::{JoinToken, Voucher},
};

pub struct Target {
    pub name: &'static str,
    pub seeds: Vec<Vec<u8>>,
    pub run: fn(&[u8]) -> String,
}

/// What stands in a store that has worked for a while.
#[derive(Default)]
pub struct Records {
    pub node: Vec<Vec<u8>>,
    pub hub: Vec<Vec<u8>>,
}

fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Decodes as a message, then converts.
macro_rules! message {
    ($wire:ty => $value:ty) => {
        |bytes| match <$wire>::decode(bytes) {
            Ok(wire) => told(<$value>::try_from(wire)),
            Err(error) => error.to_string(),
        }
    };
}

pub fn targets(records: Records) -> Vec<Target> {
    let target = |name, seeds, run| Target { name, seeds, run };
    let item = |item: &Item| item.payload();
    let catalogue: Vec<Item> = Catalogue::from_toml(&file("deploy/catalogue/first.toml"))
        .expect("the shipped catalogue")
        .items()
        .collect();
    let items = |is_definition: bool| {
        let of_kind = catalogue
            .iter()
            .filter(move |item| matches!(item, Item::Definition(_)) == is_definition);
        of_kind.take(20).map(item).collect::<Vec<_>>()
    };
    let texts = |files: &[&str]| files.iter().map(|path| file(path).into_bytes()).collect();
    let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect();
    vec![
        target(
            "uplink-request",
            batches(),
            message!(pb::UplinkRequest => Up),
        ),
        target(
            "uplink-response",
            vec![],
            message!(pb::UplinkResponse => Down),
        ),
        target(
            "downlink-request",
            vec![],
            message!(pb::DownlinkRequest => Receipt),
        ),
        target(
            "downlink-response",
            vec![],
            message!(pb::DownlinkResponse => Issue),
        ),
        target("columns", columns_seeds(), |bytes| {
            let Ok(wire) = pb::Cells::decode(bytes) else {
                return "no message".to_owned();
            };
            told(columns::decode(&wire))
        }),
        target("accumulator", states(), accumulator),
        target("definition", items(true), |bytes| {
            take(pb::ItemKind::Indicator, bytes)
        }),
        target("dimension", items(false), |bytes| {
            take(pb::ItemKind::Dimension, bytes)
        }),
        target(
            "filter",
            words(&[
                "on_time == \"yes\"",
                "kind in [\"a\", \"b\"] && !(bad == \"yes\") || 1 < 2",
                "grid.startsWith(\"003\")",
            ]),
            |bytes| {
                let schema = fact::case::RATED.schema().expect("a schema");
                told(Filter::compile(&text(bytes), schema))
            },
        ),
        target(
            "formula",
            words(&[
                "1000 * QS.R01@1 / CZY.O01.D@1",
                "1 - (numerator(QS.R02@1) + 2 * QS.R01@1) / -3",
            ]),
            |bytes| told(Formula::parse(&text(bytes))),
        ),
        target(
            "catalogue-file",
            texts(&[
                "deploy/catalogue/first.toml",
                "deploy/catalogue/derived.toml",
                "deploy/examples/boston/catalogue.toml",
            ]),
            |bytes| match Catalogue::from_toml(&text(bytes)) {
                Ok(_) => "ok".to_owned(),
                Err(mistakes) => format!("{} mistakes", mistakes.0.len().min(9)),
            },
        ),
        target(
            "playbook-file",
            texts(&["deploy/playbooks/qingshan.toml"]),
            |bytes| match Playbook::parse(&text(bytes)) {
                Ok(_) => "ok".to_owned(),
                Err(mistakes) => format!("{} mistakes", mistakes.len().min(9)),
            },
        ),
        target(
            "mapping-file",
            texts(&["deploy/examples/boston/mapping.toml"]),
            |bytes| told(Mapping::from_toml(&text(bytes))),
        ),
        target(
            "config-file",
            words(&[
                "community = \"510115003064\"\nlisten = \"127.0.0.1:7440\"\nplaybooks = []\n[sync]\ninterval_s = 60\n",
            ]),
            |bytes| match toml::from_str::<ConfigFile>(&text(bytes)) {
                Ok(file) if file.playbooks.is_empty() => told(Config::check(Path::new("."), file)),
                Ok(_) => "names files".to_owned(),
                Err(error) => error.message().to_owned(),
            },
        ),
        target(
            "register-row",
            words(&["510115003064,瑞泉馨城,柳城街道,2020-01-01"]),
            register,
        ),
        target(
            "names",
            words(&[
                "spiffe://wenjiang/community/510115003064",
                "2026W05",
                "20260131",
                "510115003064",
                "2026S1",
            ]),
            |bytes| {
                let text = text(bytes);
                told(text.parse::<Identity>())
                    + &told(text.parse::<Period>())
                    + &told(text.parse::<Place>())
                    + &told(text.parse::<RequestId>())
            },
        ),
        target(
            "tokens",
            words(&[
                "tx1.CXdlbmppYW5nAAAA",
                "tongxin-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ]),
            |bytes| {
                let text = text(bytes);
                let secret = Secret::parse(&text).is_some();
                told(text.parse::<JoinToken>())
                    + &told(text.parse::<Voucher>())
                    + &secret.to_string()
            },
        ),
        target(
            "credential",
            words(&["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]),
            |bytes| {
                let held = Credential::from_pem(bytes);
                told(held.map(|held| (held.hosts(), told(held.holder()))))
            },
        ),
        target("node-record", records.node, |bytes| {
            // What reads is written as it was read.
            let Ok(record) = Record::decode(bytes) else {
                return "unreadable".to_owned();
            };
            assert_eq!(Record::decode(&record.encode()), Ok(record));
            "ok".to_owned()
        }),
        target("node-case", vec![], |bytes| {
            told(stored_case::decode_case(bytes))
        }),
        target("hub-record", records.hub, |bytes| told(hub::decode(bytes))),
    ]
}

/// A state that reads has one spelling, and merges without a fault.
fn accumulator(bytes: &[u8]) -> String {
    let Some((kind, state)) = bytes.split_first() else {
        return "empty".to_owned();
    };
    let state = CellState {
        kind: u32::from(*kind % 12),
        bytes: state.into(),
    };
    match Accumulator::decode(&state) {
        Ok(accumulator) => {
            assert_eq!(accumulator.encode(), state);
            let mut twice = accumulator.clone();
            let places = told(twice.merge_places(&accumulator));
            places + &told(twice.merge_periods(&accumulator))
        }
        Err(error) => error.to_string(),
    }
}

fn take(kind: pb::ItemKind, payload: &[u8]) -> String {
    match Item::from_payload(kind, payload) {
        Ok(item) => {
            let again = Item::from_payload(kind, &item.payload());
            assert!(again.is_ok(), "written otherwise than read");
            told(Catalogue::default().take(item))
        }
        Err(error) => error.to_string(),
    }
}

fn register(bytes: &[u8]) -> String {
    let text = text(bytes);
    let mut columns = text.split(',').map(str::to_owned);
    let mut next = || columns.next().unwrap_or_default();
    let row = Row {
        code: next(),
        name: next(),
        street: next(),
        opened: next(),
        ..Row::default()
    };
    let today = jiff::civil::date(2026, 3, 2);
    match Register::default().import(&[row], today) {
        Ok(_) => "ok".to_owned(),
        Err(refusal) => refusal.problems[0].problem.to_string(),
    }
}

fn cells() -> pb::Cells {
    let cells = (1..40u64).map(|seq| Cell {
        key: CellKey {
            indicator: IndicatorId(1 + seq as u32 % 3),
            revision: Revision(1),
            period: "202601".parse().expect("a period"),
            breakdown: Breakdown::new([seq as u16 % 5]),
        },
        order: Order { lineage: 1, seq },
        state: Accumulator::Count(seq.into()).encode(),
    });
    columns::encode(&cells.collect::<Vec<_>>()).expect("few cells")
}

fn columns_seeds() -> Vec<Vec<u8>> {
    vec![cells().encode_to_vec()]
}

fn batches() -> Vec<Vec<u8>> {
    use pb::uplink_request::Message;
    let batch = pb::Batch {
        through: 40,
        cells: Some(cells()),
        ..pb::Batch::default()
    };
    let hello = pb::Hello {
        protocol_max: 1,
        store_id: vec![7; 16].into(),
        nonce: vec![9; 16].into(),
        ..pb::Hello::default()
    };
    let said = [Message::Batch(batch), Message::Hello(hello)];
    let said = said.map(|message| pb::UplinkRequest {
        message: Some(message),
    });
    said.iter().map(prost::Message::encode_to_vec).collect()
}

fn states() -> Vec<Vec<u8>> {
    let states = Kind::ALL.into_iter().chain(Kind::ROUNDED).map(|kind| {
        let state = Accumulator::empty(kind).encode();
        [&[state.kind as u8][..], &state.bytes, &[3, 5, 9, 2]].concat()
    });
    states.collect()
}

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("a file of the project")
}
