//! Lift drives and elections.

use jiff::Timestamp;
use proto::pb::node as pb;
use proto_edge::node::{
    consent_service_client::ConsentServiceClient, election_service_client::ElectionServiceClient,
};

use super::super::{deed::Deed, plan::Thing};
use super::Player;
use crate::failure::Failure;

/// Of some paper that was signed.
fn paper() -> String {
    "b".repeat(64)
}

impl Player {
    pub(super) async fn vote(&mut self, deed: &Deed, now: Timestamp) -> Result<(), Failure> {
        match deed {
            Deed::OpenElection {
                election,
                kind,
                seats,
                committee,
                candidates,
                roll,
            } => {
                let made = call!(
                    self,
                    ElectionServiceClient.open_election,
                    election,
                    OpenElectionRequest {
                        kind: (*kind).to_owned(),
                        title: "换届选举".to_owned(),
                        seats: *seats,
                        committee: self.all(committee),
                    }
                );
                self.keep(*election, made.name.clone());
                if *kind == "courtyard-council" {
                    call!(
                        self,
                        ElectionServiceClient.gather_election_views,
                        election,
                        GatherElectionViewsRequest {
                            name: made.name.clone(),
                            people: 40,
                            document_sha256: paper(),
                        }
                    );
                }
                self.nominate(&made.name, candidates).await?;
                call!(
                    self,
                    ElectionServiceClient.freeze_election_roll,
                    election,
                    FreezeElectionRollRequest {
                        name: made.name,
                        lines: self.roll(roll, ""),
                    }
                );
            }
            Deed::Vote {
                election,
                voters,
                closes_at,
            } => {
                let name = self.name(*election);
                call!(
                    self,
                    ElectionServiceClient.open_voting,
                    election,
                    OpenVotingRequest {
                        name: name.clone(),
                        boxes: vec![pb::BallotBox {
                            code: "hall".to_owned(),
                            channel: pb::Channel::Counter.into(),
                            ..Default::default()
                        }],
                        closes_at: Some(prost_types::Timestamp {
                            seconds: closes_at.as_second(),
                            nanos: 0
                        }),
                    }
                );
                for entry in self.all(voters) {
                    call!(
                        self,
                        ElectionServiceClient.mark_voter,
                        election,
                        MarkVoterRequest {
                            name: name.clone(),
                            entry: entry,
                            ballot_box: "hall".to_owned(),
                        }
                    );
                }
            }
            Deed::CountVotes {
                election,
                candidates,
                ballots,
                counters,
            } => {
                let (name, counters) = (self.name(*election), self.all(counters));
                let votes = self.all(candidates).into_iter().zip(0..);
                let votes = votes.map(|(entry, place)| pb::CandidateVotes {
                    entry,
                    votes: (u64::from(*ballots) * 3 / 4).saturating_sub(place),
                });
                call!(
                    self,
                    ElectionServiceClient.count_ballot_box,
                    election,
                    CountBallotBoxRequest {
                        name: name.clone(),
                        ballot_box: "hall".to_owned(),
                        votes: votes.collect(),
                        valid: *ballots,
                        counters: counters.clone(),
                        document_sha256: paper(),
                    }
                );
                call!(
                    self,
                    ElectionServiceClient.announce_election,
                    election,
                    AnnounceElectionRequest {
                        name: name,
                        signers: counters,
                        document_sha256: paper(),
                    }
                );
            }
            Deed::Seat(election) => {
                call!(
                    self,
                    ElectionServiceClient.seat_elected,
                    election,
                    SeatElectedRequest {
                        name: self.name(*election),
                        from_day: day(now),
                    }
                );
            }
            _ => self.lift(deed).await?,
        }
        Ok(())
    }

    async fn nominate(&mut self, name: &str, candidates: &[Thing]) -> Result<(), Failure> {
        for entry in self.all(candidates) {
            call!(
                self,
                ElectionServiceClient.nominate_candidate,
                election,
                NominateCandidateRequest {
                    name: name.to_owned(),
                    entry: entry.clone(),
                    route: pb::NominationRoute::Others.into(),
                }
            );
            call!(
                self,
                ElectionServiceClient.review_candidate,
                election,
                ReviewCandidateRequest {
                    name: name.to_owned(),
                    entry: entry,
                    is_accepted: true,
                }
            );
        }
        call!(
            self,
            ElectionServiceClient.publish_candidates,
            election,
            PublishCandidatesRequest {
                name: name.to_owned(),
                place: "公告栏".to_owned(),
            }
        );
        Ok(())
    }

    pub(super) fn roll(&self, things: &[Thing], unit: &str) -> Vec<pb::RollLine> {
        let lines = self.all(things).into_iter();
        lines
            .map(|entry| pb::RollLine {
                entry,
                unit: unit.to_owned(),
                ..Default::default()
            })
            .collect()
    }

    async fn lift(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::OpenLift { lift, unit } => {
                let made = call!(
                    self,
                    ConsentServiceClient.open_consent,
                    consent,
                    OpenConsentRequest {
                        kind: "lift".to_owned(),
                        title: "加装电梯".to_owned(),
                        unit: (*unit).to_owned(),
                    }
                );
                self.keep(*lift, made.name);
            }
            Deed::FreezeLift {
                lift,
                owners,
                unit,
                until,
            } => {
                call!(
                    self,
                    ConsentServiceClient.freeze_consent_roll,
                    consent,
                    FreezeConsentRollRequest {
                        name: self.name(*lift),
                        lines: self.roll(owners, unit),
                        until_day: until.to_string(),
                    }
                );
            }
            Deed::Sign { lift, owner } => {
                call!(
                    self,
                    ConsentServiceClient.answer_consent,
                    consent,
                    AnswerConsentRequest {
                        name: self.name(*lift),
                        entry: self.name(*owner),
                        says: pb::Says::Yes.into(),
                        channel: pb::Channel::Paper.into(),
                        document_sha256: paper(),
                    }
                );
            }
            Deed::Publicise(lift) => {
                call!(
                    self,
                    ConsentServiceClient.publicise_consent,
                    consent,
                    PubliciseConsentRequest {
                        name: self.name(*lift),
                        place: "公告栏".to_owned(),
                    }
                );
            }
            Deed::Approve(lift) => {
                call!(
                    self,
                    ConsentServiceClient.approve_consent,
                    consent,
                    ApproveConsentRequest {
                        name: self.name(*lift),
                        by: "住建局".to_owned(),
                        document_sha256: paper(),
                    }
                );
            }
            Deed::StartLift(lift) => {
                call!(
                    self,
                    ConsentServiceClient.start_consent_works,
                    consent,
                    StartConsentWorksRequest {
                        name: self.name(*lift),
                    }
                );
            }
            Deed::Inspect(lift) => {
                call!(
                    self,
                    ConsentServiceClient.inspect_consent_works,
                    consent,
                    InspectConsentWorksRequest {
                        name: self.name(*lift),
                        by: "市场监管局".to_owned(),
                        document_sha256: paper(),
                        has_passed: true,
                    }
                );
            }
            Deed::PutInUse(lift) => {
                call!(
                    self,
                    ConsentServiceClient.put_consent_in_use,
                    consent,
                    PutConsentInUseRequest {
                        name: self.name(*lift),
                    }
                );
            }
            _ => {}
        }
        Ok(())
    }
}

/// The civil day in the district.
fn day(now: Timestamp) -> String {
    super::super::zone().to_datetime(now).date().to_string()
}
