//! The rejected-rows file: every row that was not taken, with its line and why,
//! as a CSV that can be mended and imported again.

use std::{fs::File, io, path::Path};

/// Appears with the first rejected row.
pub struct RejectedFile {
    path: std::path::PathBuf,
    heading: csv::StringRecord,
    writer: Option<csv::Writer<File>>,
    pub rows: u64,
}

impl RejectedFile {
    /// An older file of that name is removed, so that it cannot be taken for
    /// this import's.
    pub fn new(path: &Path, heading: &csv::StringRecord) -> io::Result<RejectedFile> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(RejectedFile {
            path: path.to_owned(),
            heading: heading.clone(),
            writer: None,
            rows: 0,
        })
    }

    pub fn add(
        &mut self,
        line: u64,
        reason: &str,
        detail: &str,
        raw: &csv::StringRecord,
    ) -> io::Result<()> {
        self.rows += 1;
        if self.writer.is_none() {
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .from_path(&self.path)?;
            writer.write_record(
                ["line", "reason", "detail"]
                    .into_iter()
                    .chain(&self.heading),
            )?;
            self.writer = Some(writer);
        }
        let line = line.to_string();
        if let Some(writer) = &mut self.writer {
            writer.write_record([line.as_str(), reason, detail].into_iter().chain(raw))?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<u64> {
        if let Some(writer) = &mut self.writer {
            writer.flush()?;
        }
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_rejected_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        std::fs::write(&path, "of an earlier import").unwrap();
        let heading = csv::StringRecord::from(vec!["id", "reason"]);
        let mut file = RejectedFile::new(&path, &heading).unwrap();
        assert!(!path.exists());
        file.add(
            3,
            "MALFORMED_TIME",
            "yesterday",
            &csv::StringRecord::from(vec!["7", "Trees"]),
        )
        .unwrap();
        assert_eq!(file.finish().unwrap(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "line,reason,detail,id,reason\n3,MALFORMED_TIME,yesterday,7,Trees\n"
        );
    }
}
