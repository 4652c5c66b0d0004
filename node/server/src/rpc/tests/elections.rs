//! Elections over the wire: from nomination to seats, what nobody is told before
//! the result, and that nobody sits on two bodies.

use super::*;

type Elections = ElectionServiceClient<Through>;

fn entry(entry: u64) -> String {
    format!("entries/{entry}")
}

/// A call that answers with the election.
macro_rules! ask {
    ($elections:expr, $call:ident, $request:expr) => {
        $elections
            .$call($request)
            .await
            .map(|answer| answer.into_inner().election.unwrap())
    };
}

/// Candidates 101 to 103 for one seat; 12 voters; 101 is elected.
async fn announced(node: &Node, staff: &mut Elections, kind: &str) -> String {
    let open = pb::OpenElectionRequest {
        kind: kind.into(),
        title: "换届选举".into(),
        seats: 1,
        committee: vec![entry(901), entry(902)],
        ..Default::default()
    };
    let name = ask!(staff, open_election, open).unwrap().name;
    for candidate in 101..=103 {
        let nominate = pb::NominateCandidateRequest {
            name: name.clone(),
            entry: entry(candidate),
            route: pb::NominationRoute::Own.into(),
            ..Default::default()
        };
        ask!(staff, nominate_candidate, nominate).unwrap();
        let review = pb::ReviewCandidateRequest {
            name: name.clone(),
            entry: entry(candidate),
            is_accepted: true,
            ..Default::default()
        };
        ask!(staff, review_candidate, review).unwrap();
    }
    let publish = pb::PublishCandidatesRequest {
        name: name.clone(),
        place: "公告栏".into(),
        ..Default::default()
    };
    ask!(staff, publish_candidates, publish).unwrap();
    let freeze = pb::FreezeElectionRollRequest {
        name: name.clone(),
        lines: (1..=20)
            .map(|one| pb::RollLine {
                entry: entry(one),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    };
    ask!(staff, freeze_election_roll, freeze).unwrap();
    node.pass(24 * 8);
    let closes_at = node.now() + SignedDuration::from_hours(8);
    let open = pb::OpenVotingRequest {
        name: name.clone(),
        boxes: vec![pb::BallotBox {
            code: "hall".into(),
            channel: pb::Channel::Counter.into(),
            ..Default::default()
        }],
        closes_at: Some(prost_types::Timestamp {
            seconds: closes_at.as_second(),
            nanos: 0,
        }),
        ..Default::default()
    };
    ask!(staff, open_voting, open).unwrap();
    for voter in 1..=12 {
        ask!(staff, mark_voter, mark(&name, voter)).unwrap();
    }
    node.pass(8);
    node.tick().await;
    let count = count(&name, &[901, 902]);
    let counted = ask!(staff, count_ballot_box, count).unwrap();
    assert!(counted.boxes[0].is_counted && counted.outcome.is_none());
    let announce = pb::AnnounceElectionRequest {
        name: name.clone(),
        signers: vec![entry(901), entry(902)],
        document_sha256: "a".repeat(64),
        ..Default::default()
    };
    let announced = ask!(staff, announce_election, announce).unwrap();
    let outcome = announced.outcome.unwrap();
    assert_eq!(
        (outcome.ending.as_str(), outcome.ballots, outcome.heads),
        ("elected", 12, 20)
    );
    assert_eq!(outcome.elected[0].entry, entry(101));
    name
}

fn mark(name: &str, voter: u64) -> pb::MarkVoterRequest {
    pb::MarkVoterRequest {
        name: name.into(),
        entry: entry(voter),
        ballot_box: "hall".into(),
        ..Default::default()
    }
}

fn count(name: &str, counters: &[u64]) -> pb::CountBallotBoxRequest {
    let votes = [(101, 6), (102, 4), (103, 1)].map(|(of, votes)| pb::CandidateVotes {
        entry: entry(of),
        votes,
    });
    pb::CountBallotBoxRequest {
        name: name.into(),
        ballot_box: "hall".into(),
        votes: votes.into(),
        valid: 11,
        blank: 1,
        counters: counters.iter().copied().map(entry).collect(),
        document_sha256: "b".repeat(64),
        ..Default::default()
    }
}

fn seat(name: &str, day: &str) -> pb::SeatElectedRequest {
    pb::SeatElectedRequest {
        name: name.into(),
        from_day: day.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn nobody_sits_on_both_bodies_of_qinghe() {
    let node = Node::start_with(&[PLAYBOOK, QINGHE]).await;
    let mut staff = node.elections(&node.token(pb::Role::Staff, "").await);
    let council = announced(&node, &mut staff, "deliberation-council").await;
    let supervision = announced(&node, &mut staff, "supervision-committee").await;
    node.pass(24 * 30);
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let day = zone.to_datetime(node.now()).date().to_string();
    let seated = ask!(staff, seat_elected, seat(&council, &day)).unwrap();
    assert_eq!((seated.phase.as_str(), seated.elected.len()), ("seated", 1));
    let both = ask!(staff, seat_elected, seat(&supervision, &day)).unwrap_err();
    assert_eq!(reason(&both), "SITS_ELSEWHERE");
    let vacate = pb::VacateSeatRequest {
        name: council,
        entry: entry(101),
        reason: "改任监督委员".into(),
        ..Default::default()
    };
    ask!(staff, vacate_seat, vacate).unwrap();
    ask!(staff, seat_elected, seat(&supervision, &day)).unwrap();
    node.stop().await;
}

#[tokio::test]
async fn the_roll_says_who_and_no_record_says_what() {
    let node = Node::start_with(&[PLAYBOOK, QINGHE]).await;
    let mut staff = node.elections(&node.token(pb::Role::Staff, "").await);
    let name = announced(&node, &mut staff, "deliberation-council").await;
    let again = ask!(staff, count_ballot_box, count(&name, &[901, 902])).unwrap_err();
    assert_eq!(reason(&again), "WRONG_PHASE");
    let page = pb::ListElectionRollRequest {
        name: name.clone(),
        page_size: 500,
        ..Default::default()
    };
    let roll = staff
        .list_election_roll(page.clone())
        .await
        .unwrap()
        .into_inner()
        .voters;
    let voted: Vec<bool> = roll.iter().map(|voter| voter.has_voted).collect();
    assert_eq!(voted, [[true; 12].as_slice(), &[false; 8]].concat());
    let history = pb::ListElectionEventsRequest {
        name: name.clone(),
        page_size: 500,
        ..Default::default()
    };
    let events = staff
        .list_election_events(history)
        .await
        .unwrap()
        .into_inner()
        .events;
    let marks: Vec<_> = events
        .iter()
        .filter(|event| event.r#type == "MARKED")
        .collect();
    assert_eq!(marks.len(), 12);
    for mark in marks {
        assert_eq!(mark.details.keys().collect::<Vec<_>>(), ["entry"]);
    }
    let counted = events
        .iter()
        .find(|event| event.r#type == "COUNTED")
        .unwrap();
    let mut told: Vec<_> = counted.details.keys().map(String::as_str).collect();
    told.sort_unstable();
    assert_eq!(told, ["counters", "document_sha256"]);
    // A resident reads the result, proposes, and does nothing else.
    let mut resident = node.elections(&node.token(pb::Role::Resident, "wx-1").await);
    let get = pb::GetElectionRequest { name: name.clone() };
    assert!(ask!(resident, get_election, get).unwrap().outcome.is_some());
    assert_eq!(
        reason(&ask!(resident, mark_voter, mark(&name, 20)).unwrap_err()),
        "ROLE_FORBIDDEN"
    );
    let denied = resident.list_election_roll(page).await.unwrap_err();
    assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    let object = pb::ObjectToElectionRequest {
        name,
        document_sha256: "c".repeat(64),
        ..Default::default()
    };
    assert_eq!(
        ask!(resident, object_to_election, object)
            .unwrap()
            .objections
            .len(),
        1
    );
    node.stop().await;
}

#[tokio::test]
async fn a_council_of_twenty_three_needs_twenty_four_candidates() {
    let node = Node::start_with(&[PLAYBOOK, RUIQUAN]).await;
    let mut staff = node.elections(&node.token(pb::Role::Staff, "").await);
    let open = pb::OpenElectionRequest {
        kind: "courtyard-council".into(),
        title: "院落议事会".into(),
        committee: vec![entry(901), entry(902)],
        ..Default::default()
    };
    let opened = ask!(staff, open_election, open).unwrap();
    assert_eq!((opened.name.as_str(), opened.seats), ("elections/1", 23));
    let views = pb::GatherElectionViewsRequest {
        name: opened.name.clone(),
        people: 40,
        document_sha256: "a".repeat(64),
        ..Default::default()
    };
    ask!(staff, gather_election_views, views).unwrap();
    let publish = pb::PublishCandidatesRequest {
        name: opened.name.clone(),
        place: "公告栏".into(),
        ..Default::default()
    };
    for candidate in 101..=124 {
        let few = ask!(staff, publish_candidates, publish.clone()).unwrap_err();
        assert_eq!(reason(&few), "TOO_FEW_CANDIDATES", "{candidate}");
        let nominate = pb::NominateCandidateRequest {
            name: opened.name.clone(),
            entry: entry(candidate),
            route: pb::NominationRoute::Others.into(),
            ..Default::default()
        };
        ask!(staff, nominate_candidate, nominate).unwrap();
        let review = pb::ReviewCandidateRequest {
            name: opened.name.clone(),
            entry: entry(candidate),
            is_accepted: true,
            ..Default::default()
        };
        ask!(staff, review_candidate, review).unwrap();
    }
    let published = ask!(staff, publish_candidates, publish).unwrap();
    assert_eq!(
        (published.phase.as_str(), published.candidates.len()),
        ("candidates-published", 24)
    );
    node.stop().await;
}
