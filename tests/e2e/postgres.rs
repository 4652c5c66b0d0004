//! A private PostgreSQL for a story: made by initdb below the test's directory,
//! ended with it. Where there is none, and none may be installed, the story says
//! so and is left out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::runtime::Runtime;

use crate::cluster;

pub struct Cluster {
    runtime: Runtime,
    cluster: cluster::Cluster,
}

impl Cluster {
    pub fn start(dir: &Path) -> Option<Cluster> {
        fs::create_dir_all(dir).expect("a directory");
        let runtime = Runtime::new().expect("a runtime");
        match cluster::Cluster::start(&runtime, dir) {
            Ok(cluster) => Some(Cluster { runtime, cluster }),
            Err(error) => {
                eprintln!("!!! NOT TESTED: no PostgreSQL here: {error:#}");
                None
            }
        }
    }

    pub fn url(&self) -> String {
        self.cluster.url()
    }

    pub fn ca(&self) -> PathBuf {
        self.cluster.ca()
    }

    /// The one number that a question answers; `None` while it has no answer.
    pub fn number(&self, sql: &str) -> Option<f64> {
        self.runtime.block_on(async {
            let client = self.cluster.connect().await.ok()?;
            let row = client.query_one(sql, &[]).await.ok()?;
            row.try_get(0).ok()
        })
    }

    pub fn stop(self) {
        self.cluster.stop().expect("PostgreSQL ends well");
    }
}
