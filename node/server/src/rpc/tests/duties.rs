//! Duties over the wire: a life with its history, repeats, pages, who sees what.

use super::*;

fn door_knock(grid: &str) -> pb::OpenDutyRequest {
    pb::OpenDutyRequest {
        kind: "door-knock".into(),
        grid: grid.into(),
        owed_by: "敲门组".into(),
        owed_to: "entries/7".into(),
        from_day: "2026-03-02".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_duty_lives_from_opening_to_its_end_and_its_history_says_so() {
    let node = Node::start().await;
    let mut staff = node.duties(&node.token(pb::Role::Staff, "").await);
    let mut knocker = node.duties(&node.token(pb::Role::Handler, "敲门组").await);
    let open = pb::OpenDutyRequest {
        request_id: "o-1".into(),
        ..door_knock("003")
    };
    let opened = staff
        .open_duty(open.clone())
        .await
        .unwrap()
        .into_inner()
        .duty
        .unwrap();
    assert_eq!(
        (opened.name.as_str(), opened.rules.as_str()),
        ("duties/1", "qingshan@1")
    );
    assert_eq!(opened.next_day, "2026-03-02");
    let attempt = pb::AttemptDutyRequest {
        name: opened.name.clone(),
        ..Default::default()
    };
    let attempted = knocker
        .attempt_duty(attempt)
        .await
        .unwrap()
        .into_inner()
        .duty
        .unwrap();
    assert_eq!(
        (attempted.no_answers, attempted.occurrences[0].attempts),
        (1, 1)
    );
    // A repeat is answered as the first was, whatever happened since.
    let repeated = staff
        .open_duty(open)
        .await
        .unwrap()
        .into_inner()
        .duty
        .unwrap();
    assert_eq!(repeated, opened);
    let hold = pb::HoldDutyRequest {
        name: opened.name.clone(),
        ..Default::default()
    };
    let held = knocker
        .hold_duty(hold.clone())
        .await
        .unwrap()
        .into_inner()
        .duty
        .unwrap();
    assert_eq!(
        (held.held, held.no_answers, held.next_day.as_str()),
        (1, 0, "2026-03-09")
    );
    let end = pb::EndDutyRequest {
        name: opened.name.clone(),
        reason: "老人搬走".into(),
        ..Default::default()
    };
    assert_eq!(
        reason(&knocker.end_duty(end.clone()).await.unwrap_err()),
        "ROLE_FORBIDDEN"
    );
    assert!(
        staff
            .end_duty(end)
            .await
            .unwrap()
            .into_inner()
            .duty
            .unwrap()
            .ended
    );
    assert_eq!(
        reason(&knocker.hold_duty(hold).await.unwrap_err()),
        "ALREADY_OVER"
    );
    let history = |page_size, page_token| pb::ListDutyEventsRequest {
        name: "duties/1".into(),
        page_size,
        page_token,
    };
    let first = staff
        .list_duty_events(history(3, String::new()))
        .await
        .unwrap()
        .into_inner();
    let rest = staff
        .list_duty_events(history(3, first.next_page_token))
        .await
        .unwrap()
        .into_inner();
    let told = first.events.iter().chain(&rest.events);
    let told: Vec<(&str, &str)> = told
        .map(|event| (event.r#type.as_str(), event.actor.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("OPENED", "staff"),
            ("ATTEMPTED", "handler/敲门组"),
            ("CONCLUDED", "handler/敲门组"),
            ("ENDED", "staff"),
        ]
    );
    assert_eq!(rest.events[0].details["reason"], "老人搬走");
    node.stop().await;
}

#[tokio::test]
async fn duties_are_listed_newest_first_to_those_they_concern() {
    let node = Node::start().await;
    let mut staff = node.duties(&node.token(pb::Role::Staff, "").await);
    for grid in ["001", "002", "001"] {
        staff.open_duty(door_knock(grid)).await.unwrap();
    }
    let listed = async |duties: &mut DutyServiceClient<Through>, asked: pb::ListDutiesRequest| {
        let page = duties.list_duties(asked).await.unwrap().into_inner();
        let names: Vec<String> = page.duties.into_iter().map(|duty| duty.name).collect();
        (names, page.next_page_token)
    };
    let of_two = pb::ListDutiesRequest {
        page_size: 2,
        ..Default::default()
    };
    let (names, next) = listed(&mut staff, of_two.clone()).await;
    assert_eq!(names, ["duties/3", "duties/2"]);
    let rest = pb::ListDutiesRequest {
        page_token: next,
        ..of_two
    };
    assert_eq!(
        listed(&mut staff, rest).await,
        (vec!["duties/1".to_owned()], String::new())
    );
    let of_grid = pb::ListDutiesRequest {
        grid: "001".into(),
        ..Default::default()
    };
    assert_eq!(
        listed(&mut staff, of_grid).await.0,
        ["duties/3", "duties/1"]
    );
    let mut worker = node.duties(&node.token(pb::Role::GridWorker, "002").await);
    assert_eq!(
        listed(&mut worker, Default::default()).await.0,
        ["duties/2"]
    );
    let hidden = worker
        .get_duty(pb::GetDutyRequest {
            name: "duties/1".into(),
        })
        .await;
    assert_eq!(reason(&hidden.unwrap_err()), "UNKNOWN_PROCESS");
    let wrong = pb::OpenDutyRequest {
        from_day: "3月2日".into(),
        owed_to: "7".into(),
        ..door_knock("3")
    };
    let wrong = staff.open_duty(wrong).await.unwrap_err();
    for field in ["grid", "owed_to", "from_day"] {
        assert!(wrong.message().contains(field), "{}", wrong.message());
    }
    let unknown = pb::OpenDutyRequest {
        kind: "tea".into(),
        ..door_knock("")
    };
    assert_eq!(
        reason(&staff.open_duty(unknown).await.unwrap_err()),
        "UNKNOWN_KIND"
    );
    node.stop().await;
}
