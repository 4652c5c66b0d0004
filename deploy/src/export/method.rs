//! The statement of method that goes with every file: what was asked, how each
//! indicator is defined, how complete the numbers are, what was left out and why.

use std::fmt::Write as _;

use proto::pb::{hub as pb, types};

use super::Answer;
use super::point::has_number;

pub fn statement(answer: &Answer<'_>) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line("同心 方法说明 · Tongxin statement of method".to_owned());
    line(format!("答于 answered at: {}", answer.answered_at));
    line(format!("所问 asked: {}", answer.question));
    line(format!("行数 rows: {}", answer.rows.len()));
    line(format!(
        "无数 without a value: {}",
        without_value(answer.rows)
    ));
    line(format!("覆盖 coverage: {}", coverage(answer.rows)));
    line("比率以分子、分母分别合计，从不平均 · rates are sums of numerators over sums of denominators, never averages".to_owned());
    for definition in answer.definitions {
        line(String::new());
        line(defined(definition));
    }
    text
}

fn defined(definition: &types::IndicatorDefinition) -> String {
    let mut text = format!(
        "{}@{} {} · {}",
        definition.code, definition.revision, definition.name_zh, definition.name_en
    );
    let protection = definition.protection().as_str_name();
    let grain = definition.base_grain().as_str_name();
    let named = [
        ("单位 unit", definition.unit.as_str()),
        ("粒度 base grain", grain.trim_start_matches("GRAIN_")),
        (
            "保护 protection",
            match definition.formula.as_str() {
                "" => protection.trim_start_matches("PROTECTION_CLASS_"),
                _ => "",
            },
        ),
        ("责任方 owner", definition.owner.as_str()),
        ("理由 reason", definition.reason.as_str()),
        ("终止 sunset", definition.sunset.as_str()),
    ];
    for (name, said) in named.into_iter().filter(|(_, said)| !said.is_empty()) {
        let _ = write!(text, "\n  {name}: {said}");
    }
    if !definition.formula.is_empty() {
        let _ = write!(text, "\n  算法 computed as: {}", definition.formula);
    }
    if let Some(accumulator) = &definition.accumulator {
        let _ = write!(text, "\n  算法 computed as: {}", computed(accumulator));
    }
    text
}

fn computed(accumulator: &types::AccumulatorSpec) -> String {
    let selected = |selector: &types::Selector| match selector.filter.as_str() {
        "" => selector.fact_type.clone(),
        filter => format!("{} where {filter}", selector.fact_type),
    };
    let kind = accumulator
        .kind()
        .as_str_name()
        .trim_start_matches("ACCUMULATOR_KIND_");
    let mut text = kind.to_lowercase();
    let named = [("of", &accumulator.of), ("over", &accumulator.denominator)];
    for (name, selector) in named {
        if let Some(selector) = selector {
            let _ = write!(text, " {name} ({})", selected(selector));
        }
    }
    for said in [&accumulator.measure, &accumulator.dimension] {
        if !said.is_empty() {
            let _ = write!(text, " by {said}");
        }
    }
    if !accumulator.bucket_bounds.is_empty() {
        let _ = write!(text, " up to {:?}", accumulator.bucket_bounds);
    }
    text
}

/// By state, for example `NONE 3, PROTECTED 1`.
fn without_value(rows: &[pb::Row]) -> String {
    let mut counted: std::collections::BTreeMap<&str, u32> = Default::default();
    for value in rows.iter().filter_map(|row| row.value.as_ref()) {
        if !has_number(value) {
            let state = value.state().as_str_name();
            *counted
                .entry(state.trim_start_matches("VALUE_STATE_"))
                .or_default() += 1;
        }
    }
    let counted: Vec<String> = counted
        .into_iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    if counted.is_empty() {
        "0".to_owned()
    } else {
        counted.join(", ")
    }
}

/// The least complete row's, and the oldest watermark.
fn coverage(rows: &[pb::Row]) -> String {
    let covered = rows.iter().filter_map(|row| row.coverage.as_ref());
    let least = covered.clone().min_by(|a, b| {
        let left = u64::from(a.reporting) * u64::from(b.expected);
        left.cmp(&(u64::from(b.reporting) * u64::from(a.expected)))
    });
    let oldest = covered.filter_map(|coverage| coverage.oldest_watermark);
    let oldest = oldest.min_by_key(|at| (at.seconds, at.nanos));
    match least {
        None => "–".to_owned(),
        Some(least) => format!(
            "至少 at least {}/{}, 最旧水位 oldest watermark {}",
            least.reporting,
            least.expected,
            oldest.map_or_else(|| "–".to_owned(), crate::client::time_text)
        ),
    }
}
