//! Who sees which case, and who may act on it, call by call.

use super::*;

/// Every command on `name`, with what was answered.
async fn every_command(by: &mut Cases, name: &str) -> Vec<(&'static str, Status)> {
    let mut refused = Vec::new();
    macro_rules! refused {
        ($method:ident, $asked:ident { $($field:ident: $value:expr),* }) => {
            let asked = pb::$asked { name: name.into(), $($field: $value,)* ..Default::default() };
            let answer = by.$method(asked).await;
            refused.push((stringify!($method), answer.expect_err(stringify!($method))));
        };
    }
    refused!(accept_case, AcceptCaseRequest {});
    refused!(
        dispatch_case,
        DispatchCaseRequest {
            handler: "物业".into()
        }
    );
    refused!(bounce_case, BounceCaseRequest {});
    refused!(start_case, StartCaseRequest {});
    refused!(
        pause_case,
        PauseCaseRequest {
            cause: "weather".into()
        }
    );
    refused!(resume_case, ResumeCaseRequest {});
    refused!(reply_case, ReplyCaseRequest { text: "好".into() });
    refused!(
        complete_case,
        CompleteCaseRequest {
            outcome: pb::Outcome::Resolved.into()
        }
    );
    let (by_whom, refer_to) = ("居委会".into(), "街道".into());
    refused!(
        refuse_case,
        RefuseCaseRequest {
            refusal: Some(pb::Refusal {
                by: by_whom,
                refer_to
            })
        }
    );
    refused!(
        mark_duplicate_case,
        MarkDuplicateCaseRequest {
            duplicate_of: "cases/2".into()
        }
    );
    refused!(rate_case, RateCaseRequest { level: 5 });
    refused!(appeal_case, AppealCaseRequest {});
    refused!(rule_appeal_case, RuleAppealCaseRequest {});
    refused!(withdraw_case, WithdrawCaseRequest {});
    refused!(note_case, NoteCaseRequest { text: "好".into() });
    refused!(erase_subject, EraseSubjectRequest {});
    refused
}

#[tokio::test]
async fn a_resident_neither_sees_nor_touches_what_is_not_its_own() {
    let node = Node::start().await;
    let mut one = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut other = node.as_role(pb::Role::Resident, "wx-2").await;
    let hers = reported(&mut one, "路灯不亮", "003").await;
    let his = reported(&mut other, "井盖松动", "003").await;
    assert_eq!(
        (hers.name.as_str(), his.name.as_str()),
        ("cases/1", "cases/2")
    );
    for mine in [false, true] {
        let asked = pb::ListCasesRequest {
            mine,
            ..Default::default()
        };
        assert_eq!(names(&mut one, asked.clone()).await, ["cases/1"]);
        assert_eq!(names(&mut other, asked).await, ["cases/2"]);
    }
    let open = pb::ListCasesRequest {
        lifecycles: vec![pb::Lifecycle::Reported.into()],
        ..Default::default()
    };
    assert_eq!(names(&mut other, open).await, ["cases/2"]);
    for status in [
        get(&mut other, "cases/1").await.unwrap_err(),
        history(&mut other, "cases/1").await.unwrap_err(),
    ] {
        assert_eq!(reason(&status), "UNKNOWN_CASE");
    }
    // That there is such a case is not told either.
    let missing = get(&mut other, "cases/9").await.unwrap_err();
    let hidden = get(&mut other, "cases/1").await.unwrap_err();
    assert_eq!(
        (missing.code(), missing.message()),
        (hidden.code(), hidden.message())
    );
    for (method, status) in every_command(&mut other, "cases/1").await {
        let expected = match method {
            "rate_case" | "withdraw_case" | "note_case" => "UNKNOWN_CASE",
            _ => "ROLE_FORBIDDEN",
        };
        assert_eq!(reason(&status), expected, "{method}");
    }
    assert_eq!(
        get(&mut one, "cases/1").await.unwrap(),
        hers,
        "nothing has happened to it"
    );
    node.stop().await;
}

