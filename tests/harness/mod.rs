//! What stories need: a district of real processes in a scratch directory, and
//! clients for both ends. Knows no story.

#![allow(dead_code, reason = "no story uses everything")]

pub mod article;
pub mod calls;
pub mod community;
pub mod district;
pub mod engines;
pub mod monitoring;
pub mod process;
pub mod proxy;
pub mod random;
pub mod upper;

pub use community::Community;
pub use district::District;
pub use process::eventually;

/// The running year in the district, as a period's code.
pub fn this_year() -> String {
    this_month()[..4].to_owned()
}

pub fn this_month() -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a bundled zone");
    let today = zone.to_datetime(jiff::Timestamp::now());
    format!("{:04}{:02}", today.year(), today.month())
}

/// A catalogue file with one indicator of that number.
pub fn catalogue_of_one(number: u64) -> String {
    format!(
        "[[indicator]]\nid = {number}\ncode = \"QS.X{number}\"\nrevision = 1\n\
         name_zh = \"报事量\"\nname_en = \"Reports\"\nunit = \"件\"\n\
         accumulator = {{ kind = \"count\", of = {{ fact_type = \"case.accepted\" }} }}\n\
         base_grain = \"day\"\ncoarser_grains = [\"year\"]\nbreakdowns = []\n\
         protection = \"A\"\ndirection = \"context\"\nowner = \"区\"\nreason = \"试\"\n"
    )
}

/// The texts of all Rust files below a folder of the repository.
pub fn files_below(folder: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut waiting = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(std::fs::read_to_string(path).expect("a source file"));
            }
        }
    }
    texts
}
