//! A line that misbehaves on demand: a TCP proxy whose weather can be changed
//! while connections are open. Everything it does by chance follows from a seed.
//! Knows no TLS and no message.

use std::{io, net::SocketAddr, time::Duration};

use proto::sync::jitter::Jitter;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    runtime::Handle,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};

const CHUNK: usize = 4096;
/// What a lost packet costs: TCP sends it again.
const STALL_LEAST: Duration = Duration::from_millis(200);
const STALL_MORE: Duration = Duration::from_millis(800);
const BYTE_EVERY: Duration = Duration::from_secs(1);

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Clear,
    /// Each chunk arrives up to this much later.
    Delay(Duration),
    /// So many of a thousand chunks stall as if they had been sent again.
    Loss(u64),
    /// One byte a second.
    Trickle,
    /// Nothing passes, nothing is refused.
    Partition,
    /// One way is swallowed; such a connection is reset when the weather clears,
    /// as by a box on the way that has forgotten it.
    HalfOpen(Way),
    /// A chunk is cut somewhere and the connection reset.
    Reset,
    /// The client's end is reset, the server's end stays open and silent.
    Abandon,
    /// What a client sends arrives on a second connection too.
    Duplicate,
}

impl Weather {
    /// The `kind`th trouble, of nine, with what is left to chance.
    pub fn trouble(kind: usize, chance: &mut Jitter) -> Weather {
        match kind % 9 {
            0 => Weather::Partition,
            1 => Weather::Reset,
            2 => Weather::HalfOpen(Way::Up),
            3 => Weather::Loss([10, 100, 300][(chance.next_u64() % 3) as usize]),
            4 => Weather::Abandon,
            5 => Weather::Delay(chance.within(Duration::from_secs(5))),
            6 => Weather::HalfOpen(Way::Down),
            7 => Weather::Duplicate,
            _ => Weather::Trickle,
        }
    }
}

/// Accepts until dropped.
pub struct Proxy {
    pub address: SocketAddr,
    sky: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub fn start(runtime: &Handle, target: &str, seed: u64) -> Proxy {
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sky, seen) = watch::channel(Weather::Clear);
        let accepting = runtime.spawn(accept(listener, target.to_owned(), seen, seed));
        Proxy {
            address,
            sky,
            accepting,
        }
    }

    pub fn set(&self, weather: Weather) {
        self.sky.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    target: String,
    sky: watch::Receiver<Weather>,
    mut seed: u64,
) {
    let mut carried = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = carried.join_next() => {}
            accepted = listener.accept() => {
                let (client, _) = accepted.expect("a client");
                seed = seed.wrapping_add(1);
                carried.spawn(carry(client, target.clone(), sky.clone(), seed));
            }
        }
    }
}

enum Broken {
    Reset,
    Abandoned,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Broken {
        Broken::Reset
    }
}

async fn carry(
    mut client: TcpStream,
    target: String,
    mut sky: watch::Receiver<Weather>,
    seed: u64,
) {
    let passes = |weather: &Weather| *weather != Weather::Partition;
    if sky.wait_for(passes).await.is_err() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(&target).await else {
        return;
    };
    let weather = *sky.borrow();
    let mut twin = match weather {
        Weather::Duplicate => TcpStream::connect(&target).await.ok(),
        _ => None,
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ended = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = Pump::new(Way::Up, &sky, seed).run(from_client, to_server, twin.as_mut());
        let down = Pump::new(Way::Down, &sky, !seed).run(from_server, to_client, None);
        tokio::try_join!(up, down)
    };
    match ended {
        Ok(_) => {}
        Err(Broken::Reset) => {
            let _ = (client.set_zero_linger(), server.set_zero_linger());
        }
        Err(Broken::Abandoned) => {
            let _ = client.set_zero_linger();
            drop(client);
            let _ = sky.wait_for(|weather| *weather == Weather::Clear).await;
        }
    }
}

/// One way of one connection.
struct Pump {
    way: Way,
    sky: watch::Receiver<Weather>,
    chance: Jitter,
    /// Something was swallowed: no later byte makes sense.
    is_doomed: bool,
}

impl Pump {
    fn new(way: Way, sky: &watch::Receiver<Weather>, seed: u64) -> Pump {
        Pump {
            way,
            sky: sky.clone(),
            chance: Jitter::new(seed),
            is_doomed: false,
        }
    }

    async fn run(
        mut self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        mut twin: Option<&mut TcpStream>,
    ) -> Result<(), Broken> {
        let mut chunk = vec![0; CHUNK];
        loop {
            match *self.sky.borrow_and_update() {
                Weather::Clear if self.is_doomed => return Err(Broken::Reset),
                Weather::Abandon if self.way == Way::Up => return Err(Broken::Abandoned),
                _ => {}
            }
            let weather = *self.sky.borrow();
            let came = tokio::select! {
                changed = self.sky.changed() => {
                    changed.map_err(|_| Broken::Reset)?;
                    continue;
                }
                came = from.read(&mut chunk), if weather != Weather::Partition => came?,
            };
            if came == 0 {
                to.shutdown().await?;
                return Ok(());
            }
            if let Some(twin) = &mut twin {
                let _ = twin.write_all(&chunk[..came]).await;
            }
            self.pass(weather, &chunk[..came], &mut to).await?;
        }
    }

    async fn pass(
        &mut self,
        weather: Weather,
        chunk: &[u8],
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Broken> {
        match weather {
            Weather::HalfOpen(way) if way == self.way => self.is_doomed = true,
            _ if self.is_doomed => {}
            Weather::Delay(most) => {
                sleep_until(Instant::now() + self.chance.within(most)).await;
                to.write_all(chunk).await?;
            }
            Weather::Loss(permille) => {
                if self.chance.next_u64() % 1000 < permille {
                    let stall = STALL_LEAST + self.chance.within(STALL_MORE);
                    sleep_until(Instant::now() + stall).await;
                }
                to.write_all(chunk).await?;
            }
            Weather::Trickle => self.trickle(chunk, to).await?,
            Weather::Reset => {
                let cut = self.chance.next_u64() as usize % chunk.len();
                to.write_all(&chunk[..cut]).await?;
                return Err(Broken::Reset);
            }
            _ => to.write_all(chunk).await?,
        }
        Ok(())
    }

    async fn trickle(&mut self, chunk: &[u8], to: &mut WriteHalf<'_>) -> Result<(), Broken> {
        let mut rest = chunk;
        while let Some((byte, behind)) = rest.split_first() {
            to.write_all(&[*byte]).await?;
            rest = behind;
            tokio::select! {
                () = sleep_until(Instant::now() + BYTE_EVERY) => {}
                _ = self.sky.changed() => {
                    // Looked at again by `run`.
                    self.sky.mark_changed();
                    break;
                }
            }
        }
        Ok(to.write_all(rest).await?)
    }
}
