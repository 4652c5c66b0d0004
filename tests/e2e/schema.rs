//! The published schema of catalogue files, held against every file that ships
//! by a validator that is not ours, and against files that are wrong.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use proto::indicator::catalogue::Catalogue;

use crate::harness::{catalogue_of_one, process::Scratch};

/// What the validator says of each file; `None`: nothing.
fn verdicts(files: &[String]) -> BTreeMap<String, Option<String>> {
    let Ok(python) = env::var("TONGXIN_PYTHON") else {
        panic!("TONGXIN_PYTHON is not set: run ./tests/run, which makes a Python with readers");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python)
        .arg(root.join("tests/e2e/check_schema.py"))
        .arg(root.join("docs/schema/catalogue.schema.json"))
        .args(files)
        .output();
    let output = output.expect("python runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn every_shipped_catalogue_is_as_the_schema_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = fs::read_dir(root.join("deploy/catalogue")).expect("catalogues");
    let shipped = shipped.map(|entry| entry.expect("a file").path());
    let example = root.join("deploy/examples/boston/catalogue.toml");
    let files: Vec<String> = shipped
        .chain([example])
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    assert!(files.len() > 10, "{files:?}");
    let verdicts = verdicts(&files);
    assert_eq!(verdicts.len(), files.len());
    for (file, wrong) in verdicts {
        assert_eq!(wrong, None, "{file}");
    }
}

#[test]
fn what_the_program_refuses_the_schema_does_not_let_through() {
    let scratch = Scratch::new("schema");
    let sound = catalogue_of_one(9000);
    let spoilt = [
        ("unit = \"件\"", "unit = \"\""),
        ("id = 9000", "id = 0"),
        ("QS.X9000", "qs.x9000"),
        ("kind = \"count\"", "kind = \"average\""),
        ("kind = \"count\"", "kind = \"ratio\""),
        ("kind = \"count\"", "kind = \"sum\""),
        ("base_grain = \"day\"", "base_grain = \"decade\""),
        ("protection = \"A\"", "protection = \"D\""),
        (
            "protection = \"A\"",
            "formula = \"QS.R01@1\"\nprotection = \"A\"",
        ),
        ("direction = \"context\"\n", ""),
        ("owner = ", "owners = "),
    ];
    let write = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let mut files = vec![write("sound.toml", &sound)];
    assert!(Catalogue::from_toml(&sound).is_ok());
    for (at, (before, after)) in spoilt.into_iter().enumerate() {
        let text = sound.replacen(before, after, 1);
        assert_ne!(text, sound, "{before}");
        assert!(Catalogue::from_toml(&text).is_err(), "{after}");
        files.push(write(&format!("spoilt-{at:02}.toml"), &text));
    }
    let verdicts = verdicts(&files);
    for (file, wrong) in &verdicts {
        assert_eq!(
            wrong.is_none(),
            file.ends_with("sound.toml"),
            "{file}: {wrong:?}"
        );
    }
}
