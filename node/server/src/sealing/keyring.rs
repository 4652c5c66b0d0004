//! The present epoch's keys: makes, wraps and unwraps subject keys, and erases
//! one subject. The ledger alone changes it; readers hold [`Keys`].

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use super::epoch::Epoch;
use super::index::IndexKey;
use super::keyset::{Keyset, WRAPPED_BYTES};
use super::{Key, RoundingKey, Sealed, SealingFault, SubjectId};

/// A subject's key as it was journalled when the subject was first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub epoch: u64,
    /// Nonce, wrapped key, tag: 60 bytes.
    pub key: Box<[u8]>,
}

/// A subject that is younger than the present key set.
pub type Survivor = (SubjectId, Wrapped);

struct Present {
    epoch: Epoch,
    set: Option<Keyset>,
}

/// Reads with whatever the present epoch is. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    present: Arc<ArcSwap<Present>>,
    index: Arc<IndexKey>,
}

/// What everything personal is sealed with, beside the subject's key.
const PERSONAL: &[u8] = b"personal";

pub struct Keyring {
    dir: PathBuf,
    entropy: SystemRandom,
    keys: Keys,
}

fn context(epoch: u64, subject: SubjectId) -> [u8; 16] {
    let mut context = [0; 16];
    context[..8].copy_from_slice(&epoch.to_be_bytes());
    context[8..].copy_from_slice(&subject.0.to_be_bytes());
    context
}

impl Present {
    fn unwrap(&self, subject: SubjectId, wrapped: &[u8]) -> Option<Key> {
        let context = context(self.epoch.number, subject);
        self.epoch
            .key
            .open(&context, wrapped)
            .and_then(|plain| Key::from_bytes(&plain))
    }

    fn subject_key(
        &self,
        subject: SubjectId,
        journalled: &Wrapped,
    ) -> Result<Option<Key>, SealingFault> {
        if journalled.epoch == self.epoch.number {
            return Ok(self.unwrap(subject, &journalled.key));
        }
        let Some(set) = &self.set else {
            return Ok(None);
        };
        let found = set.find(subject)?;
        Ok(found.and_then(|wrapped| self.unwrap(subject, &wrapped)))
    }
}

impl Keys {
    /// `None`: the key was destroyed.
    pub fn subject_key(
        &self,
        subject: SubjectId,
        journalled: &Wrapped,
    ) -> Result<Option<Key>, SealingFault> {
        self.present.load().subject_key(subject, journalled)
    }

    /// Personal bytes; `None`: the key was destroyed, or they are not its own.
    pub fn open(
        &self,
        subject: SubjectId,
        journalled: &Wrapped,
        sealed: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, SealingFault> {
        let key = self.subject_key(subject, journalled)?;
        Ok(key.and_then(|key| key.open(PERSONAL, sealed)))
    }

    pub fn rounding(&self) -> RoundingKey {
        self.index.rounding()
    }

    /// A name for comparing; not the name.
    pub fn index_tag(&self, name: &str) -> [u8; 16] {
        self.index.tag(name)
    }
}

impl Keyring {
    /// Makes epoch 1 in `dir`, which is created.
    pub fn create(dir: &Path) -> Result<(), SealingFault> {
        fs::create_dir_all(dir).map_err(SealingFault::io("create", dir))?;
        let epoch = Epoch {
            number: 1,
            key: Key::random(&SystemRandom::new())?,
            erased: None,
        };
        IndexKey::create(&dir.join("index"))?;
        epoch.replace(&dir.join("epoch"))
    }

    /// Reads the epoch. Whoever goes on to use it calls [`Keyring::settle`].
    pub fn open(dir: &Path) -> Result<Keyring, SealingFault> {
        let epoch = Epoch::read(&dir.join("epoch"))?;
        let set = (epoch.number > 1)
            .then(|| Keyset::open(dir, epoch.number))
            .transpose()?;
        Ok(Keyring {
            dir: dir.to_owned(),
            entropy: SystemRandom::new(),
            keys: Keys {
                present: Arc::new(ArcSwap::from_pointee(Present { epoch, set })),
                index: Arc::new(IndexKey::read(&dir.join("index"))?),
            },
        })
    }

