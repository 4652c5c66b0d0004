//! What a backup says about itself: of which store it is, up to which record,
//! and every file with its hash. Format 1, JSON, the first entry of the archive.

use std::{
    collections::BTreeSet,
    path::{Component, Path},
};

use journal::Snapshot;
use proto_edge::gathering::Files;
use serde::{Deserialize, Serialize};

use super::fault::BackupFault;

const FORMAT: u32 = 1;

/// Whose store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Node,
    Hub,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub kind: Kind,
    /// The community's 12 digits, or the district's label.
    pub owner: String,
    pub taken_at: String,
    pub software: String,
    pub journal: JournalAt,
    /// In the order in which they follow; what makes a store of them is last.
    pub files: Vec<FileEntry>,
}

/// The log, and how far it goes; hashes in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalAt {
    pub log: String,
    pub size: u64,
    pub root: String,
    pub chain: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Everything that goes into one.
pub struct Contents {
    pub kind: Kind,
    pub owner: String,
    pub snapshot: Snapshot,
    pub files: Files,
}

impl Kind {
    /// Without it a directory is no store.
    pub fn marker(self) -> &'static str {
        match self {
            Kind::Node => "config.toml",
            Kind::Hub => "hub.toml",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Kind::Node => "node",
            Kind::Hub => "hub",
        }
    }
}

impl Manifest {
    pub fn new(contents: &Contents, taken_at: String, files: Vec<FileEntry>) -> Manifest {
        let (log, head) = (contents.snapshot.log_id, &contents.snapshot.head);
        Manifest {
            format: FORMAT,
            kind: contents.kind,
            owner: contents.owner.clone(),
            taken_at,
            software: concat!("tongxin/", env!("CARGO_PKG_VERSION")).to_owned(),
            journal: JournalAt {
                log: log.to_string(),
                size: head.size,
                root: hex(&head.root),
                chain: hex(&head.chain),
            },
            files,
        }
    }

    pub fn encode(&self) -> Result<Vec<u8>, BackupFault> {
        serde_json::to_vec_pretty(self).map_err(|error| BackupFault::Manifest(error.to_string()))
    }

    /// Refuses a newer format, and names that would lead out of a directory.
    pub fn decode(bytes: &[u8]) -> Result<Manifest, BackupFault> {
        #[derive(Deserialize)]
        struct Stamp {
            format: u32,
        }
        let invalid = |error: serde_json::Error| BackupFault::Manifest(error.to_string());
        let Stamp { format } = serde_json::from_slice(bytes).map_err(invalid)?;
        if format != FORMAT {
            return Err(BackupFault::Format { found: format });
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(invalid)?;
        let mut seen = BTreeSet::new();
        for file in &manifest.files {
            let inside = |part| matches!(part, Component::Normal(_));
            let is_sound = !file.name.is_empty() && Path::new(&file.name).components().all(inside);
            if !is_sound || !seen.insert(file.name.as_str()) {
                let text = format!("{:?} is no name for a file in it", file.name);
                return Err(BackupFault::Manifest(text));
            }
        }
        Ok(manifest)
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            kind: Kind::Node,
            owner: "510115003064".to_owned(),
            taken_at: "2026-01-31T08:00:00Z".to_owned(),
            software: "tongxin/0.1.0".to_owned(),
            journal: JournalAt {
                log: "07".repeat(16),
                size: 3,
                root: "01".repeat(32),
                chain: "02".repeat(32),
            },
            files: vec![FileEntry {
                name: "config.toml".to_owned(),
                bytes: 5,
                sha256: "03".repeat(32),
            }],
        }
    }

    #[test]
    fn bytes_are_frozen() {
        let text = String::from_utf8(manifest().encode().unwrap()).unwrap();
        let golden = format!(
            r#"{{
  "format": 1,
  "kind": "node",
  "owner": "510115003064",
  "taken_at": "2026-01-31T08:00:00Z",
  "software": "tongxin/0.1.0",
  "journal": {{
    "log": "{}",
    "size": 3,
    "root": "{}",
    "chain": "{}"
  }},
  "files": [
    {{
      "name": "config.toml",
      "bytes": 5,
      "sha256": "{}"
    }}
  ]
}}"#,
            "07".repeat(16),
            "01".repeat(32),
            "02".repeat(32),
            "03".repeat(32)
        );
        assert_eq!(text, golden);
        assert_eq!(Manifest::decode(text.as_bytes()).unwrap(), manifest());
        let newer = text.replace("\"format\": 1", "\"format\": 2");
        let fault = Manifest::decode(newer.as_bytes()).unwrap_err();
        assert!(matches!(fault, BackupFault::Format { found: 2 }), "{fault}");
    }

    #[test]
    fn names_stay_inside_and_come_once() {
        for name in ["", "../a", "/etc/a", "a/../../b", "./a"] {
            let mut wrong = manifest();
            wrong.files[0].name = name.to_owned();
            let decoded = Manifest::decode(&wrong.encode().unwrap());
            assert!(matches!(decoded, Err(BackupFault::Manifest(_))), "{name}");
        }
        let mut twice = manifest();
        twice.files.push(twice.files[0].clone());
        assert!(Manifest::decode(&twice.encode().unwrap()).is_err());
    }
}