#[tokio::test]
async fn a_handler_has_what_was_dispatched_to_it() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut handler = node.as_role(pb::Role::Handler, "物业").await;
    let mut another = node.as_role(pb::Role::Handler, "供电局").await;
    for words in ["路灯不亮", "井盖松动"] {
        reported(&mut staff, words, "003").await;
    }
    dispatched(&mut staff, "cases/1").await;
    assert_eq!(names(&mut handler, Default::default()).await, ["cases/1"]);
    let mine = pb::ListCasesRequest {
        mine: true,
        ..Default::default()
    };
    assert_eq!(names(&mut handler, mine.clone()).await, ["cases/1"]);
    assert_eq!(names(&mut another, mine).await, Vec::<String>::new());
    let shown = get(&mut handler, "cases/1").await.unwrap();
    assert_eq!(
        shown.personal.unwrap().phone,
        "13800000000",
        "it has to call back"
    );
    for hidden in ["cases/2", "cases/9"] {
        let status = get(&mut handler, hidden).await.unwrap_err();
        assert_eq!(reason(&status), "UNKNOWN_CASE");
    }
    for (method, status) in every_command(&mut another, "cases/1").await {
        assert_eq!(
            status.code(),
            tonic::Code::PermissionDenied,
            "{method}: {status}"
        );
    }
    // Who bounces a case sees it no more, but hears how it stands.
    let bounce = pb::BounceCaseRequest {
        name: "cases/1".into(),
        ..Default::default()
    };
    let bounced = handler
        .bounce_case(bounce)
        .await
        .unwrap()
        .into_inner()
        .case
        .unwrap();
    assert_eq!((bounced.bounces, bounced.personal), (1, None));
    assert!(get(&mut handler, "cases/1").await.is_err());
    node.stop().await;
}

#[tokio::test]
async fn a_grid_worker_has_its_grid() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut worker = node.as_role(pb::Role::GridWorker, "003").await;
    for grid in ["003", "004", ""] {
        reported(&mut staff, "路灯不亮", grid).await;
    }
    assert_eq!(names(&mut worker, Default::default()).await, ["cases/1"]);
    for other in ["cases/2", "cases/3"] {
        assert!(get(&mut worker, other).await.is_err());
        for (method, status) in every_command(&mut worker, other).await {
            assert_eq!(
                status.code(),
                tonic::Code::PermissionDenied,
                "{method}: {status}"
            );
        }
    }
    assert_eq!(dispatched(&mut worker, "cases/1").await.handler, "物业");
    let own = reported(&mut worker, "巡查发现", "").await;
    assert_eq!(own.grid, "003");
    let elsewhere = worker.report_case(report("越界", "004")).await.unwrap_err();
    assert_eq!(reason(&elsewhere), "NOT_YOURS");
    let dispatch = pb::DispatchCaseRequest {
        name: "cases/4".into(),
        handler: "grid-003".into(),
        ..Default::default()
    };
    let accept = pb::AcceptCaseRequest {
        name: "cases/4".into(),
        ..Default::default()
    };
    worker.accept_case(accept).await.unwrap();
    worker.dispatch_case(dispatch).await.unwrap();
    let mine = pb::ListCasesRequest {
        mine: true,
        ..Default::default()
    };
    assert_eq!(names(&mut worker, mine).await, ["cases/4"]);
    node.stop().await;
}

#[tokio::test]
async fn an_auditor_reads_everything_without_a_person_in_it() {
    let node = Node::start().await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let mut auditor = node.as_role(pb::Role::Auditor, "").await;
    reported(&mut resident, "三楼李娜家门口路灯不亮", "003").await;
    dispatched(&mut staff, "cases/1").await;
    completed(&mut staff, "cases/1").await;
    let whole = get(&mut staff, "cases/1").await.unwrap();
    let redacted = get(&mut auditor, "cases/1").await.unwrap();
    assert_eq!(whole.personal.as_ref().unwrap().name, "李娜");
    let without = pb::Case {
        personal: None,
        ..whole
    };
    assert_eq!(redacted, without);
    let listed = auditor
        .list_cases(pb::ListCasesRequest::default())
        .await
        .unwrap();
    assert_eq!(listed.into_inner().cases, [without]);
    let said = |events: Vec<pb::CaseEvent>| -> Vec<(String, String)> {
        events
            .into_iter()
            .map(|event| (event.r#type, event.text))
            .collect()
    };
    let whole = said(history(&mut staff, "cases/1").await.unwrap());
    assert_eq!(
        whole[0],
        ("REPORTED".into(), "三楼李娜家门口路灯不亮".into())
    );
    assert_eq!(
        whole.last().unwrap(),
        &("COMPLETED".into(), "换了灯泡".into())
    );
    let redacted = said(history(&mut auditor, "cases/1").await.unwrap());
    assert_eq!(redacted.len(), whole.len());
    assert!(
        redacted.iter().all(|(_, text)| text.is_empty()),
        "{redacted:?}"
    );
    let status = every_command(&mut auditor, "cases/1").await;
    assert!(
        status
            .iter()
            .all(|(_, status)| reason(status) == "ROLE_FORBIDDEN")
    );
    node.stop().await;
}
