//! The main story: 报事, a bad review (差评), put right, counted once.

use proto::pb::node::{Lifecycle, RatingLevel};

use crate::harness::{District, calls::Caller, district::RUIQUAN, this_year};

#[test]
fn a_bad_review_reopens_the_case_and_it_is_counted_once() {
    let district = District::start("bad-review");
    let ruiquan = district.joined(RUIQUAN);
    let mut resident = Caller::new(&ruiquan, "resident", "wang");
    let mut staff = Caller::new(&ruiquan, "staff", "");

    let case = resident
        .report("street-light", "三栋楼下路灯不亮")
        .unwrap()
        .name;
    staff.accept(&case).unwrap();
    staff.dispatch(&case, "property").unwrap();
    staff.complete(&case).unwrap();
    let reopened = resident.rate(&case, RatingLevel::Bad).unwrap();
    assert_eq!(
        (reopened.lifecycle(), reopened.reopenings),
        (Lifecycle::Dispatched, 1)
    );
    staff.complete(&case).unwrap();
    resident.rate(&case, RatingLevel::Good).unwrap();

    district.settled(&ruiquan);
    // Reported once, however often reopened; the bad review was put right.
    district.counted("QS.R01", &this_year(), 1.0);
    district.counted("QS.R06", &this_year(), 1.0);
    let rated = district
        .query(&["QS.R04", "--from", &this_year()])
        .remove(0);
    assert_eq!(rated["numerator"], 1);
    assert_eq!(rated["denominator"], 2);
}

#[test]
fn a_repeated_request_gets_the_earlier_answer() {
    let district = District::start("repeat");
    let mut community = district.community(RUIQUAN);
    community.start();
    let mut resident = Caller::new(&community, "resident", "wang");
    let (first, second) = resident.report_twice("street-light");
    assert_eq!(first.name, second.name);
}

#[test]
fn a_resident_sees_only_their_own_cases() {
    let district = District::start("own-cases");
    let mut community = district.community(RUIQUAN);
    community.start();
    let case = Caller::new(&community, "resident", "wang")
        .report("street-light", "井盖")
        .unwrap()
        .name;
    let refused = Caller::new(&community, "resident", "li")
        .get(&case)
        .unwrap_err();
    assert!(
        matches!(
            refused.code(),
            tonic::Code::NotFound | tonic::Code::PermissionDenied
        ),
        "{refused}"
    );
}
