//! Key files: readable by their owner only, replaced whole or not at all, on
//! disk before anybody relies on them. Knows no PEM.
//!
//! A sealed file is a text that only programs write. Its last line is a comment
//! to TOML, and nothing to PEM: `# sha256 <of all before, 64 hex digits>`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// Writes `bytes` to `path` with mode 0600 by rename; file and directory are
/// synced before it returns.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut draft_name = std::ffi::OsString::from(".");
    draft_name.push(name);
    draft_name.push(".new");
    let draft = directory.join(draft_name);
    // A draft that a crash left behind may have been made under another mode.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    failpoint::reached("keyfile-unnamed");
    fs::rename(&draft, path)?;
    failpoint::reached("keyfile-named");
    File::open(directory)?.sync_all()
}

const SEAL: &str = "# sha256 ";

/// As [`write`], with a seal by which [`read_sealed`] knows damage.
pub fn write_sealed(path: &Path, text: &str) -> io::Result<()> {
    let sealed = format!("{text}{SEAL}{}\n", digest(text));
    write(path, sealed.as_bytes())
}

/// What [`write_sealed`] wrote, without its seal; a file that is otherwise is
/// `InvalidData`.
pub fn read_sealed(path: &Path) -> io::Result<String> {
    let mut text = fs::read_to_string(path)?;
    let at = text.rfind(SEAL).unwrap_or(text.len());
    let seal = text.split_off(at);
    if seal == format!("{SEAL}{}\n", digest(&text)) {
        return Ok(text);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "the file is damaged: it does not match the checksum in its last line; put it back from a backup",
    ))
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a directory that only its owner can enter, with its parents.
pub fn make_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_file_is_read_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.toml");
        write_sealed(&path, "address = \"a\"\n").unwrap();
        let whole = fs::read(&path).unwrap();
        let frozen = concat!(
            "address = \"a\"\n# sha256 ",
            "4171275298e1d4de99a6dcac59c7c0d1300ec69253aef3275c65c58dbcb9787e\n"
        );
        assert_eq!(whole, frozen.as_bytes());
        assert_eq!(read_sealed(&path).unwrap(), "address = \"a\"\n");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x01;
            fs::write(&path, &bytes).unwrap();
            assert!(read_sealed(&path).is_err(), "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(read_sealed(&path).is_err(), "length {at}");
        }
    }
}
