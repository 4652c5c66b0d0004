//! The load: what nodes would send, encoded before the clock starts, decoded
//! and handed to the store as the sync service does.

use std::collections::VecDeque;

use hub_domain::event::{Asked, Founded};
use hub_server::store::{PendingAck, Store};
use jiff::Timestamp;
use prost::Message as _;
use proto::{
    identity::{LogId, Nonce, StoreId},
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        columns,
    },
    pb::sync::Cells,
    period::Period,
    place::Place,
    sync::uplink::{Batch, Hello},
};

pub const INDICATORS: u32 = 300;
pub const MONTHS: u32 = 12;
pub const MEMBERS: u16 = 6;
const STREETS: usize = 9;
const IN_FLIGHT: usize = 4;
const AT_ONCE: usize = 16;

/// A batch as it comes over the wire.
pub struct Packed {
    pub bytes: Vec<u8>,
    pub cells: usize,
    from: u64,
}

pub fn now() -> Timestamp {
    "2027-01-20T00:00:00Z".parse().expect("a time")
}

pub fn founded() -> Founded {
    Founded {
        district: "wenjiang".parse().expect("a district"),
        incarnation: 1,
        catalogue_log: LogId([7; 16]),
        zone: "Asia/Shanghai".to_owned(),
        at: now(),
    }
}

pub fn community(at: usize) -> Place {
    let code = format!("510115{:03}{:03}", 1 + at % STREETS, 1 + at / STREETS);
    code.parse().expect("a community")
}

pub fn month(at: u32) -> Period {
    let first: Period = "202601".parse().expect("a period");
    Period::from_number(first.number() + (at << 3)).expect("a period")
}

pub fn code(indicator: u32) -> String {
    format!("BE.R{indicator:03}")
}

/// Odd ones are ratios, even ones counts.
pub fn catalogue() -> Catalogue {
    let mut text = String::from(
        "[[dimension]]\ncode = \"category\"\nname_zh = \"类\"\nname_en = \"C\"\nmembers = [\n",
    );
    for member in 1..=MEMBERS {
        text += &format!(
            "{{ id = {member}, code = \"m{member}\", name_zh = \"类{member}\", name_en = \"M{member}\" }},\n"
        );
    }
    text += "]\n";
    for id in 1..=INDICATORS {
        let fold = match id % 2 {
            1 => {
                "{ kind = \"ratio\", of = { fact_type = \"case.fell_due\", filter = 'on_time == \"yes\"' }, denominator = { fact_type = \"case.fell_due\" } }"
            }
            _ => "{ kind = \"count\", of = { fact_type = \"case.reported\" } }",
        };
        text += &format!(
            "[[indicator]]\nid = {id}\ncode = \"{}\"\nrevision = 1\nname_zh = \"指标\"\nname_en = \"I\"\nunit = \"x\"\n\
             accumulator = {fold}\nbase_grain = \"month\"\ncoarser_grains = [\"year\"]\nbreakdowns = [\"category\"]\n\
             protection = \"A\"\ndirection = \"higher\"\nowner = \"o\"\nreason = \"r\"\n",
            code(id)
        );
    }
    Catalogue::from_toml(&text).expect("a catalogue")
}

pub async fn prepare(store: &Store, communities: usize) {
    let asked = |request: &str| Asked {
        by: "operator/li".parse().expect("a subject"),
        request: request.parse().expect("a request"),
    };
    let items = catalogue().items().collect();
    let published = store.publish(asked("catalogue"), items).await;
    published.expect("a writer").expect("a catalogue");
    let rows = (0..communities).map(|at| hub_domain::register::Row {
        code: community(at).to_string(),
        name: format!("社区{at}"),
        street: format!("街道{}", at % STREETS),
        ..Default::default()
    });
    let today = "2026-01-01".parse().expect("a date");
    let imported = store.import(asked("register"), rows.collect(), today).await;
    imported.expect("a writer").expect("a register");
    for at in 0..communities {
        let hello = Hello {
            protocol_min: 1,
            protocol_max: 1,
            store_id: StoreId([1; 16]),
            lineage: 0,
            epoch: 0,
            nonce: Nonce([2; 16]),
            head_seq: 0,
            acked_hint: 0,
            seen_hub_incarnation: 0,
            catalogue_seq: 0,
            node_time: now(),
            software: "bench".to_owned(),
            starts: Vec::new(),
            journal_head: None,
            shown: None,
        };
        let greeted = store.hello(community(at), hello, now()).await;
        greeted.expect("a writer").welcome.expect("a welcome");
    }
}

