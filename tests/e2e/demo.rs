//! The first thing a new user runs.

use serde_json::Value;

use crate::harness::process::{Scratch, tongxin_ok};

#[test]
fn the_demo_agrees_with_the_file_it_was_made_from() {
    let scratch = Scratch::new("demo");
    let dir = scratch.path().join("district");
    let printed = tongxin_ok(&[
        "demo",
        "--communities",
        "3",
        "--check",
        "--dir",
        &dir.to_string_lossy(),
    ]);
    let summary: Value = serde_json::from_str(&printed).expect("a JSON summary on stdout");
    assert_eq!(summary["agrees"], true, "{printed}");
    assert_eq!(summary["communities"].as_array().map(Vec::len), Some(3));
}

#[test]
fn six_places_live_through_a_year_and_the_district_sees_what_they_recorded() {
    let scratch = Scratch::new("demo-article");
    let dir = scratch.path().join("article");
    let printed = tongxin_ok(&[
        "demo",
        "--article",
        "--check",
        "--dir",
        &dir.to_string_lossy(),
    ]);
    let summary: Value = serde_json::from_str(&printed).expect("a JSON summary on stdout");
    assert_eq!(summary["agrees"], true, "{printed}");
    let numbers = summary["numbers"].as_array().expect("numbers");
    let mut places: Vec<&str> = numbers
        .iter()
        .filter_map(|number| number["community"].as_str())
        .collect();
    places.dedup();
    assert_eq!((places.len(), numbers.len() > 60), (6, true), "{printed}");
}
