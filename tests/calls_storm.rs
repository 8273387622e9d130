//! Servers that call each other at random, crash, are killed and started anew: every call is
//! answered, and nothing is left.
use crate::gen_server_support::custom;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::{Node, gen_server};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

const SERVERS: usize = 6;
const CLIENTS: usize = 8;
const ROUNDS: u32 = 300;
const CALLS: u32 = 40;

/// Numbers that look random, the same ones for the same seed.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.roll() >> 8) % n
    }
}

/// Where everybody finds everybody.
#[derive(Clone)]
struct Peers(Arc<Vec<Mutex<Option<StormyRef>>>>);

impl Peers {
    fn any(&self, dice: &mut Dice) -> StormyRef {
        let at = dice.below(self.0.len() as u64) as usize;
        self.0[at].lock().unwrap().clone().expect("all have been started")
    }

    /// Starts whoever does not live.
    async fn revive(&self, dice: &mut Dice) {
        for place in self.0.iter() {
            let lives =
                place.lock().unwrap().as_ref().is_some_and(|it| gen_server::whereis(it).is_some());
            if !lives {
                let seed = dice.roll() | 1;
                let server = Stormy::start(self.clone(), seed).await.unwrap();
                *place.lock().unwrap() = Some(server);
            }
        }
    }

    /// Stops everybody, and lets go of the handles.
    async fn stop(&self) {
        for place in self.0.iter() {
            let server = place.lock().unwrap().take();
            let _ = gen_server::stop(&server.expect("all have been started")).await;
        }
    }
}

struct Answer(ReplyTo<u32>);

#[gen_server]
struct Stormy {
    peers: Peers,
    dice: Dice,
    kept: Vec<ReplyTo<u32>>,
}

#[gen_server]
impl Stormy {
    #[init]
    fn init(peers: Peers, seed: u64) -> Self {
        Self { peers, dice: Dice(seed), kept: Vec::new() }
    }
    #[call]
    fn echo(&self, n: u32) -> u32 {
        n
    }
    #[call]
    async fn echo_slowly(&self, n: u32) -> u32 {
        for _ in 0..n % 7 {
            yield_now().await;
        }
        n
    }
    /// Answered by a timer, or by the next tick.
    #[call]
    fn keep(&mut self, n: u32, from: ReplyTo<u32>, ctx: &mut Ctx<Self>) {
        if n.is_multiple_of(2) {
            ctx.send_after(Duration::from_micros(u64::from(n % 3000)), Answer(from));
        } else {
            self.kept.push(from);
        }
    }
    #[info]
    fn answer(&mut self, answer: Answer) {
        answer.0.reply(0);
    }
    #[every(1ms)]
    fn answer_all(&mut self) {
        for from in self.kept.drain(..) {
            from.reply(1);
        }
    }
    /// Calls somebody, who calls somebody, and so on; it may well be a circle.
    #[call]
    async fn via(&mut self, depth: u32) -> Result<u32, CallError> {
        if depth == 0 {
            return Ok(0);
        }
        let peer = self.peers.any(&mut self.dice);
        peer.via(depth - 1).await.map_err(flat)
    }
    #[call]
    async fn crash(&self, n: u32) -> u32 {
        for _ in 0..n % 3 {
            yield_now().await;
        }
        panic!("stormy");
    }
    #[terminate]
    async fn bye(&mut self) {
        yield_now().await;
    }
}

fn flat(error: TryCallError<CallError>) -> CallError {
    match error {
        TryCallError::Call(error) | TryCallError::Handler(error) => error,
    }
}

/// Does something to somebody; gives why a call that should have been answered was not.
async fn act(peers: &Peers, dice: &mut Dice) -> Option<CallError> {
    let (peer, n) = (peers.any(dice), dice.roll() as u32);
    match dice.below(16) {
        0..3 => peer.echo(n).await.err(),
        3..5 => peer.echo_slowly(n).await.err(),
        5..7 => peer.keep(n).await.err(),
        7..10 => peer.via(n % 5).await.err().map(flat),
        10 => {
            drop(peer.keep(n));
            None
        }
        11 => {
            let limit = Duration::from_micros(u64::from(n % 2000));
            let _ = peer.echo_slowly(n).timeout(limit).await;
            None
        }
        12 => {
            let _ = timeout(Duration::from_micros(50), process::monitor(&peer)).await;
            None
        }
        13 => peer.crash(n).await.err(),
        14 => {
            match n % 3 {
                0 => process::exit(&peer, ExitReason::Kill),
                1 => process::exit(&peer, custom()),
                _ => drop(gen_server::stop(&peer).await),
            }
            None
        }
        _ => {
            let calls: Vec<_> = (0..n % 20).map(|n| peer.echo(n)).collect();
            let mut failed = None;
            for call in calls {
                failed = call.await.err().or(failed);
            }
            failed
        }
    }
}

/// A client; it ends `Normal` if every call of its was answered.
fn client(peers: Peers, mut dice: Dice) -> Spawned<()> {
    let run = async move |_: Mailbox<()>| {
        for _ in 0..CALLS {
            if let Some(error) = act(&peers, &mut dice).await
                && error.is_timeout()
            {
                return Err(error);
            }
        }
        Ok(())
    };
    process::spawn_monitor(run).1
}

async fn storm(seed: u64) {
    let mut dice = Dice(seed);
    let peers = Peers(Arc::new((0..SERVERS).map(|_| Mutex::default()).collect()));
    for round in 0..ROUNDS {
        peers.revive(&mut dice).await;
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| client(peers.clone(), Dice(dice.roll() | 1))).collect();
        for _ in 0..dice.below(50) {
            yield_now().await;
        }
        process::exit(&clients[0].pid(), ExitReason::Kill);
        for client in clients {
            let down = timeout(secs(30), client).await.expect("nobody waits for ever");
            let fine = matches!(down.reason, ExitReason::Normal | ExitReason::Killed);
            assert!(fine, "seed {seed}, round {round}: {}", down.reason);
        }
    }
    peers.stop().await;
    let node = Node::current().unwrap();
    assert_eq!((node.processes(), node.timers()), (0, 0));
}

/// GS-20, GS-52
#[cordial::test(workers = 1)]
async fn every_call_of_a_storm_is_answered_on_one_worker() {
    storm(42).await;
}

/// GS-20, GS-52
#[cordial::test(workers = 2)]
async fn every_call_of_a_storm_is_answered_on_two_workers() {
    storm(4242).await;
}
