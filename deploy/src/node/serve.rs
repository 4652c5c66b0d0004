//! Making and running a node.

use std::path::Path;

use node_server::{
    Init, InitFault, ServeFault,
    config::{Config, SyncFile},
};

use super::playbook;
use crate::{
    cli::NodeInit,
    client::{self, NodeDoor},
    failure::{Exit, Failure},
    say, service,
};

pub fn init(init: &NodeInit) -> Result<(), Failure> {
    let playbooks = init.playbooks.iter().map(|named| playbook::text(named));
    let made = Init {
        community: init.community.clone(),
        listen: init.listen,
        time_zone: init.zone.clone(),
        playbooks: playbooks.collect::<Result<_, _>>()?,
        residents: init.residents,
        sync: SyncFile::default(),
    };
    node_server::init(&init.at.dir, made).map_err(init_failure)?;
    say!(
        "社区 {} 的节点已建在 {}。运行 tongxin node serve --dir {}；入网用 tongxin node join",
        "Node of community {} made in {}. Run tongxin node serve --dir {}; join a district with tongxin node join",
        init.community,
        init.at.dir.display(),
        init.at.dir.display()
    );
    Ok(())
}

fn init_failure(fault: InitFault) -> Failure {
    let exit = match fault {
        InitFault::Playbook(_) => Exit::BadData,
        InitFault::Exists(_) | InitFault::Config(_) => Exit::Configuration,
        _ => Exit::Failure,
    };
    Failure::new(exit, fault.to_string())
}

pub fn config(dir: &Path) -> Result<Config, Failure> {
    Config::load(dir).map_err(client::configuration)
}

pub fn serve(dir: &Path) -> Result<(), Failure> {
    let config = config(dir)?;
    service::run(async |stop| {
        let running = node_server::serve(config, stop)
            .await
            .map_err(serve_failure)?;
        say!(
            "节点在 {} 上服务",
            "The node serves on {}",
            running.local_addr
        );
        running.join().await.map_err(serve_failure)
    })
}

fn serve_failure(fault: ServeFault) -> Failure {
    let exit = match fault {
        ServeFault::Listen { .. } => Exit::Configuration,
        ServeFault::Store(_) => Exit::Storage,
        _ => Exit::Failure,
    };
    Failure::new(exit, fault.to_string())
}

/// The administrator's way into the node that serves `dir`.
pub fn door(dir: &Path) -> Result<NodeDoor, Failure> {
    let listen = config(dir)?.listen;
    let host = match listen.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let address = format!("{host}:{}", listen.port());
    NodeDoor::open(dir, &address.parse().map_err(client::configuration)?)
}
