//! The worked examples of `docs/indicators.md`: what the page says comes out does.

use jiff::tz::TimeZone;
use proto::fact::{Fact, FactType};
use proto::indicator::catalogue::Catalogue;

use super::{Evaluator, backfill};

const PAGE: &str = include_str!("../../../../docs/indicators.md");

/// The fenced blocks of one language, in the page's order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let found = PAGE.split(fence.as_str()).skip(1);
    found
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block))
        .collect()
}

fn fact(line: &str) -> Fact {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (at, code, members, measures) = (word(), word(), word(), word());
    let schema = FactType::by_code(code).unwrap_or_else(|| panic!("{code} is no fact type"));
    let measures = measures.split(',').filter(|number| !number.is_empty());
    let fact = Fact {
        fact_type: schema.id,
        occurred_at: at.parse().unwrap(),
        members: members.split(',').map(Into::into).collect(),
        measures: measures.map(|number| number.parse().unwrap()).collect(),
    };
    assert_eq!(fact.members.len(), schema.dimensions.len(), "{line}");
    assert_eq!(fact.measures.len(), schema.measures.len(), "{line}");
    fact
}

/// One line per cell, as the page writes them.
fn cells(definitions: &str, facts: &str) -> Vec<String> {
    let catalogue = Catalogue::from_toml(definitions).unwrap_or_else(|wrong| panic!("{wrong}"));
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let evaluator = Evaluator::new(&catalogue, zone);
    let facts: Vec<Fact> = facts.lines().map(fact).collect();
    let tally = backfill(&evaluator, &facts).unwrap();
    let cells = tally.cells.iter().map(|(key, accumulator)| {
        let named = catalogue
            .definitions()
            .find(|definition| definition.id == key.indicator);
        let code = named
            .map(|definition| definition.code.to_string())
            .unwrap_or_default();
        let members = (0..4)
            .map(|at| key.breakdown.member(at))
            .filter(|member| *member != 0);
        let members: Vec<String> = members.map(|member| member.to_string()).collect();
        let members = if members.is_empty() {
            "-".to_owned()
        } else {
            members.join(",")
        };
        let value = match accumulator.fraction() {
            Some((numerator, denominator)) => format!("{numerator}/{denominator}"),
            None => accumulator.number().unwrap().to_string(),
        };
        format!("{code}@{} {} {members} {value}", key.revision.0, key.period)
    });
    cells.collect()
}

#[test]
fn worked_examples_give_what_they_say() {
    let (definitions, facts, said) = (blocks("toml"), blocks("facts"), blocks("cells"));
    assert_eq!((definitions.len(), facts.len(), said.len()), (3, 3, 3));
    for ((definitions, facts), said) in definitions.into_iter().zip(facts).zip(said) {
        assert_eq!(cells(definitions, facts), said.lines().collect::<Vec<_>>());
    }
}
