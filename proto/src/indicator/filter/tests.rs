//! Filters mean what CEL means, refuse with a position, and never panic.

use super::*;
use crate::fact::{FactType, case};
use proptest::prelude::*;

fn fact_type() -> &'static FactType {
    case::COMPLETED.schema().unwrap()
}

fn fact(outcome: &str, grid: &str, duration_s: i64) -> Fact {
    Fact {
        fact_type: case::COMPLETED,
        occurred_at: jiff::Timestamp::UNIX_EPOCH,
        members: ["report", "噪音", "phone", grid, outcome, "yes"]
            .map(Into::into)
            .into(),
        measures: [duration_s].into(),
    }
}

fn holds(source: &str, fact: &Fact) -> bool {
    Filter::compile(source, fact_type())
        .unwrap()
        .lets_through(fact)
}

fn refusal(source: &str) -> String {
    Filter::compile(source, fact_type())
        .unwrap_err()
        .to_string()
}

#[test]
fn tests_mean_what_cel_means() {
    let fact = fact("done", "007", 7_200);
    for (source, expected) in [
        ("", true),
        ("true", true),
        (r#"outcome == "done""#, true),
        (r#"outcome != "done""#, false),
        (r#""done" == outcome && first == 'yes'"#, true),
        (r#"outcome == "x" || category == "噪音""#, true),
        (r#"!(outcome == "x") && !(first == "no")"#, true),
        (r#"outcome in ["x", "done"]"#, true),
        ("outcome in []", false),
        (r#"grid.startsWith("00")"#, true),
        (r#"grid.startsWith("01")"#, false),
        ("duration_s <= 7200", true),
        ("duration_s < 7200", false),
        ("7200 > duration_s", false),
        ("duration_s >= 7200 && duration_s == 7200", true),
        ("duration_s in [1, 7200, -1]", true),
        ("duration_s > -1", true),
        ("outcome == first", false),
    ] {
        assert_eq!(holds(source, &fact), expected, "{source}");
    }
}

#[test]
fn a_fact_without_the_dimension_has_no_member() {
    let mut fact = fact("done", "007", 1);
    fact.members = Box::default();
    fact.measures = Box::default();
    assert!(holds(r#"outcome == "" && duration_s == 0"#, &fact));
}

#[test]
fn mistakes_name_the_column_and_the_way_out() {
    for (source, message) in [
        (
            "outcom == \"done\"",
            "column 1: \"outcom\" is no dimension or measure of case.completed: want one of kind, category, origin, grid, outcome, first, duration_s",
        ),
        ("category == \"噪音\" && x == \"1\"", "column 21: \"x\" is"),
        (
            "outcome == 3",
            "column 9: compares a string with an integer",
        ),
        ("1 == 1", "column 3: compares a constant with a constant"),
        ("outcome < \"x\"", "column 9: strings are equal or not"),
        ("outcome", "column 1: a name alone is not yes or no"),
        ("duration_s + 1 == 2", "column 12: \"+\" is not available"),
        ("outcome in first", "column 12: want a list"),
        ("outcome in [1]", "column 13: want a list"),
        (
            "outcome.matches(\"x\")",
            "column 16: \"matches\" is not available",
        ),
        ("[1, 2].all(x, x > 0)", "is not available"),
        ("outcome == \"x\" ? true : false", "is not available"),
        ("outcome.size == 1", "\".size\" is not available"),
        ("outcome ==", "column "),
        ("1.5 < duration_s", "compares a number that is no integer"),
    ] {
        assert!(
            refusal(source).contains(message),
            "{source}: {}",
            refusal(source)
        );
    }
}

#[test]
fn long_and_deep_filters_are_refused() {
    assert!(refusal(&" ".repeat(1025)).contains("1025 bytes"));
    let name = "outcome == \"x\"";
    let deep = format!("{}{name}{}", "(".repeat(100), ")".repeat(100));
    assert!(refusal(&deep).contains("flatter"), "{}", refusal(&deep));
    let deep = format!("{}{name}", "!(\")\" == ".repeat(80));
    assert!(Filter::compile(&deep, fact_type()).is_err());
    let flat = vec!["duration_s > 1"; 50].join(" || ");
    assert!(holds(&flat, &fact("done", "001", 2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn arbitrary_text_never_panics(source in "\\PC{0,40}") {
        let _ = Filter::compile(&source, fact_type());
    }

    #[test]
    fn arbitrary_tokens_never_panic(tokens in prop::collection::vec(prop::sample::select(vec![
        "outcome", "duration_s", "\"x\"", "'", "\"", "1", "-", "!", "(", ")", "[", "]", ",", "==", "<", "in",
        "&&", "||", ".", "startsWith", "?", ":", "{", "}", "true", "null", "1.5", "0x", "b", "r", "\\", "has", "all", "\n",
    ]), 0..14)) {
        let _ = Filter::compile(&tokens.join(" "), fact_type());
        let _ = Filter::compile(&tokens.concat(), fact_type());
    }
}
