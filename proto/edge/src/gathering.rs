//! The small files of a machine's directory, read whole for a backup: keys,
//! certificates, configuration. Knows which endings they have, not what they say.

use std::{collections::BTreeMap, fs, io, path::Path};

use zeroize::Zeroizing;

/// Contents by path inside the directory, with `/` between its parts.
pub type Files = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// What programs and people of the project name such files.
pub const ENDINGS: [&str; 5] = [".toml", ".pem", ".key", ".token", ".pub"];
/// Whatever is longer is none of ours.
const LONGEST: u64 = 16 << 20;

/// Adds the files right below `dir/below` that end in one of `endings`. Drafts,
/// whose names begin with a dot, are not there yet; neither is a folder that is
/// missing.
pub fn gather(dir: &Path, below: &str, endings: &[&str], into: &mut Files) -> io::Result<()> {
    let folder = dir.join(below);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let is_meant = endings.iter().any(|ending| name.ends_with(ending));
        if !is_meant || !entry.file_type()?.is_file() {
            continue;
        }
        if entry.metadata()?.len() > LONGEST {
            let text = format!("{}: longer than 16 MiB", entry.path().display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let content = Zeroizing::new(fs::read(entry.path())?);
        let path = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        into.insert(path, content);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_files_with_known_endings_are_gathered() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("pki")).unwrap();
        for name in [
            "config.toml",
            ".config.toml.new",
            "rejected.csv",
            "pki/hub.pem",
        ] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let mut files = Files::new();
        for below in ["", "pki", "missing"] {
            gather(dir.path(), below, &ENDINGS, &mut files).unwrap();
        }
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["config.toml", "pki/hub.pem"]);
        assert_eq!(files["pki/hub.pem"].as_slice(), b"pki/hub.pem");
    }
}
