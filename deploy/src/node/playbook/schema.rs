//! Tests of the format's published schema: what ships conforms to it, it has the
//! reader's own keys, and what it marks as wrong the reader refuses. Checks every
//! keyword that the schema uses but `pattern`, and fails on any other.

use std::{collections::BTreeSet, fs, path::Path};

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

/// What is wrong in a playbook, as the schema sees it.
fn wrong(text: &str) -> Vec<String> {
    let playbook: Value = toml::from_str(text).unwrap();
    let schema = schema();
    let mut found = Vec::new();
    check(&schema, &schema, &playbook, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                check(root, &root["$defs"][name], value, at, found);
                true
            }
            "type" => match wanted.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "boolean" => value.is_boolean(),
                other => panic!("type {other}"),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_i64() >= wanted.as_i64(),
            "maximum" => value.as_i64() <= wanted.as_i64(),
            "minItems" => size(value) >= wanted.as_u64(),
            "maxItems" => size(value) <= wanted.as_u64(),
            "minLength" => length(value) >= wanted.as_u64(),
            "maxLength" => length(value) <= wanted.as_u64(),
            "required" => {
                let mut keys = wanted.as_array().unwrap().iter();
                keys.all(|key| value.get(key.as_str().unwrap()).is_some())
            }
            "anyOf" => wanted.as_array().unwrap().iter().any(|one| {
                let mut inside = Vec::new();
                check(root, one, value, at, &mut inside);
                inside.is_empty()
            }),
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, item, &format!("{at}/{place}"), found);
                }
                true
            }
            "properties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    match wanted.get(key) {
                        Some(wanted) => check(root, wanted, item, &format!("{at}/{key}"), found),
                        None => found.push(format!("{at}/{key}: no such key")),
                    }
                }
                true
            }
            // Closed, as `properties` has it.
            "additionalProperties" => *wanted == false,
            "pattern" | "description" | "title" | "$schema" | "$defs" => true,
            other => panic!("keyword {other}"),
        };
        if !holds {
            found.push(format!("{at}: {keyword} {wanted}"));
        }
    }
}

fn size(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
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
        let brackets = match outer {
            "calendar" => "[calendar]".to_owned(),
            _ => format!("[[{outer}]]"),
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
        ("complete = \"7 days\"", "complete = 7"),
        ("zone = \"Asia/Shanghai\"", ""),
        ("form = \"grant\"", "form = \"loan\""),
        ("reporters = [", "reporters = [\"mayor\", "),
        ("levels = 5", "levels = 50"),
        ("code = \"qingshan\"", "code = 1"),
        ("revision = 1", "revision = 1\ncolour = \"red\""),
    ] {
        assert!(qingshan.contains(right), "{right}");
        let text = qingshan.replacen(right, planted, 1);
        assert!(!wrong(&text).is_empty(), "{planted}: the schema");
        assert!(Playbook::parse(&text).is_err(), "{planted}: the reader");
    }
}
