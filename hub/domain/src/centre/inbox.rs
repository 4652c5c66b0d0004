//! Where a centre's own server listens. Knows no name service and no connection.

use std::{fmt, str::FromStr};

/// `host:port`, as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidInbox;

impl Inbox {
    /// A host name has at most 253 characters.
    pub const CHARS: usize = 260;
}

impl FromStr for Inbox {
    type Err = InvalidInbox;

    fn from_str(text: &str) -> Result<Inbox, InvalidInbox> {
        let is_plain = text.chars().all(|c| c.is_ascii_graphic()) && text.len() <= Inbox::CHARS;
        let (host, port) = text.rsplit_once(':').ok_or(InvalidInbox)?;
        let port: u16 = port.parse().map_err(|_| InvalidInbox)?;
        let is_whole = is_plain && !host.is_empty() && port > 0;
        is_whole.then(|| Inbox(text.to_owned())).ok_or(InvalidInbox)
    }
}

impl fmt::Display for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inbox_is_a_host_and_a_port() {
        let long = format!("{}:1", "h".repeat(Inbox::CHARS));
        for text in ["care.example:7444", "[::1]:1", "10.0.0.7:65535"] {
            assert_eq!(text.parse::<Inbox>().unwrap().to_string(), text);
        }
        for text in [
            "", "care", "care:", "care:0", ":7444", "a b:1", "中心:1", &long,
        ] {
            assert_eq!(text.parse::<Inbox>(), Err(InvalidInbox), "{text}");
        }
    }
}