    /// Destroys what a crash has left of other epochs. `journalled`: the epoch that
    /// the journal knows of. An older one comes from a backup: with it the keys of
    /// everybody since would be destroyed, so it is refused and nothing is touched.
    pub fn settle(&self, journalled: u64) -> Result<(), SealingFault> {
        let epoch = self.epoch();
        if epoch < journalled {
            let detail = "older than the journal, which knows of erasures since";
            return Err(SealingFault::damaged(&self.dir.join("epoch"), detail));
        }
        let keep = Keyset::path(&self.dir, epoch);
        let listed = || SealingFault::io("list", &self.dir);
        for entry in fs::read_dir(&self.dir).map_err(listed())? {
            let path = entry.map_err(listed())?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if (name.starts_with("set-") && path != keep) || name == "epoch.new" {
                Keyset::destroy(&path)?;
            }
        }
        Ok(())
    }

    pub fn keys(&self) -> Keys {
        self.keys.clone()
    }

    pub fn epoch(&self) -> u64 {
        self.keys.present.load().epoch.number
    }

    /// Whose erasure began the present epoch: the journal must know of it.
    pub fn last_erased(&self) -> Option<SubjectId> {
        self.keys.present.load().epoch.erased
    }

    /// Subjects above this one are not in the key set.
    pub fn set_through(&self) -> SubjectId {
        let present = self.keys.present.load();
        present.set.as_ref().map_or(SubjectId(0), |set| set.through)
    }

    pub fn new_subject(&self, subject: SubjectId) -> Result<(Key, Wrapped), SealingFault> {
        let key = Key::random(&self.entropy)?;
        let present = self.keys.present.load();
        let wrapped = self.wrap(&present.epoch, subject, &key)?;
        let wrapped = Wrapped {
            epoch: present.epoch.number,
            key: wrapped,
        };
        Ok((key, wrapped))
    }

    fn wrap(
        &self,
        epoch: &Epoch,
        subject: SubjectId,
        key: &Key,
    ) -> Result<Box<[u8]>, SealingFault> {
        let context = context(epoch.number, subject);
        let wrapped = epoch.key.seal(&context, key.bytes(), &self.entropy)?;
        debug_assert_eq!(wrapped.len(), WRAPPED_BYTES);
        Ok(wrapped)
    }

    pub fn seal(&self, key: &Key, plain: &[u8]) -> Result<Sealed, SealingFault> {
        key.seal(PERSONAL, plain, &self.entropy)
    }

    /// Destroys one subject's key for good. `younger` are all subjects after
    /// [`Keyring::set_through`], ascending. When it returns, the next epoch is
    /// durable and names the erased subject until the next erasure, so that a
    /// crash before the journal heard of it is made good at the next start.
    pub fn erase(
        &self,
        erased: SubjectId,
        younger: impl Iterator<Item = Survivor>,
    ) -> Result<u64, SealingFault> {
        let present = self.keys.present.load_full();
        let next = Epoch {
            number: present.epoch.number + 1,
            key: Key::random(&self.entropy)?,
            erased: Some(erased),
        };
        let mut through = self.set_through();
        let older = present.set.iter().flat_map(Keyset::entries);
        let younger = younger.map(|(subject, wrapped)| {
            through = through.max(subject);
            Ok((subject, wrapped.key))
        });
        let mut survivors = Vec::new();
        for entry in older.chain(younger) {
            let (subject, wrapped) = entry?;
            if subject == erased {
                continue;
            }
            // A key that does not unwrap now never will again: there is
            // nothing to carry over.
            if let Some(key) = present.unwrap(subject, &wrapped) {
                survivors.push((subject, self.wrap(&next, subject, &key)?));
            }
        }
        Keyset::write(
            &self.dir,
            next.number,
            through,
            survivors.into_iter().map(Ok),
        )?;
        failpoint::reached("erase-set-written");
        let number = next.number;
        next.replace(&self.dir.join("epoch"))?;
        let set = Keyset::open(&self.dir, number)?;
        self.keys.present.store(Arc::new(Present {
            epoch: next,
            set: Some(set),
        }));
        failpoint::reached("erase-epoch-replaced");
        Keyset::destroy(&Keyset::path(&self.dir, present.epoch.number))?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Keyring) {
        let dir = tempfile::tempdir().unwrap();
        Keyring::create(dir.path()).unwrap();
        let keyring = Keyring::open(dir.path()).unwrap();
        (dir, keyring)
    }

