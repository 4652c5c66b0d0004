//! Elections: what a story asks of candidates, boxes and seats. Knows no story.

use proto::pb::node::{BallotBox, CandidateVotes, Channel, NominationRoute, RollLine};
use proto_edge::node::election_service_client::ElectionServiceClient;

use super::paper;
use crate::harness::{article::instant, calls::calls};

calls! { ElectionServiceClient => election: Election;
    open_election(kind: &str, title: &str, seats: u32, committee: Vec<String>) = open_election OpenElectionRequest {
        kind: kind.to_owned(), title: title.to_owned(), seats: seats, committee: committee
    };
    gather_views(name: &str, people: u32) = gather_election_views GatherElectionViewsRequest {
        name: name.to_owned(), people: people, document_sha256: paper()
    };
    nominate(name: &str, entry: &str, route: NominationRoute) = nominate_candidate NominateCandidateRequest {
        name: name.to_owned(), entry: entry.to_owned(), route: route.into()
    };
    review(name: &str, entry: &str) = review_candidate ReviewCandidateRequest {
        name: name.to_owned(), entry: entry.to_owned(), is_accepted: true
    };
    publish_candidates(name: &str, place: &str) = publish_candidates PublishCandidatesRequest { name: name.to_owned(), place: place.to_owned() };
    freeze_election_roll(name: &str, lines: Vec<RollLine>) = freeze_election_roll FreezeElectionRollRequest { name: name.to_owned(), lines: lines };
    /// One box in the hall.
    open_voting(name: &str, closes: &str) = open_voting OpenVotingRequest {
        name: name.to_owned(), closes_at: Some(instant(closes)),
        boxes: vec![BallotBox { code: "hall".to_owned(), channel: Channel::Counter.into(), ..Default::default() }],
    };
    mark_voter(name: &str, entry: &str) = mark_voter MarkVoterRequest {
        name: name.to_owned(), entry: entry.to_owned(), ballot_box: "hall".to_owned()
    };
    close_voting(name: &str) = close_voting CloseVotingRequest { name: name.to_owned() };
    count_ballots(name: &str, votes: Vec<CandidateVotes>, valid: u32, blank: u32, counters: Vec<String>) = count_ballot_box CountBallotBoxRequest {
        name: name.to_owned(), ballot_box: "hall".to_owned(), votes: votes, valid: valid, blank: blank,
        counters: counters, document_sha256: paper()
    };
    announce_result(name: &str, signers: Vec<String>) = announce_election AnnounceElectionRequest {
        name: name.to_owned(), signers: signers, document_sha256: paper()
    };
    seat_elected(name: &str, from_day: &str) = seat_elected SeatElectedRequest { name: name.to_owned(), from_day: from_day.to_owned() };
    vacate_seat(name: &str, entry: &str, reason: &str) = vacate_seat VacateSeatRequest {
        name: name.to_owned(), entry: entry.to_owned(), reason: reason.to_owned()
    };
}

pub fn votes(entry: &str, votes: u64) -> CandidateVotes {
    CandidateVotes {
        entry: entry.to_owned(),
        votes,
    }
}
