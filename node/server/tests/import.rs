//! A real export through the mapping that ships, into a store of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use node_domain::playbook::{Playbook, Playbooks};
use node_server::import::{ImportFault, ImportOptions, Imported, Mapping, import};
use node_server::store::{self, Setup, verify};

const PLAYBOOK: &str = include_str!("../../../deploy/playbooks/qingshan.toml");
const MAPPING: &str = include_str!("../../../deploy/examples/boston311.mapping.toml");
const ROWS: u64 = 190;
/// Close before they open.
const REJECTED: u64 = 8;

fn setup() -> Setup {
    Setup {
        playbooks: Some(Arc::new(Playbooks::new(Playbook::parse(PLAYBOOK).unwrap()))),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        residents: None,
        now: Timestamp::now(),
    }
}

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        store::create(&dir.path().join("node")).unwrap();
        Place { dir }
    }

    fn node(&self) -> PathBuf {
        self.dir.path().join("node")
    }

    fn rejected(&self) -> PathBuf {
        self.dir.path().join("rejected.csv")
    }

    fn import(
        &self,
        mapping: &str,
        options: fn(&mut ImportOptions),
    ) -> Result<Imported, ImportFault> {
        let mut chosen = ImportOptions {
            dry_run: false,
            all_or_nothing: false,
            rejected: self.rejected(),
        };
        options(&mut chosen);
        let csv = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/boston311-excerpt.csv");
        let mapping = Mapping::from_toml(mapping).unwrap();
        let mut seen = 0;
        let imported = import(
            &self.node(),
            &setup(),
            &mapping,
            &csv,
            &chosen,
            &mut |progress| {
                assert!(progress.rows >= seen);
                seen = progress.rows;
            },
        )?;
        assert_eq!(seen, imported.rows);
        Ok(imported)
    }

    fn cases(&self) -> u64 {
        let opened = store::open(&self.node(), &setup()).unwrap();
        let cases = opened.store.marks().borrow().cases;
        drop(opened.store);
        opened.running.join().unwrap();
        cases
    }
}

fn with(mapping: &str, neighbourhood: &str) -> String {
    format!("{mapping}\n[[only]]\ncolumn = \"neighborhood\"\nequals = \"{neighbourhood}\"\n")
}

#[test]
fn an_export_becomes_cases_once_and_names_what_it_could_not_take() {
    let place = Place::new();
    let first = place.import(MAPPING, |_| {}).unwrap();
    let expected = Imported {
        rows: ROWS,
        added: ROWS - REJECTED,
        already: 0,
        rejected: REJECTED,
        nothing_written: false,
    };
    assert_eq!(first, expected);
    let named = fs::read_to_string(place.rejected()).unwrap();
    assert_eq!(named.lines().count() as u64, 1 + REJECTED);
    assert!(
        named
            .lines()
            .nth(1)
            .unwrap()
            .contains("CLOSED_BEFORE_REPORTED")
    );
    let again = place.import(MAPPING, |_| {}).unwrap();
    assert_eq!((again.added, again.already), (0, ROWS - REJECTED));
    assert_eq!(place.cases(), ROWS - REJECTED);
    let verified = verify::verify(&place.node(), &setup(), |_| {}).unwrap();
    assert_eq!((verified.differences, verified.unusable), (0, None));
}

#[test]
fn neighbourhoods_and_the_rows_without_one_add_up() {
    let place = Place::new();
    let mut rows = 0;
    for neighbourhood in ["Roxbury", "", "Dorchester"] {
        rows += place
            .import(&with(MAPPING, neighbourhood), |_| {})
            .unwrap()
            .added;
    }
    let rest = place.import(MAPPING, |_| {}).unwrap();
    assert!(rows > 20 && rest.already == rows, "{rows}");
    assert_eq!(rows + rest.added, ROWS - REJECTED);
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let place = Place::new();
    let tried = place
        .import(MAPPING, |options| options.dry_run = true)
        .unwrap();
    assert_eq!((tried.added, tried.rejected), (ROWS - REJECTED, REJECTED));
    assert!(tried.nothing_written && place.rejected().exists());
    assert_eq!(place.cases(), 0);
}

#[test]
fn all_or_nothing_is_nothing_when_a_row_is_rejected() {
    let place = Place::new();
    let tried = place
        .import(MAPPING, |options| options.all_or_nothing = true)
        .unwrap();
    assert!(tried.nothing_written);
    assert_eq!((place.cases(), tried.rejected), (0, REJECTED));
    let only = with(MAPPING, "Mission Hill");
    let sound = place
        .import(&only, |options| options.all_or_nothing = true)
        .unwrap();
    assert!(!sound.nothing_written && sound.rejected == 0);
    assert_eq!(place.cases(), sound.added);
    assert!(sound.added > 0 && !place.rejected().exists());
}

#[test]
fn a_running_node_is_not_imported_into_from_beside() {
    let place = Place::new();
    let opened = store::open(&place.node(), &setup()).unwrap();
    let fault = place.import(MAPPING, |_| {}).unwrap_err();
    assert!(matches!(fault, ImportFault::NodeRunning(_)), "{fault}");
    drop(opened.store);
    opened.running.join().unwrap();
}