    /// Who can still be read, out of `all`.
    fn readable(keyring: &Keyring, all: &[Survivor], sealed: &[Sealed]) -> Vec<u64> {
        let opens = |at: &usize| {
            let (subject, wrapped) = &all[*at];
            let opened = keyring.keys().open(*subject, wrapped, &sealed[*at]);
            opened.unwrap().is_some()
        };
        (0..all.len()).filter(opens).map(|at| all[at].0.0).collect()
    }

    #[test]
    fn an_erased_subject_is_gone_and_the_others_stay() {
        let (dir, mut keyring) = fresh();
        let (mut all, mut sealed) = (Vec::new(), Vec::new());
        let mut expected: Vec<u64> = Vec::new();
        // Three rounds, so that old sets, young subjects and both are met.
        for (round, erased) in [2u64, 1, 5].into_iter().enumerate() {
            for _ in 0..3 {
                let subject = SubjectId(all.len() as u64 + 1);
                let (key, wrapped) = keyring.new_subject(subject).unwrap();
                sealed.push(keyring.seal(&key, b"text").unwrap());
                all.push((subject, wrapped));
                expected.push(subject.0);
            }
            let through = keyring.set_through();
            let younger: Vec<_> = all
                .iter()
                .filter(|(subject, _)| *subject > through)
                .cloned()
                .collect();
            let number = keyring
                .erase(SubjectId(erased), younger.into_iter())
                .unwrap();
            assert_eq!(number, round as u64 + 2);
            expected.retain(|subject| *subject != erased);
            assert_eq!(readable(&keyring, &all, &sealed), expected);
            keyring = Keyring::open(dir.path()).unwrap();
            assert_eq!(keyring.last_erased(), Some(SubjectId(erased)));
            assert_eq!(readable(&keyring, &all, &sealed), expected);
        }
        let mut names: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["epoch", "index", "set-4"]);
    }

    #[test]
    fn a_set_without_its_epoch_is_destroyed_at_the_next_start() {
        let (dir, keyring) = fresh();
        let (key, wrapped) = keyring.new_subject(SubjectId(1)).unwrap();
        let sealed = keyring.seal(&key, b"text").unwrap();
        Keyset::write(dir.path(), 2, SubjectId(1), std::iter::empty()).unwrap();
        let keyring = Keyring::open(dir.path()).unwrap();
        keyring.settle(1).unwrap();
        assert!(!Keyset::path(dir.path(), 2).exists());
        let all = [(SubjectId(1), wrapped)];
        assert_eq!(readable(&keyring, &all, &[sealed]), [1]);
    }

    #[test]
    fn an_epoch_from_a_backup_destroys_nothing() {
        let (dir, keyring) = fresh();
        let older = fs::read(dir.path().join("epoch")).unwrap();
        let (_, one) = keyring.new_subject(SubjectId(1)).unwrap();
        let younger = [(SubjectId(1), one)];
        let epoch = keyring.erase(SubjectId(1), younger.into_iter()).unwrap();
        fs::write(dir.path().join("epoch"), older).unwrap();
        let keyring = Keyring::open(dir.path()).unwrap();
        let fault = keyring.settle(epoch).unwrap_err().to_string();
        assert!(fault.contains("epoch is damaged (older"), "{fault}");
        assert!(Keyset::path(dir.path(), epoch).exists());
    }

    #[test]
    fn a_cut_set_is_damage() {
        let (dir, keyring) = fresh();
        let (_, one) = keyring.new_subject(SubjectId(1)).unwrap();
        let (_, two) = keyring.new_subject(SubjectId(2)).unwrap();
        let younger = [(SubjectId(1), one), (SubjectId(2), two)];
        keyring.erase(SubjectId(1), younger.into_iter()).unwrap();
        let path = Keyset::path(dir.path(), 2);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let fault = Keyring::open(dir.path()).err().unwrap();
        assert!(matches!(fault, SealingFault::Damaged { .. }), "{fault}");
    }
}
