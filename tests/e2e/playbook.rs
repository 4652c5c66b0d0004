//! A community writes its own playbook, adopts it on a running node, amends it, and
//! reads back what it had when: the worked example of `docs/playbooks.md`.

use std::{fs, path::Path};

use crate::harness::{
    Community,
    calls::Caller,
    district::{RUIQUAN, rows},
    process::{Scratch, tongxin, tongxin_ok},
};

/// The one playbook that the page shows whole.
fn example() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/playbooks.md");
    let page = fs::read_to_string(page).expect("the page");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn a_community_adopts_the_worked_example_and_amends_it() {
    let scratch = Scratch::new("playbook");
    let mut node = Community::in_dir(scratch.path().join(RUIQUAN), RUIQUAN, &[]);
    let dir = node.dir();
    // Nothing is read from the configuration any more.
    let config = fs::read_to_string(node.path().join("config.toml")).expect("config.toml");
    assert!(!config.contains("playbooks"), "{config}");
    assert!(!node.path().join("playbooks").exists());
    node.start();
    let file = scratch.path().join("liuyin.toml");
    let file = file.to_string_lossy();
    let write = |text: &str| fs::write(&*file, text).expect("a file");
    let first = example();
    write(&first);
    tongxin_ok(&["node", "playbook", "check", &file]);
    tongxin_ok(&["node", "playbook", "adopt", "--dir", &dir, &file, "qinghe"]);
    let mut resident = Caller::new(&node, "resident", "wx-1");
    let case = resident.report("stairwell-clutter", "三楼堆了纸箱");
    let case = case.expect("a case of the community's own kind");
    assert_eq!(case.rules, "liuyin@1");
    // What was in force before is not any more.
    assert!(resident.report("street-light", "路灯不亮").is_err());

    let second = first.replace("revision = 1", "revision = 2");
    write(&second.replace("complete = \"2 days\"", "complete = \"2 dayz\""));
    let broken = tongxin(&["node", "playbook", "amend", "--dir", &dir, &file]);
    assert_eq!(broken.status.code(), Some(65));
    let said = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(
        said.contains("kind.stairwell-clutter.complete") && said.contains("2 dayz"),
        "{said}"
    );
    write(&second);
    tongxin_ok(&["node", "playbook", "amend", "--dir", &dir, &file]);

    node.kill();
    node.start();
    let mut resident = Caller::new(&node, "resident", "wx-1");
    let later = resident
        .report("stairwell-clutter", "四楼也有")
        .expect("a case");
    assert_eq!(later.rules, "liuyin@2");
    assert_eq!(
        resident.get(&case.name).expect("the case").rules,
        "liuyin@1"
    );
    let history = tongxin_ok(&[
        "node", "playbook", "history", "--dir", &dir, "--output", "json",
    ]);
    let history: Vec<String> = rows(&history)
        .iter()
        .map(|row| format!("{} {} {}", row["id"], row["in_force"], row["token"]).replace('"', ""))
        .collect();
    let wanted = [
        "qingshan@1 no null",
        "liuyin@1 no tokens/1",
        "qinghe@1 yes tokens/1",
        "liuyin@2 yes tokens/1",
    ];
    assert_eq!(history, wanted);
    let shown = tongxin_ok(&["node", "playbook", "show", "liuyin@1", "--dir", &dir]);
    assert_eq!(shown, first);
    node.stop();
}
