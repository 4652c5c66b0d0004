//! Cases over the wire: a life from report to rating, repeats, pages, erasure.

use super::*;

#[tokio::test]
async fn a_case_lives_from_report_to_a_bad_rating_and_back() {
    let node = Node::start().await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut handler = node.as_role(pb::Role::Handler, "物业").await;
    let case = reported(&mut resident, "路灯不亮", "003").await;
    assert_eq!(case.lifecycle(), pb::Lifecycle::Reported);
    assert_eq!(
        (case.category.as_str(), case.rules.as_str()),
        ("facilities", "qingshan@1")
    );
    assert_eq!(case.clocks[0].kind(), pb::ClockKind::Accept);
    node.pass(1);
    assert_eq!(dispatched(&mut staff, "cases/1").await.handler, "物业");
    let case = completed(&mut handler, "cases/1").await;
    assert_eq!(case.outcome(), pb::Outcome::Resolved);
    node.pass(1);
    let rate = pb::RateCaseRequest {
        name: "cases/1".into(),
        level: pb::RatingLevel::Bad.into(),
        text: "还是不亮".into(),
        ..Default::default()
    };
    let case = resident
        .rate_case(rate)
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    assert_eq!(
        (case.reopenings, case.lifecycle()),
        (1, pb::Lifecycle::Dispatched)
    );
    assert_eq!(case.rating(), pb::RatingLevel::Bad);
    assert!(
        case.clocks
            .iter()
            .any(|clock| clock.kind() == pb::ClockKind::Rework)
    );
    let events = history(&mut resident, "cases/1").await.unwrap();
    let shown: Vec<(&str, &str)> = events
        .iter()
        .map(|event| (event.r#type.as_str(), event.actor.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("REPORTED", "resident"),
            ("ACCEPTED", "staff"),
            ("DISPATCHED", "staff"),
            ("COMPLETED", "handler/物业"),
            ("RATED", "resident"),
            ("REOPENED", "system"),
        ]
    );
    assert_eq!(events[2].details["handler"], "物业");
    assert_eq!(
        (events[4].details["level"].as_str(), events[4].text.as_str()),
        ("2", "还是不亮")
    );
    node.stop().await;
}

#[tokio::test]
async fn a_repeated_request_gets_its_first_answer() {
    let node = Node::start().await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let asked = pb::ReportCaseRequest {
        request_id: "r-1".into(),
        ..report("路灯不亮", "003")
    };
    let first = resident
        .report_case(asked.clone())
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    let accept = |name: &str| pb::AcceptCaseRequest {
        request_id: "r-1".into(),
        name: name.into(),
    };
    // The same name by another token is another request.
    let accepted = staff
        .accept_case(accept("cases/1"))
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    assert_eq!(accepted.lifecycle(), pb::Lifecycle::Accepted);
    let dispatch = pb::DispatchCaseRequest {
        name: "cases/1".into(),
        handler: "物业".into(),
        ..Default::default()
    };
    staff.dispatch_case(dispatch).await.unwrap();
    let again = resident
        .report_case(asked)
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    assert_eq!(again, first, "as it was, though more has happened since");
    let again = staff
        .accept_case(accept("cases/1"))
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    assert_eq!(again, accepted);
    reported(&mut resident, "井盖松动", "003").await;
    let reused = staff.accept_case(accept("cases/2")).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
    let mine = names(&mut resident, Default::default()).await;
    assert_eq!(mine, ["cases/2", "cases/1"]);
    node.stop().await;
}

#[tokio::test]
async fn pages_walk_through_every_case_once() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    for at in 0..12 {
        reported(&mut staff, "路灯不亮", ["003", "004"][at % 2]).await;
    }
    dispatched(&mut staff, "cases/5").await;
    let rows: [(&str, Vec<i32>, Vec<u64>); 4] = [
        ("", vec![], (1..=12).rev().collect()),
        ("004", vec![], vec![12, 10, 8, 6, 4, 2]),
        ("003", vec![1], vec![11, 9, 7, 3, 1]),
        ("", vec![3, 6], vec![5]),
    ];
    for (grid, lifecycles, expected) in rows {
        let mut asked = pb::ListCasesRequest {
            page_size: 5,
            grid: grid.into(),
            lifecycles,
            read_mask: Some(prost_types::FieldMask {
                paths: vec!["name".into()],
            }),
            ..Default::default()
        };
        let mut walked = Vec::new();
        loop {
            let page = staff.list_cases(asked.clone()).await.unwrap().into_inner();
            assert!(page.cases.len() <= 5);
            assert!(
                page.cases.iter().all(|case| case.kind.is_empty()),
                "only what was asked for"
            );
            walked.extend(page.cases.into_iter().map(|case| case.name));
            if page.next_page_token.is_empty() {
                break;
            }
            asked.page_token = page.next_page_token;
            let other = pb::ListCasesRequest {
                grid: "009".into(),
                ..asked.clone()
            };
            let status = staff.list_cases(other).await.unwrap_err();
            assert_eq!(reason(&status), "INVALID_FIELDS");
        }
        let expected: Vec<String> = expected.iter().map(|id| format!("cases/{id}")).collect();
        assert_eq!(walked, expected, "grid {grid:?}");
    }
    let mut asked = pb::ListCaseEventsRequest {
        name: "cases/5".into(),
        page_size: 1,
        ..Default::default()
    };
    let mut walked = Vec::new();
    loop {
        let page = staff
            .list_case_events(asked.clone())
            .await
            .unwrap()
            .into_inner();
        walked.extend(page.events);
        asked.page_token = page.next_page_token;
        if asked.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(walked, history(&mut staff, "cases/5").await.unwrap());
    assert_eq!(walked.len(), 3);
    node.stop().await;
}

#[tokio::test]
async fn an_erased_person_is_gone_from_the_case_and_its_history() {
    let node = Node::start().await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    reported(&mut resident, "路灯不亮", "003").await;
    reported(&mut resident, "井盖松动", "003").await;
    let erase = pb::EraseSubjectRequest {
        request_id: "e-1".into(),
        name: "cases/2".into(),
    };
    let denied = staff.erase_subject(erase.clone()).await.unwrap_err();
    assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    let mut admin = node.cases(&node.admin);
    for _ in 0..2 {
        let erased = admin.erase_subject(erase.clone()).await.unwrap();
        assert_eq!(erased.into_inner().cases, 2);
    }
    let case = get(&mut staff, "cases/1").await.unwrap();
    assert_eq!((case.erased, case.personal), (true, None));
    let events = history(&mut staff, "cases/1").await.unwrap();
    assert_eq!(
        (events[0].r#type.as_str(), events[0].text.as_str()),
        ("REPORTED", "")
    );
    assert_eq!(
        dispatched(&mut staff, "cases/1").await.handler,
        "物业",
        "the work goes on"
    );
    let note = pb::NoteCaseRequest {
        name: "cases/1".into(),
        text: "李娜来电".into(),
        ..Default::default()
    };
    let refused = staff.note_case(note).await.unwrap_err();
    assert_eq!(reason(&refused), "SUBJECT_ERASED");
    let gone = get(&mut resident, "cases/1").await.unwrap_err();
    assert_eq!(reason(&gone), "TOKEN_REVOKED");
    node.stop().await;
}
