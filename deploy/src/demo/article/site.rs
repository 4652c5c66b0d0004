//! One place's node: made, joined, and told the time while its year is played.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar};
use jiff::Timestamp;
use node_server::{Init, Present, config::SyncFile, identity::join::join};
use proto_edge::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::super::district::{Members, fault, invite};
use super::{ZONE, end, place::Place, plan::Plan, player::Player};
use crate::{
    client::{self, NodeDoor},
    failure::{Exit, Failure},
    node::playbook,
    progress, say, text,
};

const LOOK_EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(120);

/// The time that a node is told, in microseconds; from its year's end on the
/// machine's.
#[derive(Clone)]
struct Told(Arc<AtomicI64>);

impl Told {
    const MACHINES: i64 = i64::MAX;

    fn now(&self) -> Timestamp {
        match self.0.load(Ordering::Acquire) {
            Told::MACHINES => Timestamp::now(),
            micros => Timestamp::from_microsecond(micros).unwrap_or_else(|_| Timestamp::now()),
        }
    }

    fn set(&self, now: Timestamp) {
        self.0.store(now.as_microsecond(), Ordering::Release);
    }
}

pub struct Site {
    place: &'static Place,
    dir: PathBuf,
    members: Members,
    bars: MultiProgress,
}

/// A node whose year is over.
pub struct Lived {
    pub node: node_server::Running,
    pub deeds: usize,
}

impl Site {
    pub fn new(place: &'static Place, dir: &Path, members: Members, bars: MultiProgress) -> Site {
        Site {
            place,
            dir: dir.join(place.code),
            members,
            bars,
        }
    }

    pub async fn live(self, plan: Plan, stop: CancellationToken) -> Result<Lived, Failure> {
        let name = self.place.name;
        let told = Told(Arc::default());
        told.set(plan.time(Plan::day(1, 1), 0, 0));
        let node = self.start(told.clone(), stop).await?;
        let bar = self
            .bars
            .add(progress::count(plan.deeds.len() as u64, name.to_owned()));
        let played = self.play(&plan, &told, &node, &bar).await;
        bar.finish_and_clear();
        let deeds = plan.deeds.len();
        played?;
        say!("{}：一年，{} 件事", "{}: a year, {} things", name, deeds);
        Ok(Lived { node, deeds })
    }

    async fn start(
        &self,
        told: Told,
        stop: CancellationToken,
    ) -> Result<node_server::Running, Failure> {
        let texts = self.place.playbooks.iter().map(|code| playbook::text(code));
        let init = Init {
            community: self.place.code.to_owned(),
            listen: "127.0.0.1:0".parse().map_err(fault)?,
            time_zone: ZONE.to_owned(),
            playbooks: texts.collect::<Result<_, _>>()?,
            residents: Some(self.place.residents),
            sync: SyncFile {
                interval_s: 5,
                reconnect_window_s: 0,
                ..SyncFile::default()
            },
        };
        let (dir, present) = (self.dir.clone(), Present::told(move || told.now()));
        let made = tokio::task::spawn_blocking(move || node_server::init_at(&dir, init, present));
        let config = made.await.map_err(fault)?.map_err(fault)?;
        let invite = invite(self.members.clone(), self.place.code).await?;
        join(&invite, &self.dir, &Clock::system(0))
            .await
            .map_err(fault)?;
        node_server::serve(config, stop).await.map_err(fault)
    }

    /// Each deed at its time, then the time after the year.
    async fn play(
        &self,
        plan: &Plan,
        told: &Told,
        node: &node_server::Running,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        let address = node.local_addr.to_string();
        let address = address.parse().map_err(client::configuration)?;
        let door = NodeDoor::open(&self.dir, &address)?;
        let mut player = Player::new(door, plan.things).await?;
        for (at, deed) in &plan.deeds {
            told.set(*at);
            player.play(deed, *at).await.map_err(|failure| {
                let text = format!("{} {at} {deed:?}: {failure}", self.place.name);
                Failure::new(Exit::Failure, text)
            })?;
            bar.inc(1);
        }
        told.set(end(plan));
        caught_up(node, told).await?;
        told.0.store(Told::MACHINES, Ordering::Release);
        caught_up(node, told).await?;
        acknowledged(&player).await
    }
}

/// Until the hub holds every cell.
async fn acknowledged(player: &Player) -> Result<(), Failure> {
    let quiet = async {
        while !player.is_acknowledged().await? {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, quiet).await.map_err(|_| {
        let text = text!(
            "枢纽没有收到全部数",
            "the hub has not received every number"
        );
        Failure::new(Exit::TryLater, text)
    })?
}

/// Until nothing is due any more that time has brought.
async fn caught_up(node: &node_server::Running, told: &Told) -> Result<(), Failure> {
    let alarms = node.store.alarms();
    let quiet = async {
        while alarms.borrow().is_some_and(|alarm| alarm <= told.now()) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, quiet).await.map_err(|_| {
        let text = text!("节点没有跟上时间", "the node has not caught up with time");
        Failure::new(Exit::TryLater, text)
    })
}
