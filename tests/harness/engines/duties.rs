//! Duties: what a story asks of what is owed on a calendar. Knows no story.

use proto::pb::node as pb;
use proto_edge::node::duty_service_client::DutyServiceClient;

use crate::harness::{article::instant, calls::calls};

calls! { DutyServiceClient => duty: Duty;
    open_duty(kind: &str, owed_by: &str, owed_to: &str, from_day: &str) = open_duty OpenDutyRequest {
        kind: kind.to_owned(), owed_by: owed_by.to_owned(), owed_to: owed_to.to_owned(), from_day: from_day.to_owned()
    };
    hold_duty(name: &str, present: u32, seats: u32) = hold_duty HoldDutyRequest {
        name: name.to_owned(), present: present, seats: seats
    };
    /// From the list on paper, when it comes to the desk.
    hold_duty_late(name: &str, on: &str, happened: &str) = hold_duty HoldDutyRequest {
        name: name.to_owned(), on: on.to_owned(), happened_at: Some(instant(happened))
    };
    attempt_duty(name: &str) = attempt_duty AttemptDutyRequest { name: name.to_owned() };
    postpone_duty(name: &str, on: &str, to: &str, reason: &str) = postpone_duty PostponeDutyRequest {
        name: name.to_owned(), on: on.to_owned(), to: to.to_owned(), reason: reason.to_owned()
    };
}

impl crate::harness::calls::Caller {
    pub fn duty(&mut self, name: &str) -> pb::Duty {
        let request = self.request(pb::GetDutyRequest {
            name: name.to_owned(),
        });
        let mut client = DutyServiceClient::new(self.channel.clone());
        let answer = self.runtime.block_on(client.get_duty(request));
        answer.expect("a duty").into_inner().duty.expect("a duty")
    }
}
