//! How many connections each source address holds before it has said who it
//! is. Knows no identity.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by address; IPv6 by /64, which is what one subscriber is given.
#[derive(Debug)]
pub(super) struct Addresses {
    held: Mutex<HashMap<IpAddr, usize>>,
    most: usize,
}

/// One counted connection; dropping it counts it out.
#[derive(Debug)]
pub(super) struct AddressSlot {
    addresses: Arc<Addresses>,
    source: IpAddr,
}

impl Addresses {
    pub fn new(most: usize) -> Arc<Addresses> {
        Arc::new(Addresses {
            held: Mutex::default(),
            most,
        })
    }

    pub fn take(self: &Arc<Addresses>, address: IpAddr) -> Option<AddressSlot> {
        let source = subscriber(address);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(source).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(AddressSlot {
            addresses: self.clone(),
            source,
        })
    }
}

impl Drop for AddressSlot {
    fn drop(&mut self) {
        let held = &self.addresses.held;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.source);
            }
        }
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_its_share_and_gives_it_back() {
        let addresses = Addresses::new(2);
        let v4: IpAddr = "192.0.2.7".parse().unwrap();
        let mapped: IpAddr = "::ffff:192.0.2.7".parse().unwrap();
        let first = addresses.take(v4).unwrap();
        let _second = addresses.take(mapped).unwrap();
        assert!(addresses.take(v4).is_none());
        assert!(addresses.take("192.0.2.8".parse().unwrap()).is_some());
        drop(first);
        assert!(addresses.take(v4).is_some());
    }

    #[test]
    fn one_ipv6_subscriber_is_one_address() {
        let addresses = Addresses::new(1);
        let _held = addresses.take("2001:db8:1:2::1".parse().unwrap()).unwrap();
        assert!(
            addresses
                .take("2001:db8:1:2:ffff::9".parse().unwrap())
                .is_none()
        );
        assert!(addresses.take("2001:db8:1:3::1".parse().unwrap()).is_some());
    }
}
