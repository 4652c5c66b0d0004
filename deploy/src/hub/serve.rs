//! Making and running a hub.

use std::path::Path;

use hub_domain::register::Row;
use hub_server::{
    app::{self, InitFault, InitOptions, ServeFault},
    config::{Config, Limits},
};
use jiff::tz::TimeZone;

use super::{catalogue, parent, register};
use crate::{
    cli::HubInit,
    failure::{Exit, Failure},
    say, service,
};

pub fn init(init: &HubInit) -> Result<(), Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::new(Exit::Usage, error.to_string());
    let catalogue = match &init.catalogue {
        Some(file) => catalogue::read(file)?,
        None => catalogue::shipped()?,
    };
    let communities = init
        .communities
        .as_deref()
        .map(register::read)
        .transpose()?;
    let zone = TimeZone::get(&init.zone).map_err(|error| usage(&error))?;
    let options = InitOptions {
        config: Config {
            district: init.district.parse().map_err(|error| usage(&error))?,
            address: init.address.parse().map_err(|error| usage(&error))?,
            listen: init.listen,
            zone,
            limits: Limits::default(),
            parent: Default::default(),
        },
        communities: communities
            .unwrap_or_default()
            .into_iter()
            .map(row)
            .collect(),
        catalogue: catalogue.items().collect(),
    };
    let count = options.communities.len();
    app::init(&init.at.dir, options).map_err(init_failure)?;
    say!(
        "区枢纽已建在 {}：社区 {} 个。运行 tongxin hub serve --dir {}",
        "Hub made in {} with {} communities. Run tongxin hub serve --dir {}",
        init.at.dir.display(),
        count,
        init.at.dir.display()
    );
    say!(
        "root.key.pem 是区的根密钥：抄到离线介质后从这台机器删去",
        "root.key.pem is the district's root key: copy it offline, then remove it from this machine"
    );
    Ok(())
}

fn row(community: proto::pb::hub::Community) -> Row {
    Row {
        code: community.name.trim_start_matches("communities/").to_owned(),
        name: community.display_name,
        street: community.street_name,
        kind: community.r#type,
        opened: community.opened,
        closed: community.closed,
        successors: community.successors.join(" "),
    }
}

fn init_failure(fault: InitFault) -> Failure {
    let exit = match fault {
        InitFault::Register(_) | InitFault::Catalogue(_) => Exit::BadData,
        InitFault::NotEmpty(_) | InitFault::Config(_) => Exit::Configuration,
        _ => Exit::Failure,
    };
    Failure::new(exit, fault.to_string())
}

pub fn serve(dir: &Path) -> Result<(), Failure> {
    service::run(async |stop| {
        let parent = parent::line(dir, &stop)?;
        let running = app::serve_as_child(dir, parent, stop);
        let running = running.await.map_err(serve_failure)?;
        say!("枢纽在 {} 上服务", "The hub serves on {}", running.address);
        running.join().await.map_err(serve_failure)
    })
}

fn serve_failure(fault: ServeFault) -> Failure {
    let exit = match fault {
        ServeFault::Config(_) | ServeFault::Listen { .. } => Exit::Configuration,
        ServeFault::Store(_) => Exit::Storage,
        _ => Exit::Failure,
    };
    Failure::new(exit, fault.to_string())
}
