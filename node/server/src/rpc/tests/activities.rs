//! Activities over the wire: sign-ups, a session held, hours and accounts.

use proto_edge::node::activity_service_client::ActivityServiceClient;

use super::*;
use pb::record_session_request as record;

const NAME: &str = "programmes/1";

fn open(kind: &str) -> pb::OpenProgrammeRequest {
    pb::OpenProgrammeRequest {
        kind: kind.into(),
        title: "合唱队".into(),
        team: "合唱队".into(),
        from_day: "2026-03-02".into(),
        ..Default::default()
    }
}

fn announce(capacity: u32) -> pb::AnnounceSessionRequest {
    pb::AnnounceSessionRequest {
        name: NAME.into(),
        title: "排练".into(),
        size: pb::SessionSize::Small.into(),
        on: "2026-03-02".into(),
        capacity,
        ..Default::default()
    }
}

async fn record(
    programmes: &mut ActivityServiceClient<Through>,
    act: record::Act,
) -> Result<pb::Session, Status> {
    let asked = pb::RecordSessionRequest {
        name: NAME.into(),
        session: 1,
        act: Some(act),
        ..Default::default()
    };
    let answer = programmes.record_session(asked).await?.into_inner();
    Ok(answer.programme.unwrap().sessions.remove(0))
}

#[tokio::test]
async fn people_sign_up_come_and_what_it_cost_is_published() {
    let node = Node::start().await;
    let mut staff = node.programmes(&node.token(pb::Role::Staff, "").await);
    let mut team = node.programmes(&node.token(pb::Role::Handler, "合唱队").await);
    let mut resident = node.programmes(&node.token(pb::Role::Resident, "r-1").await);
    let mut auditor = node.programmes(&node.token(pb::Role::Auditor, "").await);
    assert_eq!(
        reason(&team.open_programme(open("organisation")).await.unwrap_err()),
        "ROLE_FORBIDDEN"
    );
    staff.open_programme(open("organisation")).await.unwrap();
    team.announce_session(announce(1)).await.unwrap();
    let sign_up = |entry: &str| pb::SignUpRequest {
        name: NAME.into(),
        session: 1,
        entry: entry.into(),
        ..Default::default()
    };
    resident.sign_up(sign_up("")).await.unwrap();
    assert_eq!(
        reason(&resident.sign_up(sign_up("")).await.unwrap_err()),
        "ALREADY_SIGNED_UP"
    );
    let waiting = team
        .sign_up(sign_up("entries/7"))
        .await
        .unwrap()
        .into_inner();
    let session = &waiting.programme.unwrap().sessions[0];
    assert_eq!((session.signed_up, session.waiting), (2, 1));
    let hold = pb::HoldSessionRequest {
        name: NAME.into(),
        session: 1,
        attended: 25,
        came: vec![1],
        ..Default::default()
    };
    let held = team
        .hold_session(hold)
        .await
        .unwrap()
        .into_inner()
        .programme
        .unwrap();
    assert_eq!(
        (
            held.sessions[0].status.as_str(),
            held.sessions[0].came,
            held.held
        ),
        ("held", 1, 1)
    );
    let log = record::Act::LogHours(record::LogHours {
        volunteer: "entries/7".into(),
        minutes: 90,
        logged_by: "entries/8".into(),
    });
    record(&mut team, log).await.unwrap();
    let confirm = |by: &str| {
        record::Act::ConfirmHours(record::ConfirmHours {
            hours: 1,
            confirmed_by: by.into(),
            right: true,
        })
    };
    assert_eq!(
        reason(&record(&mut team, confirm("entries/8")).await.unwrap_err()),
        "CONFIRMS_OWN"
    );
    let confirmed = record(&mut staff, confirm("entries/9")).await.unwrap();
    assert_eq!(confirmed.minutes_confirmed, 90);
    let book = |source: pb::IncomeSource, fen| {
        record::Act::Book(pb::SessionMoney {
            source: source.into(),
            fen,
            what: "场地".into(),
        })
    };
    record(&mut team, book(pb::IncomeSource::Shared, 30_000))
        .await
        .unwrap();
    let booked = record(&mut team, book(pb::IncomeSource::Unspecified, 20_001))
        .await
        .unwrap();
    assert_eq!(
        (booked.income_fen, booked.cost_fen, booked.balance_fen),
        (30_000, 20_001, 9_999)
    );
    let publish = record::Act::PublishAccounts(record::PublishAccounts {
        channel: "notice-board".into(),
    });
    assert!(record(&mut team, publish).await.unwrap().accounts_published);
    let late = record(&mut team, book(pb::IncomeSource::Donation, 1))
        .await
        .unwrap_err();
    assert_eq!(reason(&late), "ACCOUNTS_PUBLISHED");
    let history = pb::ListProgrammeEventsRequest {
        name: NAME.into(),
        page_size: 100,
        ..Default::default()
    };
    let told = auditor
        .list_programme_events(history)
        .await
        .unwrap()
        .into_inner()
        .events;
    assert_eq!(told.len(), 10);
    assert_eq!(told[2].r#type, "SIGNED_UP");
    assert_eq!(told[2].details["by"], "resident");
    let listed = pb::ListProgrammesRequest {
        kind: "organisation".into(),
        only_open: true,
        ..Default::default()
    };
    let listed = resident
        .list_programmes(listed)
        .await
        .unwrap()
        .into_inner()
        .programmes;
    assert_eq!(listed.len(), 1);
    node.stop().await;
}
