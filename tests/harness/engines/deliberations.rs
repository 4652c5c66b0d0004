//! Deliberations: what a story asks of topics, sessions and votes. Knows no story.

use proto::pb::node::{
    Origin, TopicGrade, TopicParticipant, TopicRoute, TopicSource, advance_topic_request as step,
    follow_topic_request as after, meet_on_topic_request as meet, topic_participant::Seat,
    vote_on_topic_request as vote,
};
use proto_edge::node::deliberation_service_client::DeliberationServiceClient;

use crate::harness::calls::calls;

calls! { DeliberationServiceClient => topic: Topic;
    propose(kind: &str, title: &str, source: TopicSource, supporters: u32) = propose_topic ProposeTopicRequest {
        kind: kind.to_owned(), title: title.to_owned(), source: source.into(), supporters: supporters
    };
    triage(name: &str, grade: TopicGrade, reason: &str) = triage_topic TriageTopicRequest {
        name: name.to_owned(), grade: grade.into(), route: TopicRoute::Agenda.into(), reason: reason.to_owned()
    };
    comment(name: &str, origin: Origin) = comment_topic CommentTopicRequest { name: name.to_owned(), origin: origin.into() };
    advance(name: &str, act: step::Act) = advance_topic AdvanceTopicRequest { name: name.to_owned(), act: Some(act) };
    meet(name: &str, act: meet::Act) = meet_on_topic MeetOnTopicRequest { name: name.to_owned(), act: Some(act) };
    vote(name: &str, act: vote::Act) = vote_on_topic VoteOnTopicRequest { name: name.to_owned(), act: Some(act) };
    follow(name: &str, act: after::Act) = follow_topic FollowTopicRequest { name: name.to_owned(), act: Some(act) };
}

pub fn seat(entry: &str, seat: Seat) -> TopicParticipant {
    TopicParticipant {
        entry: entry.to_owned(),
        seat: Some(seat),
    }
}

pub fn convene(on: &str, participants: Vec<TopicParticipant>) -> meet::Act {
    meet::Act::Convene(meet::Convene {
        on: on.to_owned(),
        participants,
    })
}

pub fn hold(present: Vec<String>, chair: &str) -> meet::Act {
    meet::Act::Hold(meet::Hold {
        present,
        chair: chair.to_owned(),
    })
}

pub fn decide(text: &str, yes: u32, no: u32) -> meet::Act {
    meet::Act::Decide(meet::Decide {
        text: text.to_owned(),
        yes,
        no,
        abstained: 0,
    })
}

pub fn follow_up(owner: &str, what: &str, due_day: &str) -> after::Act {
    after::Act::SetFollowUp(after::SetFollowUp {
        owner: owner.to_owned(),
        what: what.to_owned(),
        due_day: due_day.to_owned(),
    })
}

pub fn done(follow_up: u32) -> after::Act {
    after::Act::ReportDone(after::ReportDone { follow_up })
}

pub fn check(follow_up: u32, by: &str) -> after::Act {
    after::Act::Check(after::Check {
        follow_up,
        by: by.to_owned(),
        passed: true,
        note: String::new(),
    })
}

pub fn announce(channel: &str) -> after::Act {
    after::Act::Announce(after::Announce {
        channel: channel.to_owned(),
    })
}
