//! Tests of the format's published schema: what ships conforms to it, it has the
//! reader's own keys, and what it marks as wrong the reader refuses.

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use node_domain::playbook::Playbook;
use serde_json::Value;

use super::SHIPPED;

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema() -> Value {
    serde_json::from_str(&page("schema/playbook.json")).unwrap()
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

fn wrong(text: &str) -> Vec<String> {
    let playbook: Value = toml::from_str(text).unwrap();
    let validator = validator();
    let wrong = validator.iter_errors(&playbook);
    wrong
        .map(|wrong| format!("{}: {wrong}", wrong.instance_path()))
        .collect()
}

#[test]
fn what_ships_and_the_worked_example_conform_to_the_schema() {
    let page = page("playbooks.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    for (code, text) in SHIPPED.iter().chain(&[("the example", example)]) {
        assert_eq!(wrong(text), [""; 0], "{code}");
        assert!(Playbook::parse(text).is_ok(), "{code}");
    }
}

/// The keys that the reader names when it meets one that it does not know.
fn keys(text: &str) -> BTreeSet<String> {
    let mistakes = Playbook::parse(text).unwrap_err();
    let unknown = mistakes.iter().find(|one| one.field.ends_with("zzz"));
    let unknown = unknown.unwrap_or_else(|| panic!("{text}: {mistakes:?}"));
    let (_, keys) = unknown.en.split_once("there are ").unwrap();
    keys.split(", ").map(str::to_owned).collect()
}

fn properties(of: &Value) -> BTreeSet<String> {
    assert_eq!(of["additionalProperties"], false, "{of}");
    let properties = of["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

#[test]
fn the_schema_has_the_readers_keys() {
    let schema = schema();
    assert_eq!(properties(&schema), keys("zzz = 1"));
    let of = |name: &str| &schema["$defs"][name];
    for name in ["calendar", "defaults"] {
        assert_eq!(
            properties(of(name)),
            keys(&format!("[{name}]\nzzz = 1")),
            "{name}"
        );
    }
    let mut kinds = 0;
    for (name, value) in schema["properties"].as_object().unwrap() {
        let Some(kind) = value["items"]["$ref"].as_str() else {
            continue;
        };
        let kind = kind.rsplit('/').next().unwrap();
        let text = format!("[[{name}]]\ncode = \"a\"\nzzz = 1");
        assert_eq!(properties(of(kind)), keys(&text), "{name}");
        kinds += 1;
    }
    assert_eq!(kinds, 14);
    for (outer, inner) in [
        ("calendar", "year"),
        ("register", "stage"),
        ("register", "role"),
        ("assessment", "part"),
        ("profile", "threshold"),
    ] {
        let brackets = if outer == "calendar" {
            "[calendar]"
        } else {
            &*format!("[[{outer}]]")
        };
        let text = format!("{brackets}\n[[{outer}.{inner}]]\nzzz = 1");
        let nested = &of(outer)["properties"][inner]["items"];
        assert_eq!(properties(nested), keys(&text), "{outer}.{inner}");
    }
}

#[test]
fn what_the_schema_marks_as_wrong_the_reader_refuses() {
    let (_, qingshan) = SHIPPED[0];
    for (right, planted) in [
        ("revision = 1", "revision = 0"),
        ("complete = \"7 days\"", "complete = \"7 dayz\""),
        ("zone = \"Asia/Shanghai\"", ""),
        ("form = \"grant\"", "form = \"loan\""),
        ("reporters = [", "reporters = [\"mayor\", "),
        ("levels = 5", "levels = 50"),
        ("code = \"qingshan\"", "code = \"Qing Shan\""),
        ("revision = 1", "revision = 1\ncolour = \"red\""),
    ] {
        assert!(qingshan.contains(right), "{right}");
        let text = qingshan.replacen(right, planted, 1);
        assert!(!wrong(&text).is_empty(), "{planted}: the schema");
        assert!(Playbook::parse(&text).is_err(), "{planted}: the reader");
    }
}
