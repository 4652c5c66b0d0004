//! What is stored is what was told, in both formats, however often it comes.

use super::*;

fn row(place: &str, members: &str, seq: u64, number: Option<f64>) -> pb::FeedRow {
    pb::FeedRow {
        place: place.into(),
        indicator: "QS.R02".into(),
        revision: 1,
        period: "202601".into(),
        members: vec![members.into()],
        lineage: 1,
        seq,
        kind: 3,
        state: vec![1, 2, 255].into(),
        number,
        numerator: number.map(|number| number as i64),
        ..pb::FeedRow::default()
    }
}

fn batch(cursor: u8, rows: Vec<pb::FeedRow>) -> pb::FeedBatch {
    pb::FeedBatch {
        cursor: vec![cursor].into(),
        rows,
        ..pb::FeedBatch::default()
    }
}

const A: &str = "510115001001";
const B: &str = "510115003064";

/// Place, members, seq and number of every stored row.
fn stored(dir: &Path, format: FileFormat) -> Vec<(String, String, u64, Option<f64>)> {
    let mut open = Open {
        data: dir.join(DATA),
        format,
        partitions: BTreeMap::new(),
    };
    let partitions = open.all().unwrap();
    let rows = partitions.values().flat_map(|partition| &partition.rows);
    rows.map(|(key, row)| {
        (
            key.place.clone(),
            key.members.clone(),
            row.order.1,
            row.number,
        )
    })
    .collect()
}

#[test]
fn rows_are_kept_by_order_and_listings_clear_what_they_do_not_name() {
    for format in [FileFormat::Parquet, FileFormat::Csv] {
        let dir = tempfile::tempdir().unwrap();
        let centre: Label = "care".parse().unwrap();
        let open = || Files::open(dir.path(), format, &centre).unwrap();
        let mut files = open();
        assert!(files.cursor().is_empty());
        let mut listing = batch(1, vec![row(A, "x", 1, Some(0.5)), row(B, "x", 2, None)]);
        (listing.begins_listing, listing.lists) = (true, true);
        let mut end = batch(2, vec![row(B, "y", 3, Some(7.0))]);
        (end.ends_listing, end.lists) = (true, true);
        files.store(&[listing, end]).unwrap();
        let at = |place: &str, members: &str, seq, number| {
            (place.to_owned(), members.to_owned(), seq, number)
        };
        let three = [
            at(A, "x", 1, Some(0.5)),
            at(B, "x", 2, None),
            at(B, "y", 3, Some(7.0)),
        ];
        assert_eq!(stored(dir.path(), format), three);

        // Begun anew, with what came before coming again.
        let mut files = open();
        assert_eq!(files.cursor(), [2]);
        let mut gone = row(A, "x", 5, None);
        gone.removed = true;
        let older = row(B, "y", 1, Some(9.0));
        files.store(&[batch(3, vec![gone, older])]).unwrap();
        assert_eq!(stored(dir.path(), format), three[1..]);

        let mut swept = batch(4, vec![]);
        swept.sweeps = vec![pb::FeedSweep {
            place: B.into(),
            lineage: 2,
        }];
        let mut of_a = batch(5, vec![row(A, "z", 8, None)]);
        of_a.listing_place = A.into();
        (of_a.begins_listing, of_a.lists, of_a.ends_listing) = (true, true, true);
        files.store(&[of_a]).unwrap();
        assert_eq!(stored(dir.path(), format).len(), 3);
        files.store(&[swept]).unwrap();
        assert_eq!(stored(dir.path(), format), [at(A, "z", 8, None)]);
        assert_eq!(open().cursor(), [4]);
    }
}

#[test]
fn another_centres_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (care, support): (Label, Label) = ("care".parse().unwrap(), "support".parse().unwrap());
    let mut files = Files::open(dir.path(), FileFormat::Csv, &care).unwrap();
    files.store(&[batch(1, vec![])]).unwrap();
    for (centre, format) in [(&support, FileFormat::Csv), (&care, FileFormat::Parquet)] {
        let refused = Files::open(dir.path(), format, centre).err().unwrap();
        assert!(refused.text.contains("centre care"), "{}", refused.text);
    }
    assert!(Files::open(dir.path(), FileFormat::Csv, &care).is_ok());
}

#[test]
fn hex_is_read_back() {
    assert_eq!(unhex(&hex(&[0, 16, 255])), Some(vec![0, 16, 255]));
    assert_eq!((unhex("0"), unhex("zz")), (None, None));
}
