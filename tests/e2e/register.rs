//! A register from its template to its entries, with a spreadsheet program's
//! library in between that is not ours.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::Community;
use crate::harness::district::rows;
use crate::harness::process::{Scratch, tongxin, tongxin_ok};

struct Desk {
    node: Community,
    scratch: Scratch,
}

impl Desk {
    fn start(test: &str) -> Desk {
        let scratch = Scratch::new(test);
        let dir = scratch.path().join("node");
        let mut node = Community::in_dir(dir, "510115003064", &["--playbook", "qingshan"]);
        node.start();
        Desk { node, scratch }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// What the other library says of a file.
    fn python(&self, args: &[&str]) -> Value {
        let Ok(python) = env::var("TONGXIN_PYTHON") else {
            panic!("TONGXIN_PYTHON is not set: run ./tests/run, which makes a Python with readers");
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/fill_register.py");
        let output = Command::new(python).arg(script).args(args).output();
        let output = output.expect("python runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn import(&self, file: &Path, more: &[&str]) -> Value {
        let (dir, file) = (self.node.dir(), file.to_string_lossy().into_owned());
        let args = ["node", "import", "register", "--dir", &dir, &file];
        let json = ["--output", "json"];
        rows(&tongxin_ok(&[&args[..], more, &json].concat())).remove(0)
    }

    /// rows, added, already, rejected, written.
    fn counts(&self, file: &Path, more: &[&str]) -> Value {
        let said = self.import(file, more);
        let keys = ["rows", "added", "already", "rejected", "written"];
        keys.map(|key| said[key].clone()).to_vec().into()
    }
}

#[test]
fn a_register_is_filled_in_checked_put_right_and_imported_once() {
    let desk = Desk::start("register-workbook");
    let template = desk.file("volunteers.xlsx");
    let path = |file: &Path| file.to_string_lossy().into_owned();
    let dir = desk.node.dir();
    tongxin_ok(&["node", "template", "--dir", &dir, &path(&template)]);

    let seen = desk.python(&["look", &path(&template)]);
    assert_eq!(
        seen["keys"],
        json!([
            "name",
            "phone",
            "address",
            "group",
            "grid",
            "from_day",
            "stage",
            "text",
            "remark",
            "tongxin/1/volunteers"
        ])
    );
    assert_eq!(seen["titles"][0], "姓名 *\nName");
    assert_eq!(
        (&seen["hidden"], &seen["protected"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(seen["rules"]["group"]["type"], "list");
    assert_eq!(
        seen["rules"]["group"]["choice"],
        json!(["red-vest", "red-armband"])
    );
    let stages = json!(["registered", "active", "suspended", "left"]);
    assert_eq!(seen["rules"]["stage"]["choice"], stages);
    assert_eq!(seen["rules"]["grid"]["type"], "textLength");
    assert_eq!(seen["rules"]["from_day"]["type"], "date");
    assert!(seen["instructions"].as_u64() > Some(10));

    let filled = desk.file("filled.xlsx");
    desk.python(&[
        "fill",
        &path(&template),
        &path(&filled),
        "王秀英|13900000001|3 幢 201|red-vest|003|2026-03-01|active",
        "李娜|13900000002|3 幢 202|green-vest|003|2026-03-01|active",
        "张伟|110101199003077758||red-vest|1003|2026-02-30",
        "|13900000004|3 幢 204|red-vest|003",
        "王秀英|13900000001|3 幢 201|red-armband|003",
        "赵敏|13900000006|3 幢 206|red-armband|004||suspended",
    ]);
    let named = ["--register", "volunteers"];
    let dry = [&named[..], &["--dry-run"]].concat();
    assert_eq!(desk.counts(&filled, &dry), json!([6, 2, 0, 4, "no"]));
    // All or nothing: nothing.
    let (dir, file) = (desk.node.dir(), path(&filled));
    let whole = ["node", "import", "register", "--dir", &dir, &file];
    let refused = tongxin(&[&whole[..], &named, &["--all-or-nothing"]].concat());
    assert_eq!(refused.status.code(), Some(65));
    assert_eq!(desk.counts(&filled, &dry), json!([6, 2, 0, 4, "no"]));

    assert_eq!(desk.counts(&filled, &named), json!([6, 2, 0, 4, "yes"]));
    let checked = desk.file("filled.checked.xlsx");
    let marks = desk.python(&["marks", &path(&checked)]);
    let marked = |row: usize| marks[row]["marked"].clone();
    assert_eq!(marked(0), json!([]));
    let done = marks[0]["remark"].as_str().unwrap();
    assert!(done.starts_with("entries/"), "{done}");
    assert_eq!(marked(1), json!(["group"]));
    assert!(marks[1]["remark"].as_str().unwrap().contains("red-vest"));
    assert_eq!(marked(2), json!(["phone", "grid", "from_day"]));
    assert_eq!(marked(3), json!(["name"]));
    assert_eq!(marks[4]["remark"], "与第 3 行相同 · the same as row 3");
    assert_eq!(marked(5), json!([]));

    // What came back is put right and imported: what is there stays as it is.
    let again = desk.file("again.xlsx");
    desk.python(&[
        "fill",
        &path(&checked),
        &path(&again),
        "",
        "|||red-vest",
        "|13900000003|||003|2026-03-01",
        "孙丽",
        "周正|13900000005",
    ]);
    assert_eq!(desk.counts(&again, &named), json!([6, 4, 2, 0, "yes"]));
    assert_eq!(desk.counts(&again, &named), json!([6, 0, 6, 0, "yes"]));
    // Who is in the register with other details is not changed by an import.
    let moved = desk.file("volunteers.csv");
    std::fs::write(&moved, "姓名,电话,网格\n王秀英,13900000001,009\n").unwrap();
    assert_eq!(desk.counts(&moved, &[]), json!([1, 0, 0, 1, "yes"]));
    let marks = desk.python(&["marks", &path(&desk.file("volunteers.checked.xlsx"))]);
    assert_eq!(marks[0]["marked"], json!(["grid"]));
}