/// Every community's batches: all cells in the order of period, indicator,
/// member, each once per pass and newer than the pass before.
pub fn batches(communities: usize, pass: u64) -> Vec<Vec<Packed>> {
    let per_node = u64::from(MONTHS * INDICATORS) * u64::from(MEMBERS);
    let of_node = |node: usize| {
        let mut seq = pass * per_node;
        let mut cells = Vec::with_capacity(per_node as usize);
        for at in 0..MONTHS {
            for indicator in 1..=INDICATORS {
                for member in 1..=MEMBERS {
                    seq += 1;
                    cells.push(cell(node, at, indicator, member, seq));
                }
            }
        }
        cells.chunks(500).map(packed).collect()
    };
    (0..communities).map(of_node).collect()
}

/// The same numbers for whoever checks an answer.
pub fn value(node: usize, at: u32, indicator: u32, member: u16, seq: u64) -> u128 {
    (seq + node as u64 * 7 + u64::from(at * 3 + indicator) + u64::from(member)) as u128 % 300 + 1
}

fn cell(node: usize, at: u32, indicator: u32, member: u16, seq: u64) -> Cell {
    let value = value(node, at, indicator, member, seq);
    let state = match indicator % 2 {
        1 => Accumulator::Ratio {
            numerator: value / 2,
            denominator: value,
        },
        _ => Accumulator::Count(value),
    };
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period: month(at),
            breakdown: Breakdown::new([member]),
        },
        order: Order { lineage: 1, seq },
        state: state.encode(),
    }
}

fn packed(cells: &[Cell]) -> Packed {
    let message = columns::encode(cells).expect("they fit into one message");
    Packed {
        bytes: message.encode_to_vec(),
        cells: cells.len(),
        from: cells[0].order.seq - 1,
    }
}

/// Sends all batches, a few of each node in flight, a few nodes at once.
pub async fn send(store: &Store, batches: Vec<Vec<Packed>>) {
    let mut nodes = batches.into_iter().enumerate();
    let mut sending = tokio::task::JoinSet::new();
    loop {
        while sending.len() < AT_ONCE
            && let Some((at, batches)) = nodes.next()
        {
            sending.spawn(send_node(store.clone(), community(at), batches));
        }
        match sending.join_next().await {
            Some(sent) => sent.expect("a node"),
            None => break,
        }
    }
}

async fn send_node(store: Store, node: Place, batches: Vec<Packed>) {
    let mut waiting = VecDeque::new();
    for packed in batches {
        if waiting.len() == IN_FLIGHT {
            acknowledged(waiting.pop_front()).await;
        }
        let message = Cells::decode(&*packed.bytes).expect("a message");
        let cells = columns::decode(&message).expect("cells");
        let batch = Batch {
            from: packed.from,
            through: packed.from + packed.cells as u64,
            cells,
            withheld: Vec::new(),
            checkpoint: None,
            complete_until: Some(now()),
            coverage: None,
            journal_head: None,
        };
        let begun = store.begin_batch(node, 1, batch, Some(message), None, now());
        waiting.push_back((begun.expect("a writer with room"), packed.cells));
    }
    while !waiting.is_empty() {
        acknowledged(waiting.pop_front()).await;
    }
}

async fn acknowledged(waiting: Option<(PendingAck, usize)>) {
    if let Some((pending, cells)) = waiting {
        let ack = pending.ack().await.expect("a writer").expect("taken");
        assert_eq!(ack.applied as usize, cells);
    }
}

/// Waits until the view has everything; the digest roots of the first nodes.
pub async fn wait_for_view(store: &Store) -> Vec<[u8; 32]> {
    let head = store.journal_head().await.expect("a writer").size;
    let mut applied = store.applied();
    applied
        .wait_for(|applied| *applied >= head)
        .await
        .expect("an applier");
    let mut roots = Vec::new();
    for at in 0..3 {
        roots.push(
            store
                .digest(community(at))
                .await
                .expect("an applier")
                .root(),
        );
    }
    roots
}
