//! Progress bars on stderr, only at a terminal. Knows no work.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` bytes.
pub fn bytes(total: u64) -> ProgressBar {
    styled(
        ProgressBar::new(total),
        "{bar:40} {bytes}/{total_bytes} {eta} {msg}",
    )
}

/// A bar over `total` things.
pub fn count(total: u64, message: String) -> ProgressBar {
    styled(
        ProgressBar::new(total).with_message(message),
        "{msg:24} {bar:40} {human_pos}/{human_len} {eta}",
    )
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
