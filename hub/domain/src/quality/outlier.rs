//! Outliers by the modified z-score (Iglewicz and Hoaglin 1993): how far a row is
//! from the median of all, in units of their median absolute deviation. Unlike the
//! mean and the standard deviation, these do not move with what they are to find.

use crate::query::Row;

/// Scores beyond are outliers, unless the question says otherwise.
pub const BOUND: f64 = 3.5;
/// Of fewer rows nothing can be said.
pub const FEWEST: usize = 5;

/// A normal distribution's quartile: makes the score a z-score there.
const QUARTILE: f64 = 0.6745;
/// The same for the mean absolute deviation, where more than half are equal.
const MEAN_DEVIATION: f64 = 1.253_314;

#[derive(Clone, Debug, PartialEq)]
pub struct Outlier<'a> {
    pub row: &'a Row,
    /// Negative: below the median.
    pub score: f64,
    pub median: f64,
}

/// The rows beyond `bound`, the farthest first. Rows without a number, or behind,
/// are not judged and judge nobody.
pub fn outliers(rows: &[Row], bound: f64) -> Vec<Outlier<'_>> {
    let judged: Vec<&Row> = rows.iter().filter(|row| row.value.comparable()).collect();
    if judged.len() < FEWEST {
        return Vec::new();
    }
    let median = median(judged.iter().map(|row| row.value.number).collect());
    let deviations: Vec<f64> = judged
        .iter()
        .map(|row| (row.value.number - median).abs())
        .collect();
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
    let unit = match self::median(deviations) {
        0.0 => mean * MEAN_DEVIATION,
        deviation => deviation / QUARTILE,
    };
    if unit == 0.0 {
        return Vec::new();
    }
    let scored = judged.into_iter().map(|row| Outlier {
        row,
        score: (row.value.number - median) / unit,
        median,
    });
    let mut found: Vec<Outlier<'_>> = scored
        .filter(|outlier| outlier.score.abs() > bound)
        .collect();
    found.sort_by(|a, b| b.score.abs().total_cmp(&a.score.abs()));
    found
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() % 2 {
        1 => numbers[middle],
        _ => (numbers[middle - 1] + numbers[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use proto::indicator::cell::{IndicatorId, Revision};

    use super::*;
    use crate::query::{Coverage, Key, Value};

    fn rows(numbers: &[Option<f64>]) -> Vec<Row> {
        let rows = numbers.iter().map(|number| Row {
            indicator: IndicatorId(1),
            revision: Revision(1),
            key: Key::default(),
            period: None,
            member: None,
            value: Value::of_number(*number),
            coverage: Coverage::default(),
            compared: Vec::new(),
            rank: 0,
            approval: None,
        });
        rows.collect()
    }

    fn found(numbers: &[f64]) -> Vec<(f64, f64)> {
        let rows = rows(&numbers.iter().map(|n| Some(*n)).collect::<Vec<_>>());
        let found = outliers(&rows, BOUND).into_iter();
        found
            .map(|one| (one.row.value.number, (one.score * 1000.0).round() / 1000.0))
            .collect()
    }

    #[test]
    fn what_lies_far_from_the_median_is_found_with_its_score() {
        assert_eq!(
            found(&[2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2]),
            [(8.2, 19.56)]
        );
        assert_eq!(found(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), []);
        let both = found(&[-90.0, 10.0, 11.0, 12.0, 13.0, 14.0, 60.0]);
        assert_eq!(both, [(-90.0, -34.399), (60.0, 16.188)]);
    }

    #[test]
    fn where_most_are_equal_the_mean_deviation_judges() {
        assert_eq!(
            found(&[7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 9.0]),
            [(9.0, 6.383)]
        );
        assert_eq!(found(&[7.0; 8]), []);
    }

    #[test]
    fn of_few_and_of_what_was_not_reported_nothing_is_said() {
        assert_eq!(found(&[1.0, 1.0, 1.0, 99.0]), []);
        let rows = rows(&[Some(1.0), Some(1.0), Some(1.0), Some(99.0), None, None]);
        assert_eq!(outliers(&rows, BOUND), []);
    }
}
