//! Numbers for whoever watches many machines: an optional plain-HTTP listener
//! with one page, `/metrics`, in the text format that Prometheus reads
//! (OpenMetrics 1.0). Knows no number; each server makes its own page.

mod listener;
mod page;

pub use listener::serve;
pub use page::{Histogram, Page, disk_free_bytes};
