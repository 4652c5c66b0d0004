//! What centres do at their desks, and what communities hear of it.

use proto::support::{Down, Form, OfferKey, OfferKind, Rated};

use super::*;

#[test]
fn a_request_goes_its_way_at_its_own_desk_alone() {
    let mut desk = Desk(State::default());
    desk.take(ruiquan(), &exchange(1, vec![asked(1, Some("care"))]));
    let declined = || Move::Declined {
        reason: "不归本中心".parse().unwrap(),
    };
    for other in ["support", "social-work"] {
        assert_eq!(
            desk.go(other, 1, declined(), 1),
            Err(Refusal::UnknownRequest)
        );
    }
    assert_eq!(
        desk.go("care", 7, declined(), 1),
        Err(Refusal::UnknownRequest)
    );
    let early = desk.go("care", 1, Move::Begun, 1);
    assert_eq!(early, Err(Refusal::WrongStage(Stage::Asked)));
    let past = desk.go("care", 1, accepted("2026-03-01"), 1);
    assert!(matches!(past, Err(Refusal::DayPassed { .. })), "{past:?}");
    assert!(!desk.request(1).is_late(at(72), &zone()));
    assert!(desk.request(1).is_late(at(73), &zone()));
    desk.go("care", 1, accepted("2026-03-10"), 2).unwrap();
    let twice = desk.go("care", 1, accepted("2026-03-10"), 2);
    assert_eq!(twice, Err(Refusal::WrongStage(Stage::Accepted)));
    assert!(desk.request(1).attachment.is_some());
    assert!(desk.request(1).is_late(at(9 * 24), &zone()));
    assert!(!desk.request(1).is_late(at(8 * 24), &zone()));
    desk.go("care", 1, Move::Begun, 3).unwrap();
    let result = Some("去了两次".parse().unwrap());
    desk.go("care", 1, Move::Done { result }, 50).unwrap();
    assert!(desk.request(1).attachment.is_none(), "it has served");
    let rated = Up::Rated(Rated {
        request: RequestKey(1),
        stars: 5,
        comment: None,
        at: at(60),
    });
    desk.take(ruiquan(), &exchange(2, vec![rated]));
    assert_eq!(desk.request(1).stage(), Stage::Rated);
    // Told once, as it stands last, with all its times.
    let heard = desk.heard(ruiquan(), 0);
    assert_eq!(heard.len(), 1, "{heard:?}");
    let Down::Progress(progress) = &heard[0].1 else {
        panic!("{heard:?}");
    };
    assert_eq!(progress.accepted_at, Some(at(2)));
    assert_eq!(progress.done_at, Some(at(50)));
    assert_eq!(desk.heard(ruiquan(), heard[0].0), []);
    assert_eq!(desk.heard(heping(), 0), []);
}

#[test]
fn whoever_can_is_found_by_the_support_centre() {
    let mut desk = Desk(State::default());
    let letters = vec![asked(1, None), asked(2, Some("care"))];
    desk.take(ruiquan(), &exchange(1, letters));
    let to = |to: &str, sealed: Option<&str>| Move::Routed {
        to: label(to),
        attachment: sealed.map(attached),
    };
    let outcome = desk.go("care", 2, to("social-work", None), 1);
    assert_eq!(outcome, Err(Refusal::NotRouted));
    for odd in ["support", "flood-watch"] {
        let outcome = desk.go("support", 1, to(odd, None), 1);
        assert_eq!(outcome, Err(Refusal::UnknownCentre(label(odd))));
    }
    let outcome = desk.go("support", 1, to("care", Some("support")), 1);
    assert_eq!(outcome, Err(Refusal::AttachmentFor(label("support"))));
    desk.go("support", 1, to("care", Some("care")), 1).unwrap();
    assert_eq!(desk.request(1).centre, label("care"));
    let gone = desk.go("support", 1, Move::Begun, 2);
    assert_eq!(gone, Err(Refusal::UnknownRequest), "it has left the desk");
    desk.go("care", 1, Move::Accepted { deliver_by: None }, 2)
        .unwrap();
}

