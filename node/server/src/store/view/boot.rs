//! The file `view.open`: under which boot of the machine the view is open. A
//! view that was open when the machine went down is not trusted, because sled
//! does not survive a power cut unharmed; after a mere kill it does.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::store::fault::StoreFault;

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

pub struct OpenMark {
    path: PathBuf,
}

impl OpenMark {
    pub fn new(view_dir: &Path) -> OpenMark {
        OpenMark {
            path: view_dir.with_extension("open"),
        }
    }

    /// Whether the machine went down while the view was open.
    pub fn survived_power_loss(&self) -> bool {
        let Ok(marked) = fs::read_to_string(&self.path) else {
            return false;
        };
        marked.trim() != boot()
    }

    /// On disk before sled writes anything: a mark that a power cut takes away
    /// would let what sled lost pass for whole.
    pub fn set(&self) -> Result<(), StoreFault> {
        let set = || {
            fs::write(&self.path, boot())?;
            File::open(&self.path)?.sync_all()?;
            File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
        };
        set().map_err(StoreFault::io("write", &self.path))
    }

    /// After the view was written out and closed.
    pub fn clear(&self) {
        // What stays only costs a rebuild after the next power cut.
        let _ = fs::remove_file(&self.path);
    }
}

/// Without a boot id (no Linux), every start looks like the same boot.
fn boot() -> String {
    fs::read_to_string(BOOT_ID)
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_boot_is_a_power_loss() {
        let dir = tempfile::tempdir().unwrap();
        let mark = OpenMark::new(&dir.path().join("view"));
        assert!(!mark.survived_power_loss());
        mark.set().unwrap();
        assert!(!mark.survived_power_loss());
        fs::write(dir.path().join("view.open"), "another boot").unwrap();
        assert!(mark.survived_power_loss());
        mark.clear();
        assert!(!mark.survived_power_loss());
    }
}
