//! The register against the real list of Wenjiang district, and its rules.

use jiff::civil::date;

use super::*;

fn row(line: &str) -> Row {
    let mut fields = line.split(',').map(str::to_owned);
    let mut next = || fields.next().unwrap_or_default();
    Row {
        code: next(),
        name: next(),
        street: next(),
        kind: next(),
        opened: next(),
        closed: next(),
        successors: next(),
    }
}

fn rows(lines: &[&str]) -> Vec<Row> {
    lines.iter().map(|line| row(line)).collect()
}

fn wenjiang() -> Vec<Row> {
    let list = include_str!("../../tests/data/wenjiang-2023.csv");
    list.lines().skip(1).map(row).collect()
}

fn apply(register: &mut Register, rows: &[Row], today: Date) -> Imported {
    let imported = register.import(rows, today).unwrap();
    imported
        .events
        .iter()
        .for_each(|event| register.apply(event));
    imported
}

fn place(code: &str) -> Place {
    code.parse().unwrap()
}

const TODAY: Date = date(2026, 3, 15);

#[test]
fn the_real_district_imports_once() {
    let mut register = Register::default();
    let first = apply(&mut register, &wenjiang(), TODAY);
    assert_eq!((first.added, first.changed, first.unchanged), (95, 0, 0));
    let again = apply(&mut register, &wenjiang(), date(2026, 4, 1));
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 95));
    assert!(again.events.is_empty());

    let ruiquan = register.get(place("510115003064")).unwrap();
    assert!(ruiquan.description().name.starts_with("瑞泉馨城"));
    assert_eq!(register.inside(place("510115")).count(), 95);
    assert_eq!(register.inside(place("510115001")).count(), 19);
    assert_eq!(register.inside(place("510116")).count(), 0);
    assert_eq!(register.inside(Place::COUNTRY).count(), 95);
    let month: Period = "202601".parse().unwrap();
    assert_eq!(register.expected(place("51"), month).count(), 95);
}

#[test]
fn a_merger_is_expected_until_it_closed_and_counts_to_its_successor_after() {
    let mut register = Register::default();
    apply(&mut register, &wenjiang(), TODAY);
    let merged = rows(&[
        "510115001001,和平社区居委会,柳城街道,,,2026-02-10,510115001500",
        "510115001002,黄金路社区居委会,柳城街道,,,2026-02-10,510115001500",
        "510115001500,和平黄金社区居委会,柳城街道,old-estate,2026-02-10",
    ]);
    let imported = apply(&mut register, &merged, TODAY);
    assert_eq!((imported.added, imported.changed), (1, 2));

    let expected = |code: &str| {
        register
            .expected(place("510115"), code.parse().unwrap())
            .count()
    };
    assert_eq!(expected("202601"), 95);
    assert_eq!(
        expected("202602"),
        96,
        "both the old and the new one report"
    );
    assert_eq!(expected("202603"), 94);
    let open = |day| register.open_on(place("510115"), day).count();
    assert_eq!(open(date(2026, 2, 9)), 95);
    assert_eq!(open(date(2026, 2, 10)), 94);

    let old = place("510115001001");
    assert_eq!(register.as_of(old, date(2026, 2, 9)), old);
    assert_eq!(
        register.as_of(old, date(2026, 2, 10)),
        place("510115001500")
    );
}

#[test]
fn a_renaming_holds_from_its_day_and_an_unknown_type_is_filled_in_for_all_time() {
    let mut register = Register::default();
    apply(
        &mut register,
        &rows(&["510115001001,甲社区,柳城街道"]),
        TODAY,
    );
    let typed = rows(&["510115001001,甲社区,柳城街道,中高档住宅区社会自治型"]);
    apply(&mut register, &typed, TODAY);
    let code = place("510115001001");
    let on = |register: &Register, day| register.get(code).unwrap().described_on(day).clone();
    let long_ago = date(2001, 1, 1);
    assert_eq!(on(&register, long_ago).kind, Some(CommunityType::Upscale));

    let renamed = rows(&["510115001001,乙社区,柳城街道"]);
    apply(&mut register, &renamed, date(2026, 5, 1));
    assert_eq!(&*on(&register, date(2026, 4, 30)).name, "甲社区");
    assert_eq!(&*on(&register, date(2026, 5, 1)).name, "乙社区");
    assert_eq!(
        on(&register, date(2026, 5, 1)).kind,
        Some(CommunityType::Upscale),
        "an empty type keeps the known one"
    );
}

#[test]
fn a_wrong_row_refuses_the_whole_list_and_names_every_field() {
    let mut register = Register::default();
    let bad = rows(&[
        "510115001001,甲社区,柳城街道",
        "5101150010,乙社区,柳城街道",
        "510115001003,,柳城街道",
        "510115001004,丁社区,柳城街道,palace",
        "510115001005,戊社区,柳城街道,,2026-13-01",
        "510115001006,己社区,柳城街道,,2026-01-01,2025-01-01",
        "510115001001,甲社区,柳城街道",
        "510115001007,庚社区,柳城街道,,,2026-01-01,510115001999",
        "510115001008,辛社区,柳城街道,,,2026-01-01,510115001009",
        "510115001009,壬社区,柳城街道,,,2026-01-01,510115001008",
        "510115001010,癸社区,柳城街道,,,,510115001001",
    ]);
    let refusal = register.import(&bad, TODAY).unwrap_err();
    let named: Vec<_> = refusal
        .problems
        .iter()
        .map(|problem| (problem.row, problem.problem.field))
        .collect();
    assert_eq!(
        named,
        [
            (2, "code"),
            (3, "name"),
            (4, "type"),
            (5, "opened"),
            (6, "closed"),
            (7, "code"),
            (8, "successors"),
            (9, "successors"),
            (10, "successors"),
            (11, "closed"),
        ]
    );
    assert_eq!(refusal.total, 10);
    assert!(apply(&mut register, &bad[..1], TODAY).added == 1);
}
