//! The workbook there and back: what is written is read, mistakes are found where
//! they were planted, and what came back marked is read again.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use tempfile::tempdir;

use super::check::{Against, Ready};
use super::read::{Row, rows};
use super::write::{Outcome, Results};
use super::*;

fn shipped() -> Playbooks {
    named(&[
        "tianning".to_owned(),
        "qingshan".to_owned(),
        "ruiquan".to_owned(),
    ])
    .unwrap()
}

struct Sample {
    playbooks: Playbooks,
    zone: TimeZone,
}

impl Sample {
    fn new() -> Sample {
        Sample {
            playbooks: shipped(),
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
        }
    }

    fn check(&self, code: &str, csv: &str) -> Vec<Result<Ready, BTreeMap<String, String>>> {
        let dir = tempdir().unwrap();
        let file = dir.path().join(format!("{code}.csv"));
        fs::write(&file, csv).unwrap();
        let kind = register(&self.playbooks, None, &file).unwrap();
        let columns = Column::of(&kind.rules);
        let read = rows(&file, code, &columns).unwrap();
        let checked = read
            .iter()
            .map(|row| self.against(kind, &columns).check(row));
        checked
            .map(|one| {
                one.map_err(|marks| {
                    let named = |mark: &check::Mark| {
                        let column = mark.column.map_or("", Column::key);
                        (column.to_owned(), mark.words())
                    };
                    marks.iter().map(named).collect()
                })
            })
            .collect()
    }

    fn against<'a>(&'a self, kind: &'a Kind, columns: &'a [Column]) -> Against<'a> {
        Against {
            kind,
            columns,
            playbooks: &self.playbooks,
            zone: &self.zone,
            now: "2026-03-02T01:00:00Z".parse().unwrap(),
        }
    }
}

#[test]
fn a_register_is_named_by_its_file() {
    let playbooks = shipped();
    let code = |file: &str| {
        let found = register(&playbooks, None, Path::new(file));
        found
            .map(|kind| kind.code.to_string())
            .map_err(|no| no.text)
    };
    assert_eq!(code("residents.xlsx").unwrap(), "residents");
    assert_eq!(code("owners.checked.xlsx").unwrap(), "owners");
    assert_eq!(code("courtyard-grids.csv").unwrap(), "courtyard-grids");
    // Two registers of grids: which one is for a person to say.
    let refused = code("grids.xlsx").unwrap_err();
    assert!(refused.contains("social-work-grids"), "{refused}");
    assert!(code("gardens.xlsx").is_err(), "plots are not rows");
    let named = register(&playbooks, Some("volunteers"), Path::new("名单.xlsx"));
    assert_eq!(named.unwrap().code.as_str(), "volunteers");
}

#[test]
fn every_planted_mistake_is_found_in_its_cell() {
    let owners = "姓名,电话,住址,网格,楼栋单元,面积（平方米）,开始日期\n\
        王秀英,13900000000,3 幢 201,3,3-2,90.5,2026/3/1\n\
        ,13900000000,3 幢 202,003,3-2,90.50,\n\
        李娜,110101199003077758,3 幢 203,1000,楼上,九十,2026-02-30\n\
        张伟,,,004,3-2,90.555,2026年3月1日\n";
    let checked = Sample::new().check("owners", owners);
    let good = checked[0].as_ref().unwrap();
    assert_eq!(good.request.grid, "003");
    assert_eq!((good.request.unit, good.line), (9_050, 2));
    assert_eq!(good.request.from_day, "2026-03-01");
    let wrong = |at: usize| {
        let marks = checked[at].as_ref().unwrap_err();
        marks.keys().map(String::as_str).collect::<Vec<_>>()
    };
    assert_eq!(wrong(1), ["name"]);
    assert_eq!(wrong(2), ["area", "from_day", "grid", "phone", "unit"]);
    assert_eq!(wrong(3), ["address", "unit"]);
}

