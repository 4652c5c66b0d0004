//! The demo's district: a hub and its nodes in this process, each with its own
//! directory, joined and in step.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hub_domain::register::Row;
use hub_server::{
    app as hub_app,
    config::{Config as HubConfig, LEAF_LIFE_S, Limits},
};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use node_server::{
    config::{Config as NodeConfig, SyncFile},
    identity::join::join,
    import::{ImportOptions, Mapping, import},
    store::Setup,
};
use proto::{indicator::catalogue::Item, pb::hub as pb};
use proto_edge::{
    clock::Clock,
    hub::{
        hub_status_service_client::HubStatusServiceClient,
        member_service_client::MemberServiceClient,
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use super::{
    boston::{Boston, Community, ZONE},
    input,
};
use crate::{
    client::{self, asked, request_id},
    failure::{Exit, Failure},
    progress, text,
};

/// Imports at once: as many as this class of machine has cores.
const AT_ONCE: usize = 2;
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(300);

pub struct District {
    pub hub_dir: PathBuf,
    /// Rows that no history can have.
    pub rejected: u64,
    hub: hub_app::Running,
    nodes: Vec<node_server::Running>,
}

pub(super) fn fault(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Failure, error.to_string())
}

impl District {
    /// Until every node's cells are acknowledged by the hub.
    pub async fn build(
        dir: &Path,
        boston: &Boston,
        stop: &CancellationToken,
    ) -> Result<District, Failure> {
        let hub_dir = dir.join("hub");
        let hub = start_hub(&hub_dir, founding(boston)?, stop.clone()).await?;
        let members = members(&hub_dir)?;
        let rows = boston
            .communities
            .iter()
            .map(|community| community.expected.rows)
            .sum();
        let bar = progress::count(rows, text!("导入与入网", "importing, joining"));
        let mut rejected = 0;
        let mut nodes = Vec::new();
        let mut making = JoinSet::new();
        let mut waiting = boston.communities.iter();
        loop {
            while making.len() < AT_ONCE
                && let Some(community) = waiting.next()
            {
                let export = dir.join(format!("{}.csv", community.code));
                boston.write_export(community, &export)?;
                let site = Site::new(dir, members.clone(), community, export, bar.clone());
                making.spawn(site.open(stop.clone()));
            }
            let Some(made) = making.join_next().await else {
                break;
            };
            let (node, refused) = made.map_err(fault)??;
            rejected += refused;
            nodes.push(node);
        }
        bar.finish_and_clear();
        in_step(&hub_dir, nodes.len()).await?;
        Ok(District {
            hub_dir,
            rejected,
            hub,
            nodes,
        })
    }

    /// In order, so that a fault of a server is a fault of the demo.
    pub async fn end(self, stop: CancellationToken) -> Result<(), Failure> {
        stop.cancel();
        for node in self.nodes {
            node.join().await.map_err(fault)?;
        }
        self.hub.join().await.map_err(fault)
    }
}

pub(super) type Members = MemberServiceClient<Channel>;

/// What a demo's hub is founded on.
pub(super) struct Founding {
    pub district: &'static str,
    pub zone: TimeZone,
    pub communities: Vec<Row>,
    pub catalogue: Vec<Item>,
}

fn founding(boston: &Boston) -> Result<Founding, Failure> {
    let communities = boston.communities.iter().map(|community| Row {
        code: community.code.to_string(),
        name: community.name.clone(),
        street: "Boston".to_owned(),
        ..Row::default()
    });
    Ok(Founding {
        district: "boston",
        zone: TimeZone::get(ZONE).map_err(fault)?,
        communities: communities.collect(),
        catalogue: input::catalogue()?,
    })
}

pub(super) async fn start_hub(
    dir: &Path,
    founding: Founding,
    stop: CancellationToken,
) -> Result<hub_app::Running, Failure> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let config = HubConfig {
        district: founding.district.parse().map_err(fault)?,
        address: port.to_string().parse().map_err(fault)?,
        listen: port,
        zone: founding.zone,
        metrics: None,
        leaf_life_s: LEAF_LIFE_S,
        limits: Limits::default(),
        parent: Default::default(),
    };
    let options = hub_app::InitOptions {
        config,
        communities: founding.communities,
        catalogue: founding.catalogue,
    };
    let path = dir.to_owned();
    tokio::task::spawn_blocking(move || hub_app::init(&path, options))
        .await
        .map_err(fault)?
        .map_err(fault)?;
    hub_app::serve(dir, stop).await.map_err(fault)
}

