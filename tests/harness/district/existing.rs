//! A hub that was made before, by this build or an earlier one, led to an address
//! of this run.

use std::{fs, path::PathBuf};

use super::{District, Scratch};

impl District {
    /// One whose hub was made before; not yet serving. `address` replaces the one
    /// that it and its operator were made with.
    pub fn existing(scratch: Scratch, dir: PathBuf, address: &str) -> District {
        let config = dir.join("hub.toml");
        let text = fs::read_to_string(&config).expect("hub.toml");
        let old = text
            .lines()
            .find_map(|line| line.strip_prefix("address = "));
        let old = old.expect("an address").trim_matches('"').to_owned();
        fs::write(config, text.replace(&old, address)).expect("hub.toml");
        let operator = dir.join("operator/hub.toml");
        let text = proto_edge::keyfile::read_sealed(&operator).expect("operator/hub.toml");
        let led = text.replace(&old, address);
        proto_edge::keyfile::write_sealed(&operator, &led).expect("operator/hub.toml");
        District {
            scratch,
            dir,
            address: address.to_owned(),
            server: None,
        }
    }
}
