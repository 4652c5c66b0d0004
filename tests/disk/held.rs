//! What a directory holds, asked of the stores themselves, in this process: for
//! directories whose server is gone. Knows no fault.

use std::path::Path;

use hub_server::store::{Memory, Store as HubStore};
use node_domain::cases::CaseId;
use node_server::{
    config::Config,
    store::{self, Opened, Setup},
};
use proto::place::Place;

/// What a node answered.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    pub cases: Vec<String>,
    /// Of persons whose erasure was answered.
    pub erased: Vec<String>,
}

fn id(name: &str) -> CaseId {
    let digits = name.rsplit('/').next().expect("a name");
    CaseId(
        digits
            .parse()
            .unwrap_or_else(|_| panic!("{name}: want a number")),
    )
}

pub fn open_node(dir: &Path) -> Result<Opened, String> {
    let config = Config::load(dir).map_err(|invalid| invalid.to_string())?;
    store::open(dir, &Setup::of(&config)).map_err(|fault| fault.to_string())
}

/// Opens a node's store and names what was answered and is not in it.
pub fn node_lacks(dir: &Path, answered: &Answered) -> Result<Vec<String>, String> {
    let Opened { store, running, .. } = open_node(dir)?;
    let mut lacks = Vec::new();
    for name in &answered.cases {
        let case = store.case(id(name)).map_err(|fault| fault.to_string())?;
        if case.is_none() {
            lacks.push(name.clone());
        }
    }
    for name in &answered.erased {
        let case = store.case(id(name)).map_err(|fault| fault.to_string())?;
        let subject = case.and_then(|case| case.subject);
        let erased = store.is_erased(subject);
        if !erased.map_err(|fault| fault.to_string())? {
            lacks.push(format!("{name}, erased"));
        }
    }
    drop(store);
    running.join().map_err(|fault| fault.to_string())?;
    Ok(lacks)
}

#[track_caller]
pub fn assert_node_holds(dir: &Path, answered: &Answered, at: &str) {
    match node_lacks(dir, answered) {
        Ok(lacks) => assert!(lacks.is_empty(), "{at}: answered and lost: {lacks:?}"),
        Err(fault) => panic!("{at}: {fault}"),
    }
}

/// The whole view against one made anew from the journal.
#[track_caller]
pub fn assert_node_verifies(dir: &Path, at: &str) {
    let config = Config::load(dir).expect("a configuration");
    let verified = node_server::verify(dir, &Setup::of(&config), |_| {});
    let verified = verified.unwrap_or_else(|fault| panic!("{at}: {fault}"));
    assert_eq!((verified.differences, verified.unusable), (0, None), "{at}");
}

/// How far a hub has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HubHeld {
    /// Of the node's cells.
    pub acked: u64,
    pub catalogue: u64,
    pub members: usize,
}

pub fn hub_holds(dir: &Path, node: &str) -> Result<HubHeld, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let node: Place = node.parse().expect("a place");
    runtime.block_on(async {
        let opened = HubStore::open(dir, Memory::default());
        let (store, threads) = opened.map_err(|fault| fault.to_string())?;
        let held = HubHeld {
            acked: store.line(node).map_or(0, |line| line.acked),
            catalogue: store.catalogue().head(),
            members: store.register().len(),
        };
        drop(store);
        threads.stop().await.map_err(|fault| fault.to_string())?;
        Ok(held)
    })
}