#[test]
fn what_the_engine_refuses_is_marked_too_and_stages_are_walked() {
    let sample = Sample::new();
    let volunteers = "姓名,类别,状态\n赵敏,red-vest,active\n钱进,green-vest,\n孙丽,,lost\n";
    let checked = sample.check("volunteers", volunteers);
    let way: Vec<&str> = checked[0]
        .as_ref()
        .unwrap()
        .stages
        .iter()
        .map(Code::as_str)
        .collect();
    assert_eq!(way, ["active"]);
    let words = |at: usize, column: &str| checked[at].as_ref().unwrap_err()[column].clone();
    assert!(
        words(1, "group").contains("red-armband"),
        "the choice is told"
    );
    assert!(words(2, "stage").contains("suspended"));
    // Left is two steps away only for who was active; it follows any stage.
    let talents = "name,group,consented_on\n周正,law,2026-03-01\n吴芳,law,2026-03-03\n郑华,law,\n";
    let checked = sample.check("talents", talents);
    assert!(checked[0].is_ok());
    for at in [1, 2] {
        assert!(
            checked[at]
                .as_ref()
                .unwrap_err()
                .contains_key("consented_on")
        );
    }
}

#[test]
fn what_came_back_marked_is_read_again_as_it_was() {
    let sample = Sample::new();
    let dir = tempdir().unwrap();
    let kind = register(&sample.playbooks, Some("owners"), Path::new("")).unwrap();
    let columns = Column::of(&kind.rules);
    let csv = dir.path().join("owners.csv");
    let text = "\u{feff}姓名,电话,住址,网格,面积（平方米）,备注\n\
        王秀英,013900000000,3 幢 201,003,90.5,=1+1\n李娜,,,,x,\n";
    fs::write(&csv, text).unwrap();
    let first: Vec<Row> = rows(&csv, "owners", &columns).unwrap();
    let mut results = Results::new();
    for row in &first {
        let outcome = match sample.against(kind, &columns).check(row) {
            Ok(_) => Outcome::Done("entries/1".to_owned()),
            Err(marks) => Outcome::Wrong(marks),
        };
        results.insert(row.line, outcome);
    }
    let told = first.iter().map(|row| (row, &results[&row.line]));
    let marked = dir.path().join("owners.checked.xlsx");
    let bytes = Book::checked(kind, &columns, told).bytes().unwrap();
    fs::write(&marked, bytes).unwrap();
    let second = rows(&marked, "owners", &columns).unwrap();
    let cells = |rows: &[Row]| -> Vec<Vec<String>> {
        let row = |row: &Row| {
            columns
                .iter()
                .map(|one| row.cell(*one).to_owned())
                .collect()
        };
        rows.iter().map(row).collect()
    };
    assert_eq!(cells(&second), cells(&first), "also 013900000000 and =1+1");
    assert_eq!(second[0].line, 3, "below keys and headings");
    // A workbook of another register is not taken for this one.
    let other = rows(&marked, "residents", &columns).unwrap_err();
    assert!(other.text.contains("tongxin/1/owners"), "{}", other.text);
}

#[test]
fn files_that_are_no_register_say_what_is_wrong() {
    let sample = Sample::new();
    let kind = register(&sample.playbooks, Some("owners"), Path::new("")).unwrap();
    let columns = Column::of(&kind.rules);
    let dir = tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        fs::write(&file, bytes).unwrap();
        rows(&file, "owners", &columns).unwrap_err().text
    };
    assert!(refused("a.csv", "身高,体重\n180,70\n".as_bytes()).contains("标题行"));
    let unknown = "姓名,住址,宠物\n王秀英,3 幢 201,猫\n".as_bytes();
    assert!(refused("b.csv", unknown).contains("宠物"));
    let twice = "姓名,姓名,住址\n王,秀英,3 幢 201\n".as_bytes();
    assert!(refused("c.csv", twice).contains("两个"));
    assert!(refused("d.csv", &[0xd0, 0xd5, 0xc3, 0xfb, b'\n']).contains("UTF-8"));
    assert!(!refused("e.xlsx", b"no workbook").is_empty());
    assert!(refused("f.ods", b"").contains(".xlsx"));
}
