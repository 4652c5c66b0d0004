//! The hub's page of numbers, from the same sources as its status. Series of
//! nodes are as many as the register and the members have; nothing else grows.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Instant};

use proto::pb::hub::{GetHubStatusRequest, NodeState, NodeStatus};
use proto_edge::monitoring::{Histogram, Page, disk_free_bytes};

use crate::rpc::{
    hub_status::{HubStatusRpc, SOFTWARE},
    sync::SyncRpc,
};

#[derive(Clone)]
pub struct Figures {
    dir: Arc<PathBuf>,
    status: HubStatusRpc,
    sync: SyncRpc,
    began: Instant,
}

impl Figures {
    pub fn new(dir: &std::path::Path, status: HubStatusRpc, sync: SyncRpc) -> Figures {
        Figures {
            dir: Arc::new(dir.to_owned()),
            status,
            sync,
            began: Instant::now(),
        }
    }

    /// What holds now, or why it cannot be said.
    pub async fn page(&self) -> Result<Page, String> {
        let mut page = Page::new("tongxin_hub");
        self.process(&mut page);
        self.store(&mut page).await?;
        self.lines(&mut page);
        nodes(
            &mut page,
            &self.status.nodes(self.status.known().into_iter()),
        );
        Ok(page)
    }

    fn process(&self, page: &mut Page) {
        let up_s = self.began.elapsed().as_secs_f64();
        let district = self.status.store.district().to_string();
        page.info(
            "build",
            "Software and district",
            [("software", SOFTWARE.to_owned()), ("district", district)],
        );
        page.gauge("uptime_seconds", "Since the process serves", up_s);
        let away = self.status.live.turned_away();
        page.counter("handshakes_refused", "Connections turned away", away);
        let open = self.status.live.count() as f64;
        page.gauge("connections", "Open connections", open);
        if let Some(free) = disk_free_bytes(&self.dir) {
            page.gauge("disk_free_bytes", "Room in the directory", free as f64);
        }
    }

    async fn store(&self, page: &mut Page) -> Result<(), String> {
        let hub = self.status.hub(&GetHubStatusRequest::default()).await;
        let hub = hub.map_err(|problem| problem.message.into_string())?;
        let store = &self.status.store;
        for (name, help, value) in [
            (
                "communities",
                "Communities open today",
                hub.communities.into(),
            ),
            ("members", "Members not revoked", hub.members.into()),
            (
                "connected_nodes",
                "Nodes with a connection",
                hub.connected.into(),
            ),
            ("cells", "Cells held", hub.cells),
            (
                "catalogue_seq",
                "End of the catalogue's log",
                hub.catalogue_seq,
            ),
            ("journal_seq", "Records on disk", hub.journal_seq),
            ("view_seq", "Records that the view holds", hub.view_seq),
            (
                "writer_waiting",
                "Commands that wait",
                store.waiting() as u64,
            ),
        ] {
            page.gauge(name, help, value as f64);
        }
        let now_s = self.status.authority.clock().now_s() as f64;
        let left = |at: Option<prost_types::Timestamp>| at.map(|at| at.seconds as f64 - now_s);
        for (name, help, left) in [
            (
                "certificate_expiry_seconds",
                "Left of the hub's certificate",
                left(hub.certificate_not_after),
            ),
            (
                "issuer_expiry_seconds",
                "Left of the issuing certificate",
                left(hub.issuer_not_after),
            ),
        ] {
            if let Some(left) = left {
                page.gauge(name, help, left);
            }
        }
        let help = "Writing and syncing one group of records";
        page.histogram("commit_seconds", help, histogram(&store.latencies()));
        Ok(())
    }

    fn lines(&self, page: &mut Page) {
        let load = self.sync.load();
        page.counter("applied_cells", "Cells made durable", load.applied);
        for (name, help, value) in [
            ("uplinks", "Sessions that bring cells", load.uplinks as u64),
            ("credit_bytes", "Credit given out", load.credit_bytes),
            (
                "credit_holders",
                "Sessions with credit",
                load.credit_holders as u64,
            ),
            (
                "credit_waiting",
                "Sessions that wait for credit",
                load.waiting as u64,
            ),
        ] {
            page.gauge(name, help, value as f64);
        }
    }
}

fn nodes(page: &mut Page, nodes: &[NodeStatus]) {
    type Value = fn(&NodeStatus) -> Option<f64>;
    let of_each: [(&str, &str, Value); 9] = [
        ("node_last_seen_timestamp_seconds", "Last heard", |node| {
            node.last_seen_at.map(|at| at.seconds as f64)
        }),
        ("node_lag_cells", "Cells it has beyond the hub's", |node| {
            Some(node.head_seq.saturating_sub(node.acked_seq) as f64)
        }),
        ("node_lag_seconds", "Age of its watermark", |node| {
            node.lag.map(|lag| lag.seconds as f64)
        }),
        ("node_acked_seq", "Last cell on the hub's disk", |node| {
            Some(node.acked_seq as f64)
        }),
        ("node_complete_timestamp_seconds", "Its watermark", |node| {
            node.complete_until.map(|at| at.seconds as f64)
        }),
        (
            "node_quarantined",
            "1 while it waits for a decision",
            |node| Some(f64::from(node.state() == NodeState::Quarantined)),
        ),
        ("node_certificate_expiry_seconds", "Left", |node| {
            node.certificate_left.map(|left| left.seconds as f64)
        }),
        (
            "node_rejected_cells",
            "Refused and not changed since",
            |node| Some(node.rejected_cells.into()),
        ),
        ("node_alarms", "Reasons why it needs somebody", |node| {
            Some(node.alarms.len() as f64)
        }),
    ];
    for (name, help, value) in of_each {
        let values = nodes
            .iter()
            .filter_map(|node| Some((node.community.clone(), value(node)?)));
        page.gauges(name, help, "community", values);
    }
    let mut reasons: BTreeMap<String, f64> = BTreeMap::new();
    for group in nodes.iter().flat_map(|node| &node.rejected) {
        *reasons.entry(group.reason.clone()).or_default() += f64::from(group.count);
    }
    let help = "Refused and not changed since, of all nodes";
    page.gauges("rejected_cells", help, "reason", reasons);
}

fn histogram(latencies: &journal::Latencies) -> Histogram {
    let buckets = latencies.buckets.iter();
    Histogram {
        sum: latencies.sum,
        buckets: buckets
            .map(|(bound, count)| (bound.map_or(f64::MAX, |bound| bound.as_secs_f64()), *count))
            .collect(),
    }
}