#[test]
fn a_withdrawn_request_stays_withdrawn_and_its_attachment_goes() {
    let mut desk = Desk(State::default());
    desk.take(ruiquan(), &exchange(1, vec![asked(1, Some("care"))]));
    desk.go("care", 1, Move::Accepted { deliver_by: None }, 1)
        .unwrap();
    let request = RequestKey(1);
    let withdrawn = Up::Withdrawn { request, at: at(2) };
    desk.take(ruiquan(), &exchange(2, vec![withdrawn]));
    assert_eq!(desk.request(1).stage(), Stage::Withdrawn);
    assert!(desk.request(1).attachment.is_none());
    let outcome = desk.go("care", 1, Move::Begun, 3);
    assert_eq!(outcome, Err(Refusal::WrongStage(Stage::Withdrawn)));
}

fn new_offer(kind: OfferKind, form: Option<Form>, fen: u64) -> Box<NewOffer> {
    Box::new(NewOffer {
        kind,
        title: "议事规则".parse().unwrap(),
        text: "两课".parse().unwrap(),
        until: Some("2026-03-20".parse().unwrap()),
        places: 0,
        form,
        fen,
    })
}

#[test]
fn an_offer_reaches_its_communities_and_a_card_everybody() {
    let mut desk = Desk(State::default());
    let key = OfferKey(3);
    let offer = |offer, communities| Command::Offer {
        offer,
        key,
        communities,
    };
    let course = || new_offer(OfferKind::Course, None, 0);
    let outcome = desk.act("governance-training", offer(course(), vec![]), 1);
    assert_eq!(outcome, Err(Refusal::NobodyFits));
    let late = desk.act(
        "governance-training",
        offer(course(), vec![ruiquan()]),
        24 * 20,
    );
    assert!(matches!(late, Err(Refusal::DayPassed { .. })), "{late:?}");
    for (kind, form, fen) in [
        (OfferKind::Course, Some(Form::Direct), 0),
        (OfferKind::Notice, None, 5),
        (OfferKind::Grant, None, 5),
        (OfferKind::Grant, Some(Form::Award), 0),
    ] {
        let command = offer(new_offer(kind, form, fen), vec![ruiquan()]);
        assert_eq!(desk.act("incubation", command, 1), Err(Refusal::GrantTerms));
    }
    desk.act("governance-training", offer(course(), vec![ruiquan()]), 1)
        .unwrap();
    let recipient = format!("age1{}", "q".repeat(58)).parse().unwrap();
    desk.act("care", Command::Card(recipient), 2).unwrap();
    assert_eq!(desk.heard(ruiquan(), 0).len(), 2);
    assert!(matches!(desk.heard(heping(), 0)[..], [(2, Down::Card(_))]));
    let outcome = desk.act("care", Command::Close(key), 3);
    assert_eq!(outcome, Err(Refusal::UnknownOffer));
    desk.act("governance-training", Command::Close(key), 3)
        .unwrap();
    let again = desk.act("governance-training", Command::Close(key), 3);
    assert_eq!(again, Err(Refusal::OfferClosed));
    let heard = desk.heard(ruiquan(), 0);
    assert!(matches!(&heard[1].1, Down::Offer(offer) if offer.closed_at == Some(at(3))));
    assert_eq!(heard.len(), 2, "the newest of each alone: {heard:?}");
}

#[test]
fn a_cursor_of_another_log_begins_from_the_first_letter() {
    let mut desk = Desk(State::default());
    let recipient = format!("age1{}", "q".repeat(58)).parse().unwrap();
    desk.act("care", Command::Card(recipient), 2).unwrap();
    for cursor in [
        Cursor {
            log_id: LogId([2; 16]),
            seq: 1,
        },
        Cursor {
            log_id: LOG,
            seq: 9,
        },
    ] {
        let answer = desk.0.answer(ruiquan(), 1, LOG, Some(cursor));
        assert_eq!((answer.letters.len(), answer.cursor.seq), (1, 1));
    }
}

#[test]
fn many_long_letters_come_in_several_answers() {
    let mut desk = Desk(State::default());
    let text: proto::support::Text = "字".repeat(2_000).parse().unwrap();
    for key in 0..200 {
        let offer = Box::new(NewOffer {
            title: text.clone(),
            text: text.clone(),
            ..*new_offer(OfferKind::Notice, None, 0)
        });
        let command = Command::Offer {
            offer,
            key: OfferKey(key),
            communities: vec![ruiquan()],
        };
        desk.act("care", command, 1).unwrap();
    }
    let (mut seq, mut all) = (0, 0);
    loop {
        let heard = desk.heard(ruiquan(), seq);
        let Some((last, _)) = heard.last() else { break };
        assert!(heard.len() <= 12, "{}", heard.len());
        (seq, all) = (*last, all + heard.len());
    }
    assert_eq!(all, 200);
}
