//! Holds the material of an audit against a node's own journal: every release that the
//! hub kept, then the cells. Changes nothing; the words are the command's.

use std::{collections::BTreeMap, path::Path};

use hub_domain::sync::release::Countersignature;
use journal::{CompactRange, Hash, LogId, SignedHead, Source};
use node_domain::audit::{Finding, changed, compare};
use node_server::{Replayed, identity::heads::HeadKey, replay, store::Setup};
use proto::{
    digest::Digest,
    indicator::cell::Cell,
    period::Period,
    sync::head::{JournalHead, ReleaseId},
};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::material::{Kept, Material};
use crate::failure::{Exit, Failure};

/// What was found.
#[derive(Debug)]
pub struct Inspection {
    /// Of the releases that the hub keeps, those that this journal bears out.
    pub releases: u64,
    /// Of other journals, from before the store was replaced.
    pub foreign_releases: u64,
    /// That against which the cells were compared.
    pub release: Option<Kept>,
    pub compared_cells: u64,
    /// Of the release as a whole, in Chinese and in English.
    pub problems: Vec<(String, String)>,
    pub findings: Vec<Finding>,
}

impl Inspection {
    pub fn agrees(&self) -> bool {
        self.problems.is_empty() && self.findings.is_empty()
    }

    fn problem(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.problems.push((zh.into(), en.into()));
    }
}

/// `progress` is told of each record that is replayed.
pub fn inspect(
    dir: &Path,
    setup: &Setup,
    material: &Material,
    progress: impl FnMut(u64),
) -> Result<Inspection, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Storage, error.to_string());
    let source = Source::at_rest(&dir.join("journal")).map_err(|fault| failed(&fault))?;
    let key = HeadKey::open(dir).map_err(|fault| failed(&fault))?;
    let mut found = Inspection {
        releases: 0,
        foreign_releases: 0,
        release: None,
        compared_cells: 0,
        problems: Vec::new(),
        findings: Vec::new(),
    };
    let own = |kept: &&Kept| LogId(kept.head.log.0) == source.log_id();
    let sizes = material.releases.iter().filter(own);
    let sizes = sizes.map(|kept| kept.head.point.size);
    let roots = roots(&source, sizes).map_err(|fault| failed(&fault))?;
    chain(material, &roots, &source, key.as_ref(), &mut found);
    let Some(last) = material.releases.last() else {
        found.problem(
            "枢纽没有留存本社区的发布头：节点或枢纽太旧，或尚未同步",
            "The hub keeps no release of this community: node or hub is too old, or nothing was synced yet",
        );
        return Ok(found);
    };
    found.release = Some(last.clone());
    let Some(release) = last.head.release.as_deref().filter(|_| own(&last)) else {
        found.problem(
            "枢纽最后留存的发布头不属于本日志",
            "The release that the hub kept last is not of this journal",
        );
        return Ok(found);
    };
    if material.about.acked != release.through {
        let text = crate::text!(
            "枢纽的单元格已新于最后一次发布（{} 与 {}）：等下一次核对点后再审",
            "The hub's cells are newer than the last release ({} and {}): audit again after the next checkpoint",
            material.about.acked,
            release.through
        );
        return Err(Failure::new(Exit::TryLater, text));
    }
    let beside = dir.join("audit");
    let replayed = replay(dir, setup, release.records, &beside, progress);
    let replayed = replayed.map_err(|fault| failed(&fault))?;
    if replayed.checkpoint != release.cells || replayed.through != release.through {
        found.problem(
            "重放日志得不出发布头所签的全部单元格",
            "Replaying the journal does not give all the cells that the release signs",
        );
    }
    hold(material, &last.head, &mut found);
    let given = wanted(&replayed, material)?;
    found.compared_cells = given.len() as u64;
    found.findings = compare(&material.cells, &given);
    Ok(found)
}

