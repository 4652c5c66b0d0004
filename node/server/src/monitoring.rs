//! The node's page of numbers, from the same sources as its status. Says nothing
//! of any case.

use std::{path::PathBuf, sync::Arc, time::Instant};

use jiff::Timestamp;
use proto_edge::live::Live;
use proto_edge::monitoring::{Histogram, Page, disk_free_bytes};
use tokio::sync::watch;

use crate::link::LinkStatus;
use crate::store::Store;

#[derive(Clone)]
pub struct Figures {
    dir: Arc<PathBuf>,
    store: Store,
    link: watch::Receiver<LinkStatus>,
    live: Arc<Live>,
    began: Instant,
}

impl Figures {
    pub fn new(
        dir: PathBuf,
        store: Store,
        link: watch::Receiver<LinkStatus>,
        live: Arc<Live>,
    ) -> Figures {
        Figures {
            dir: Arc::new(dir),
            store,
            link,
            live,
            began: Instant::now(),
        }
    }

    /// What holds now.
    pub fn page(&self) -> Page {
        let link = self.link.borrow().clone();
        let mut page = Page::new("tongxin_node");
        let software = format!("tongxin/{}", env!("CARGO_PKG_VERSION"));
        let community = link.community.clone();
        page.info(
            "build",
            "Software and community",
            [("software", software), ("community", community)],
        );
        let up_s = self.began.elapsed().as_secs_f64();
        page.gauge("uptime_seconds", "Since the process serves", up_s);
        self.store(&mut page, &link);
        line(&mut page, &link);
        let away = self.live.turned_away();
        page.counter("handshakes_refused", "Local connections turned away", away);
        if let Some(free) = disk_free_bytes(&self.dir) {
            page.gauge("disk_free_bytes", "Room in the directory", free as f64);
        }
        page
    }

    fn store(&self, page: &mut Page, link: &LinkStatus) {
        let marks = self.store.marks().borrow().clone();
        let letters = marks.letters.saturating_sub(marks.letters_received);
        let lag = marks.cell_seq.saturating_sub(link.acked_cell_seq);
        for (name, help, value) in [
            (
                "journal_seq",
                "Records on disk and in the view",
                marks.position,
            ),
            ("cases", "Cases", marks.cases),
            ("open_cases", "Cases not completed", marks.open_cases),
            ("cells", "Cells", marks.cells),
            ("cell_seq", "Last cell", marks.cell_seq),
            ("lag_cells", "Cells that the hub has not acknowledged", lag),
            ("letters_waiting", "Letters that the hub has not", letters),
            (
                "catalogue_seq",
                "Catalogue taken up to",
                marks.catalogue_seq,
            ),
            (
                "writer_waiting",
                "Commands that wait",
                self.store.waiting() as u64,
            ),
        ] {
            page.gauge(name, help, value as f64);
        }
        let latencies = self.store.latencies();
        let buckets = latencies.buckets.iter();
        let histogram = Histogram {
            sum: latencies.sum,
            buckets: buckets
                .map(|(bound, count)| (bound.map_or(f64::MAX, |b| b.as_secs_f64()), *count))
                .collect(),
        };
        let help = "Writing and syncing one group of records";
        page.histogram("commit_seconds", help, histogram);
    }
}

fn line(page: &mut Page, link: &LinkStatus) {
    let state = [(link.state.to_owned(), 1.0)];
    page.gauges("link", "1 for the state the line is in", "state", state);
    page.gauge("epoch", "Granted by the hub; 0: never", link.epoch as f64);
    let rejected = f64::from(link.rejected_cells);
    page.gauge("rejected_cells", "Cells that the hub refused", rejected);
    if let Some(at) = link.last_ack_at {
        let help = "When the hub last acknowledged";
        page.gauge("last_ack_timestamp_seconds", help, at.as_second() as f64);
    }
    if let Some(ends) = link.certificate_not_after {
        let left = ends.duration_since(Timestamp::now()).as_secs() as f64;
        page.gauge("certificate_expiry_seconds", "Left", left);
    }
}