/// One community's node, from its export to its place in the district.
struct Site {
    dir: PathBuf,
    members: Members,
    code: String,
    rows: u64,
    export: PathBuf,
    bar: ProgressBar,
}

impl Site {
    fn new(
        dir: &Path,
        members: Members,
        community: &Community,
        export: PathBuf,
        bar: ProgressBar,
    ) -> Site {
        Site {
            dir: dir.join(community.code.to_string()),
            members,
            code: community.code.to_string(),
            rows: community.expected.rows,
            export,
            bar,
        }
    }

    /// The node at work, and how many rows it refused.
    async fn open(self, stop: CancellationToken) -> Result<(node_server::Running, u64), Failure> {
        let site = Arc::new(self);
        let importing = site.clone();
        let (config, rejected) = tokio::task::spawn_blocking(move || importing.import())
            .await
            .map_err(fault)??;
        join(
            &invite(site.members.clone(), &site.code).await?,
            &site.dir,
            &Clock::system(0),
        )
        .await
        .map_err(fault)?;
        let node = node_server::serve(config, stop).await.map_err(fault)?;
        Ok((node, rejected))
    }

    fn import(&self) -> Result<(NodeConfig, u64), Failure> {
        let init = node_server::Init {
            community: self.code.clone(),
            listen: "127.0.0.1:0".parse().map_err(fault)?,
            time_zone: ZONE.to_owned(),
            playbooks: vec![input::PLAYBOOK.to_owned()],
            residents: None,
            sync: SyncFile {
                reconnect_window_s: 0,
                ..SyncFile::default()
            },
        };
        let config = node_server::init(&self.dir, init).map_err(fault)?;
        let mapping = Mapping::from_toml(input::MAPPING).map_err(fault)?;
        let options = ImportOptions {
            dry_run: false,
            all_or_nothing: false,
            rejected: self.dir.join("rejected.csv"),
        };
        let mut shown = 0;
        let imported = import(
            &self.dir,
            &Setup::of(&config),
            &mapping,
            &self.export,
            &options,
            &mut |progress| {
                let rows = progress.rows.min(self.rows);
                self.bar.inc(rows - shown);
                shown = rows;
            },
        )
        .map_err(fault)?;
        fs::remove_file(&self.export)?;
        Ok((config, imported.rejected))
    }
}

/// The operator's one line to the hub, for all sites: a hub takes only a few
/// connections of one identity, and all sites ask at once.
pub(super) fn members(hub_dir: &Path) -> Result<Members, Failure> {
    Ok(MemberServiceClient::new(client::hub(hub_dir)?))
}

/// A community's invite, as the hub's operator asks for one.
pub(super) async fn invite(mut members: Members, code: &str) -> Result<String, Failure> {
    let request = pb::CreateInviteRequest {
        request_id: request_id()?,
        subject: format!("community/{code}"),
        valid_for: None,
    };
    let invite = members.create_invite(asked(request)).await?;
    Ok(invite.into_inner().token)
}

/// Waits until the hub has what every node has, both ends' digests agree, and
/// the hub's view has followed.
pub(super) async fn in_step(hub_dir: &Path, nodes: usize) -> Result<(), Failure> {
    let bar = progress::count(nodes as u64, text!("同步", "syncing"));
    let mut service = HubStatusServiceClient::new(client::hub(hub_dir)?);
    let look = async {
        loop {
            let request = pb::ListNodeStatusesRequest {
                page_size: 1000,
                ..Default::default()
            };
            let answer = service
                .list_node_statuses(asked(request))
                .await?
                .into_inner();
            let agreed = answer
                .nodes
                .iter()
                .filter(|node| node.digest_agreed_at.is_some());
            let agreed = agreed.filter(|node| node.acked_seq > 0).count();
            bar.set_position(agreed as u64);
            let hub = asked(pb::GetHubStatusRequest::default());
            let hub = service.get_hub_status(hub).await?.into_inner();
            if agreed >= nodes && hub.view_seq >= hub.journal_seq {
                return Ok::<(), Failure>(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let late = |_| {
        Failure::new(
            Exit::TryLater,
            text!("同步没有在五分钟内完成", "not in step within five minutes"),
        )
    };
    tokio::time::timeout(PATIENCE, look).await.map_err(late)??;
    bar.finish_and_clear();
    Ok(())
}
