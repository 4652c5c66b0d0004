//! The bundle: the material of an audit as files (docs/audit.md). Judges nothing.

use std::{
    fs,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::Path,
};

use proto::{
    digest::Bucket,
    fact::fact_types,
    identity::StoreId,
    indicator::cell::Cell,
    sync::{
        head::{JournalHead, JournalPoint, Release},
        uplink::Checkpoint,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    hex::Hex,
    material::{About, CellLine, FORMAT, Item, Kept, Material},
};
use crate::failure::{Exit, Failure};

const ABOUT: &str = "bundle.json";
const RELEASES: &str = "releases.jsonl";
const CELLS: &str = "cells.jsonl";
const CATALOGUE: &str = "catalogue.json";
const BUCKETS: &str = "buckets.json";

/// A line of `releases.jsonl`.
#[derive(Serialize, Deserialize)]
struct ReleaseLine {
    id: Hex,
    log_id: Hex,
    size: u64,
    root: Hex,
    chain: Hex,
    time_ms: u64,
    public_key: Hex,
    head_signature: Hex,
    community: String,
    records: u64,
    previous: Hex,
    lineage: u32,
    through: u64,
    cell_count: u64,
    cell_root: Hex,
    catalogue_seq: u64,
    software: String,
    signature: Hex,
    countersigned_ms: u64,
    incarnation: u64,
    countersign_key: Hex,
    countersignature: Hex,
}

/// `catalogue.json`: definitions, dimensions, and the schema of facts by which they
/// are read.
#[derive(Serialize, Deserialize)]
struct Catalogue {
    items: Vec<Item>,
    fact_types: Vec<FactType>,
}

#[derive(Serialize, Deserialize)]
struct FactType {
    id: u16,
    code: String,
    dimensions: Vec<String>,
    measures: Vec<String>,
}

/// Count, and sum as 16 bytes.
#[derive(Serialize, Deserialize)]
struct BucketPair(u64, Hex);

/// Into `dir`, which is made and must be empty; `bundle.json` comes last.
pub fn write(dir: &Path, material: &Material) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(file(dir))?;
    if fs::read_dir(dir).map_err(file(dir))?.next().is_some() {
        let text = crate::text!(
            "{}：目录须为空",
            "{}: want an empty directory",
            dir.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    lines(
        &dir.join(RELEASES),
        material.releases.iter().filter_map(line),
    )?;
    lines(&dir.join(CELLS), material.cells.iter().map(CellLine::from))?;
    let schema = fact_types().map(|known| FactType {
        id: known.id.0,
        code: known.code.to_owned(),
        dimensions: known
            .dimensions
            .iter()
            .map(|one| (*one).to_owned())
            .collect(),
        measures: known.measures.iter().map(|one| (*one).to_owned()).collect(),
    });
    let catalogue = Catalogue {
        items: material.items.clone(),
        fact_types: schema.collect(),
    };
    whole(&dir.join(CATALOGUE), &catalogue)?;
    let pairs = material.buckets.iter();
    let pairs = pairs.map(|bucket| BucketPair(bucket.count, Hex(bucket.sum.to_be_bytes().into())));
    whole(&dir.join(BUCKETS), &pairs.collect::<Vec<_>>())?;
    whole(&dir.join(ABOUT), &material.about)
}

pub fn read(dir: &Path) -> Result<Material, Failure> {
    let about: serde_json::Value = parsed(&dir.join(ABOUT))?;
    let format = about.get("format").and_then(serde_json::Value::as_u64);
    if format != Some(u64::from(FORMAT)) {
        let text = crate::text!(
            "{}：格式应为 {}；请用写出它的程序",
            "{}: want format {}; use the program that wrote it",
            dir.display(),
            FORMAT
        );
        return Err(Failure::new(Exit::BadData, text));
    }
    let about: About = serde_json::from_value(about).map_err(malformed(&dir.join(ABOUT)))?;
    let path = dir.join(RELEASES);
    let releases = read_lines::<ReleaseLine>(&path)?.into_iter();
    let releases = releases.map(|line| kept(line).ok_or_else(|| cut(&path)));
    let path = dir.join(CELLS);
    let cells = read_lines::<CellLine>(&path)?.into_iter();
    let cells = cells.map(|line| Cell::try_from(line).map_err(malformed(&path)));
    let pairs: Vec<BucketPair> = parsed(&dir.join(BUCKETS))?;
    let path = dir.join(BUCKETS);
    let buckets = pairs.into_iter().map(|pair| {
        let sum = pair.1.fixed().ok_or_else(|| cut(&path))?;
        let sum = u128::from_be_bytes(sum);
        let count = pair.0;
        Ok(Bucket { count, sum })
    });
    let catalogue: Catalogue = parsed(&dir.join(CATALOGUE))?;
    Ok(Material {
        about,
        releases: releases.collect::<Result<_, _>>()?,
        cells: cells.collect::<Result<_, _>>()?,
        items: catalogue.items,
        buckets: buckets.collect::<Result<_, Failure>>()?,
    })
}

fn line(kept: &Kept) -> Option<ReleaseLine> {
    let head = &kept.head;
    let release = head.release.as_deref()?;
    let hex = |bytes: &[u8]| Hex(bytes.to_vec());
    Some(ReleaseLine {
        id: hex(&kept.id),
        log_id: hex(&head.log.0),
        size: head.point.size,
        root: hex(&head.point.root),
        chain: hex(&head.chain),
        time_ms: head.time_ms,
        public_key: hex(&head.public_key),
        head_signature: hex(&head.signature),
        community: release.node.to_string(),
        records: release.records,
        previous: hex(&release.previous),
        lineage: release.lineage,
        through: release.through,
        cell_count: release.cells.count,
        cell_root: hex(&release.cells.root),
        catalogue_seq: release.catalogue_seq,
        software: release.software.clone(),
        signature: hex(&release.signature),
        countersigned_ms: kept.countersigned_ms,
        incarnation: kept.incarnation,
        countersign_key: hex(&kept.countersign_key),
        countersignature: hex(&kept.countersignature),
    })
}

fn kept(line: ReleaseLine) -> Option<Kept> {
    let release = Release {
        node: line.community.parse().ok()?,
        records: line.records,
        previous: line.previous.fixed()?,
        lineage: line.lineage,
        through: line.through,
        cells: Checkpoint {
            count: line.cell_count,
            root: line.cell_root.fixed()?,
        },
        catalogue_seq: line.catalogue_seq,
        software: line.software,
        signature: line.signature.fixed()?,
    };
    Some(Kept {
        id: line.id.fixed()?,
        head: JournalHead {
            log: StoreId(line.log_id.fixed()?),
            point: JournalPoint {
                size: line.size,
                root: line.root.fixed()?,
            },
            chain: line.chain.fixed()?,
            time_ms: line.time_ms,
            public_key: line.public_key.fixed()?,
            signature: line.head_signature.fixed()?,
            release: Some(Box::new(release)),
        },
        countersigned_ms: line.countersigned_ms,
        incarnation: line.incarnation,
        countersign_key: line.countersign_key.fixed()?,
        countersignature: line.countersignature.fixed()?,
    })
}

fn lines<T: Serialize>(path: &Path, all: impl Iterator<Item = T>) -> Result<(), Failure> {
    let mut out = BufWriter::new(fs::File::create(path).map_err(file(path))?);
    for one in all {
        serde_json::to_writer(&mut out, &one).map_err(malformed(path))?;
        out.write_all(b"\n").map_err(file(path))?;
    }
    out.flush().map_err(file(path))
}

fn whole<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(malformed(path))?;
    fs::write(path, text + "\n").map_err(file(path))
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(file(path))?;
    serde_json::from_str(&text).map_err(malformed(path))
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let lines = BufReader::new(fs::File::open(path).map_err(file(path))?).lines();
    let all = lines.map(|line| {
        let line = line.map_err(file(path))?;
        serde_json::from_str(&line).map_err(malformed(path))
    });
    all.collect()
}

fn file(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure::new(Exit::BadData, format!("{}: {error}", path.display()))
}

fn malformed<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> Failure + '_ {
    move |error| Failure::new(Exit::BadData, format!("{}: {error}", path.display()))
}

fn cut(path: &Path) -> Failure {
    let text = crate::text!(
        "{}：有字段长度不对",
        "{}: a field is not as long as it should be",
        path.display()
    );
    Failure::new(Exit::BadData, text)
}