/// Whether each release was signed by this node about this journal, follows the one
/// before, and was countersigned.
fn chain(
    material: &Material,
    roots: &BTreeMap<u64, Hash>,
    source: &Source,
    key: Option<&HeadKey>,
    found: &mut Inspection,
) {
    let mut previous: ReleaseId = [0; 32];
    let mut signed = Vec::new();
    for (at, kept) in material.releases.iter().enumerate() {
        let number = at + 1;
        let head = &kept.head;
        if head.release_id() != Some(kept.id) || !is_signed(head) || !is_countersigned(kept) {
            found.problem(
                format!("第 {number} 个发布头的签名或会签不符"),
                format!("Release {number}: signature or countersignature does not match"),
            );
        }
        let follows = head.release.as_deref().map(|release| release.previous);
        if follows != Some(previous) {
            found.problem(
                format!("第 {number} 个发布头不接前一个：枢纽少了或换了发布头"),
                format!(
                    "Release {number} does not follow the one before: one was left out or exchanged"
                ),
            );
        }
        previous = kept.id;
        if LogId(head.log.0) != source.log_id() {
            found.foreign_releases += 1;
            continue;
        }
        if key.is_some_and(|key| *key.public_key() != head.public_key) {
            found.problem(
                format!("第 {number} 个发布头不是用本节点的密钥签的"),
                format!("Release {number} was not signed with this node's key"),
            );
        }
        found.releases += u64::from(roots.get(&head.point.size) == Some(&head.point.root));
        signed.push(head.point);
    }
    if let Some(records) = changed(&signed, |size| roots.get(&size).copied()) {
        let (from, to) = records.into_inner();
        let size = source.committed_seq();
        found.problem(
            format!("日志（{size} 条记录）不是所签的那一本：第 {from} 至 {to} 条记录中有改动、缺失或添加"),
            format!("The journal ({size} records) is not the one that was signed: something in records {from} to {to} was changed, left out or added"),
        );
    }
}

/// Whether the hub holds, over all, what the release signs.
fn hold(material: &Material, last: &JournalHead, found: &mut Inspection) {
    let signed = last.release.as_deref().map(|release| release.cells);
    let buckets = material.buckets.as_slice().try_into();
    let held = buckets.map(|buckets| Digest::from_buckets(buckets).root());
    if held.ok() != signed.map(|signed| signed.root) {
        found.problem(
            "枢纽所存的全部单元格与发布头所签的不符",
            "All that the hub holds is not what the release signs",
        );
    }
}

fn is_signed(head: &JournalHead) -> bool {
    let signed = SignedHead {
        log_id: LogId(head.log.0),
        size: head.point.size,
        root: head.point.root,
        chain: head.chain,
        time_ms: head.time_ms,
        signature: head.signature,
    };
    let release = head.release_bytes().zip(head.release.as_deref());
    let key = UnparsedPublicKey::new(&ED25519, head.public_key);
    signed.verify(&head.public_key).is_ok()
        && release.is_some_and(|(bytes, release)| key.verify(&bytes, &release.signature).is_ok())
}

fn is_countersigned(kept: &Kept) -> bool {
    let bytes = Countersignature::signed_bytes(&kept.id, kept.countersigned_ms, kept.incarnation);
    let key = UnparsedPublicKey::new(&ED25519, kept.countersign_key);
    key.verify(&bytes, &kept.countersignature).is_ok()
}

/// The journal's root at each of these sizes, in one reading; a size that it has not
/// is not in it.
fn roots(
    source: &Source,
    sizes: impl Iterator<Item = u64>,
) -> Result<BTreeMap<u64, Hash>, journal::Fault> {
    let wanted: std::collections::BTreeSet<u64> = sizes.collect();
    let mut roots = BTreeMap::new();
    let Some(last) = wanted.last() else {
        return Ok(roots);
    };
    let mut tree = CompactRange::default();
    let most = usize::try_from(*last).unwrap_or(usize::MAX);
    for record in source.reader(1)?.take(most) {
        let record = record?;
        tree.push(record.leaf);
        if wanted.contains(&record.seq) {
            roots.insert(record.seq, tree.root());
        }
    }
    Ok(roots)
}

/// Of what the journal gives, what was asked for.
fn wanted(replayed: &Replayed, material: &Material) -> Result<Vec<Cell>, Failure> {
    let about = &material.about;
    let period: Option<Period> = match about.period.as_str() {
        "" => None,
        text => {
            let parsed = text.parse();
            Some(parsed.map_err(|invalid: proto::period::InvalidPeriod| {
                Failure::new(Exit::BadData, invalid.to_string())
            })?)
        }
    };
    let definitions = replayed.catalogue.definitions();
    let definitions = definitions.filter(|one| one.code.as_str() == about.indicator);
    let ids: Vec<_> = definitions.map(|definition| definition.id).collect();
    let is_wanted = |cell: &&Cell| {
        period.is_none_or(|period| cell.key.period == period)
            && (about.indicator.is_empty() || ids.contains(&cell.key.indicator))
    };
    Ok(replayed.cells.iter().filter(is_wanted).cloned().collect())
}
