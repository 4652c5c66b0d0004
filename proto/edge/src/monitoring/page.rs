//! One page of numbers, made anew for each reader from what holds at that
//! moment, so that it never differs from what a status says.

use std::{fmt, path::Path, sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet, text},
    metrics::{
        MetricType, TypedMetric, counter::ConstCounter, family::Family, gauge::Gauge, info::Info,
    },
    registry::Registry,
};

type Number = Gauge<f64, AtomicU64>;

/// Names begin with the page's prefix; help texts have no full stop.
pub struct Page(Registry);

impl Page {
    pub fn new(prefix: &str) -> Page {
        Page(Registry::with_prefix(prefix))
    }

    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        let gauge = Number::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    /// One gauge for each value of `label`; a page without any says nothing of it.
    pub fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: impl IntoIterator<Item = (String, f64)>,
    ) {
        let family = Family::<[(&'static str, String); 1], Number>::default();
        for (of, value) in values {
            family.get_or_create(&[(label, escaped(&of))]).set(value);
        }
        self.0.register(name, help, family);
    }

    /// Counts from the start of the process; `_total` is added to the name.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.0.register(name, help, ConstCounter::new(value));
    }

    /// Texts that hardly change, as labels of a 1.
    pub fn info<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        labels: [(&'static str, String); N],
    ) {
        let labels = labels.map(|(label, text)| (label, escaped(&text)));
        self.0.register(name, help, Info::new(labels));
    }

    pub fn histogram(&mut self, name: &str, help: &str, histogram: Histogram) {
        self.0.register(name, help, histogram);
    }

    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0)?;
        Ok(text)
    }
}

/// The library writes labels as they are.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    text.replace('\n', r"\n")
}

/// What was counted elsewhere.
#[derive(Clone, Debug)]
pub struct Histogram {
    pub sum: Duration,
    /// Upper bounds in seconds, ascending, and how many fell between the bound
    /// before and this one; the last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        let count = self.buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(self.sum.as_secs_f64(), count, &self.buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Histogram::TYPE
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

/// Room for others than root on the file system of `dir`; `None` if it does not
/// say.
pub fn disk_free_bytes(dir: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(dir).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_frozen() {
        let mut page = Page::new("tongxin_test");
        page.gauge("open", "What is open", 2.0);
        page.gauges("lag", "By node", "community", [("51\"1".to_owned(), 1.5)]);
        page.counter("refused", "Refused", 7);
        page.info("build", "Software", [("version", "tongxin/1".to_owned())]);
        let buckets = vec![(0.001, 1), (0.01, 2), (f64::MAX, 0)];
        page.histogram(
            "sync_seconds",
            "Syncs",
            Histogram {
                sum: Duration::from_millis(12),
                buckets,
            },
        );
        assert_eq!(
            page.text().unwrap(),
            "# HELP tongxin_test_open What is open.\n\
             # TYPE tongxin_test_open gauge\n\
             tongxin_test_open 2.0\n\
             # HELP tongxin_test_lag By node.\n\
             # TYPE tongxin_test_lag gauge\n\
             tongxin_test_lag{community=\"51\\\"1\"} 1.5\n\
             # HELP tongxin_test_refused Refused.\n\
             # TYPE tongxin_test_refused counter\n\
             tongxin_test_refused_total 7\n\
             # HELP tongxin_test_build Software.\n\
             # TYPE tongxin_test_build info\n\
             tongxin_test_build_info{version=\"tongxin/1\"} 1\n\
             # HELP tongxin_test_sync_seconds Syncs.\n\
             # TYPE tongxin_test_sync_seconds histogram\n\
             tongxin_test_sync_seconds_sum 0.012\n\
             tongxin_test_sync_seconds_count 3\n\
             tongxin_test_sync_seconds_bucket{le=\"0.001\"} 1\n\
             tongxin_test_sync_seconds_bucket{le=\"0.01\"} 3\n\
             tongxin_test_sync_seconds_bucket{le=\"+Inf\"} 3\n\
             # EOF\n"
        );
    }

    #[test]
    fn a_directory_has_room_and_what_is_not_there_has_none() {
        assert!(disk_free_bytes(Path::new("/")).unwrap() > 0);
        assert_eq!(disk_free_bytes(Path::new("/nowhere/at/all")), None);
    }
}
