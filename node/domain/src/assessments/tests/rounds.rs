//! Rounds of a third party, and what a published one says to others.

use super::*;

/// 第三方评估分轮次；机构不评自己任职的地方；公布的那一版算数。
#[test]
fn a_third_party_evaluates_in_rounds_and_the_published_version_holds() {
    let round = |number: u8, points: u16| {
        let mut trial = Trial::new(QINGHE, START);
        let open = Open {
            kind: code("local-capacity"),
            subject: COMPANY,
            grid: None,
            year: 2026,
            number,
        };
        act(&mut trial, Action::Open(open));
        let tied = Action::Appoint {
            part: code("third-party"),
            by: 3,
            has_ties: true,
        };
        assert_eq!(refused(&mut trial, tied), "SCORER_IS_SCORED");
        act(&mut trial, appoint("third-party", 3));
        act(&mut trial, score(3, points));
        assert_eq!(one(&trial).reached(60), None, "nothing is published");
        publish(&mut trial);
        trial
    };
    for (number, points, reaches) in [(1, 59, false), (2, 60, true), (3, 81, true)] {
        let trial = round(number, points);
        assert_eq!(one(&trial).number, number);
        let (_, found) = one(&trial).reached(60).unwrap();
        assert_eq!(found, reaches, "{points}");
    }
    let mut corrected = round(4, 90);
    let reason = "漏计一票".parse().unwrap();
    act(&mut corrected, Action::Correct { reason });
    assert_eq!(one(&corrected).reached(60), None, "it holds no more");
    act(&mut corrected, score(3, 40));
    publish(&mut corrected);
    assert_eq!(
        one(&corrected).reached(60).map(|found| found.1),
        Some(false)
    );
}
