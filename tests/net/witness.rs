//! An honest client that calls while something happens, and what it saw: its
//! latencies and the hub's memory. Knows no attack.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use proto::pb::hub::GetHubStatusRequest;
use proto_edge::{
    clock::Clock, connector, hub::hub_status_service_client::HubStatusServiceClient,
    membership::Membership,
};
use tonic::transport::Channel;

use crate::{harness::District, usage};

const CALLS_PER_CONNECTION: u32 = 10;

pub struct Witness {
    member: Membership,
    pid: u32,
}

#[derive(Debug, Default)]
pub struct Seen {
    calls: Vec<Duration>,
    /// A new connection and its first call.
    arrivals: Vec<Duration>,
    pub most_mib: f64,
    pub cpu: Duration,
    pub took: Duration,
}

impl Witness {
    pub fn new(member: Membership, pid: u32) -> Witness {
        Witness { member, pid }
    }

    /// The operator who sits at its hub.
    pub fn of(district: &District) -> Witness {
        let own = Path::new(&district.hub_dir()).join("operator");
        let member = Membership::load(&own).expect("an operator");
        Witness::new(member, district.hub_pid())
    }

    fn client(&self) -> HubStatusServiceClient<Channel> {
        let config = self.member.client_config(&Clock::system(0)).unwrap();
        let config = Arc::new(ArcSwap::from_pointee(config));
        HubStatusServiceClient::new(connector::channel(&self.member.hub, config).unwrap())
    }

    /// Calls one after the other until `span` is over.
    pub async fn watch(&self, span: Duration) -> Seen {
        let mut seen = Seen::default();
        let (begun, cpu) = (Instant::now(), usage::cpu(self.pid).unwrap());
        while begun.elapsed() < span {
            let mut client = self.client();
            for call in 0..CALLS_PER_CONNECTION {
                let asked = Instant::now();
                let answer = client.get_hub_status(GetHubStatusRequest::default()).await;
                answer.expect("an honest call is answered");
                match call {
                    0 => seen.arrivals.push(asked.elapsed()),
                    _ => seen.calls.push(asked.elapsed()),
                }
            }
            seen.most_mib = seen.most_mib.max(usage::rss_mib(self.pid).unwrap());
        }
        seen.cpu = usage::cpu(self.pid).unwrap() - cpu;
        seen.took = begun.elapsed();
        seen
    }
}

impl Seen {
    pub fn call_p99(&self) -> Duration {
        p99(&self.calls)
    }

    pub fn arrival_p99(&self) -> Duration {
        p99(&self.arrivals)
    }
}

fn p99(latencies: &[Duration]) -> Duration {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * 99 / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
