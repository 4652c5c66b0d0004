//! Frames of earlier builds, kept in `tests/data/frames`: one file for each sample
//! of a message, as hexadecimal. Every one of them is read, means what it meant,
//! and is said in the same bytes again. New samples get files of their own with
//! `TONGXIN_WRITE_FRAMES=1 cargo test -p proto frames`; an old file never changes.

use std::{env, fs, path::PathBuf};

use prost::Message;

use super::{
    InvalidMessage,
    tests::{downs, issues, receipts, ups},
};
use crate::{
    pb::sync as pb,
    sync::{
        downlink::{Issue, Receipt},
        uplink::{Down, Up},
    },
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/frames")
}

/// Bytes, read and said again; what they mean beside it.
type Read = (Vec<u8>, String);

fn read<W, T>(
    bytes: &[u8],
    parse: impl Fn(W) -> Result<T, InvalidMessage>,
    say: impl Fn(&T) -> W,
) -> Read
where
    W: Message + Default,
    T: std::fmt::Debug,
{
    let wire = W::decode(bytes).expect("protobuf");
    let meant = parse(wire).expect("a message");
    (say(&meant).encode_to_vec(), format!("{meant:?}"))
}

/// By the name of the file, which begins with who says it.
fn read_as(name: &str, bytes: &[u8]) -> Read {
    match name.split('-').next() {
        Some("up") => read(bytes, Up::try_from, |up: &Up| {
            pb::UplinkRequest::try_from(up).expect("small")
        }),
        Some("down") => read(bytes, Down::try_from, |down: &Down| {
            pb::UplinkResponse::try_from(down).expect("small")
        }),
        Some("issue") => read(bytes, Issue::try_from, |issue: &Issue| {
            pb::DownlinkResponse::from(issue)
        }),
        Some("receipt") => read(bytes, Receipt::try_from, |receipt: &Receipt| {
            pb::DownlinkRequest::from(receipt)
        }),
        _ => panic!("{name}: up, down, issue or receipt"),
    }
}

/// The samples of today, each with its file's name.
fn samples() -> Vec<(String, Vec<u8>, String)> {
    fn named<T: std::fmt::Debug>(
        who: &str,
        all: Vec<T>,
        say: impl Fn(&T) -> Vec<u8>,
    ) -> Vec<(String, Vec<u8>, String)> {
        let numbered = all.iter().enumerate();
        numbered
            .map(|(at, one)| {
                let meant = format!("{one:?}");
                let kind = meant.split(|c: char| !c.is_alphanumeric()).next();
                let kind = kind.unwrap_or_default().to_lowercase();
                (format!("{who}-{at:02}-{kind}"), say(one), meant)
            })
            .collect()
    }
    let up = |up: &Up| {
        pb::UplinkRequest::try_from(up)
            .expect("small")
            .encode_to_vec()
    };
    let down = |down: &Down| {
        pb::UplinkResponse::try_from(down)
            .expect("small")
            .encode_to_vec()
    };
    let mut all = named("up", ups(), up);
    all.extend(named("down", downs(), down));
    all.extend(named("issue", issues(), |issue| {
        pb::DownlinkResponse::from(issue).encode_to_vec()
    }));
    all.extend(named("receipt", receipts(), |receipt| {
        pb::DownlinkRequest::from(receipt).encode_to_vec()
    }));
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.map(byte).collect();
    bytes.expect("hexadecimal")
}

#[test]
fn frames_of_earlier_builds_are_read_and_said_alike() {
    let mut kept = 0;
    for entry in fs::read_dir(folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.extension().is_none_or(|extension| extension != "hex") {
            continue;
        }
        let bytes = unhex(&fs::read_to_string(&path).expect("a frame"));
        let (again, _) = read_as(&name, &bytes);
        assert_eq!(hex(&again), hex(&bytes), "{name}");
        kept += 1;
    }
    assert!(kept >= 31, "{kept} frames");
}

#[test]
fn every_sample_of_today_is_kept_as_a_frame() {
    for (name, bytes, meant) in samples() {
        let path = folder().join(format!("{name}.hex"));
        if env::var_os("TONGXIN_WRITE_FRAMES").is_some() && !path.exists() {
            fs::write(&path, hex(&bytes) + "\n").expect("a file");
        }
        let kept = fs::read_to_string(&path).unwrap_or_else(|fault| {
            panic!(
                "{}: {fault}; TONGXIN_WRITE_FRAMES=1 makes it",
                path.display()
            )
        });
        assert_eq!(read_as(&name, &unhex(&kept)).1, meant, "{name}");
    }
}
