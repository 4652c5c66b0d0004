//! A hub whose process runs out of descriptors: it does not spin, loses
//! nothing, and serves again when they come back.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
};

use crate::{
    harness::{District, district::RUIQUAN, eventually},
    usage,
};

/// A hub at rest has about thirty.
const FILES: u32 = 80;
const CROWD: u8 = 10;
const PER_ADDRESS: usize = 16;
const WATCHED: Duration = Duration::from_secs(3);

#[test]
fn a_hub_without_a_descriptor_left_neither_spins_nor_dies() {
    let mut district = District::start("net-files");
    district.kill_hub();
    district.start_hub_with_files(FILES);
    let pid = district.hub_pid();
    let runtime = Runtime::new().unwrap();
    let crowd = runtime.block_on(fill(district.address.parse().unwrap()));
    eventually("its descriptors are used up", || {
        (usage::descriptors(pid).unwrap() + 1 >= FILES as usize).then_some(())
    });
    let before = usage::cpu(pid).unwrap();
    thread::park_timeout(WATCHED);
    let busy = (usage::cpu(pid).unwrap() - before).as_secs_f64() / WATCHED.as_secs_f64();
    eprintln!("out of descriptors: {:.1} % of a core", busy * 100.0);
    assert!(busy < 0.3, "it spins: {busy}");
    drop(crowd);
    eventually("it answers again", || {
        let out = crate::harness::process::tongxin(&[
            "hub",
            "invite",
            "--dir",
            &district.hub_dir(),
            "--community",
            RUIQUAN,
        ]);
        out.status.success().then_some(())
    });
    // What it journals from now on is still there after a restart.
    let _ruiquan = district.joined(RUIQUAN);
    district.kill_hub();
    district.start_hub();
    assert_eq!(district.node_status(RUIQUAN)["community"], RUIQUAN);
}

/// Silent sockets from several addresses, more than there are descriptors.
async fn fill(hub: SocketAddr) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for host in 1..=CROWD {
        for _ in 0..PER_ADDRESS {
            let socket = TcpSocket::new_v4().unwrap();
            let own = SocketAddr::from((Ipv4Addr::new(127, 0, 9, host), 0));
            socket.bind(own).unwrap();
            crowd.push(socket.connect(hub).await.unwrap());
        }
    }
    crowd
}
