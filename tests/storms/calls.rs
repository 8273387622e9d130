//! Calls while their servers crash, are killed and start anew, and while callers give up: each one
//! that is made comes to one end, and an answer is the caller's own.
use crate::full_length::so_many;
use crate::{Dice, Marker, over, player, storm};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Call, CallError, supervisor};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::{JoinSet, yield_now};

const CALLS: u64 = so_many(100_000_000, 100_000) as u64;
const SERVERS: usize = 8;
/// Half of them are processes, half are plain tasks.
const CALLERS: u64 = 32;
/// A call that nobody bounds otherwise is lost after this.
const LOST: Duration = mins(10);
/// How many callers wait until they are answered together.
const TOGETHER: usize = 8;

#[gen_server]
struct Stormy {
    kept: Vec<(u64, ReplyTo<u64>)>,
}

#[gen_server]
impl Stormy {
    #[init]
    fn init() -> Self {
        Self { kept: Vec::new() }
    }
    #[call]
    fn echo(&self, n: u64) -> u64 {
        n
    }
    #[call(inline = never)]
    fn echo_by_itself(&self, n: u64) -> u64 {
        n
    }
    #[call]
    async fn echo_slowly(&self, n: u64) -> u64 {
        crate::a_while(n % 4).await;
        n
    }
    #[call]
    fn keep(&mut self, n: u64, from: ReplyTo<u64>) {
        self.kept.push((n, from));
        if self.kept.len() == TOGETHER {
            self.answer_all();
        }
    }
    #[every(1ms)]
    fn answer_all(&mut self) {
        for (n, from) in self.kept.drain(..) {
            from.reply(n);
        }
    }
    /// Somebody else answers.
    #[call]
    fn pass_on(&self, n: u64, from: ReplyTo<u64>) {
        process::spawn(async move |_: Mailbox<()>| from.reply(n));
    }
    #[call]
    fn let_go(&self, n: u64, from: ReplyTo<u64>) {
        drop((n, from));
    }
    #[call]
    fn crash(&self, n: u64) -> u64 {
        panic!("{n}")
    }
}

/// How calls ended, as those saw it who made them.
#[derive(Default, Debug)]
struct Tally {
    made: u64,
    answered: u64,
    no_proc: u64,
    down: u64,
    dropped: u64,
    timed_out: u64,
    cancelled: u64,
}

impl Tally {
    fn ends(&self) -> u64 {
        let (told, ended) = (self.answered + self.no_proc + self.down, self.dropped);
        told + ended + self.timed_out + self.cancelled
    }

    fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.answered += other.answered;
        self.no_proc += other.no_proc;
        self.down += other.down;
        self.dropped += other.dropped;
        self.timed_out += other.timed_out;
        self.cancelled += other.cancelled;
    }
}

struct Caller {
    servers: Arc<Vec<StormyRef>>,
    dice: Dice,
    tally: Tally,
    /// Its calls are numbered from here on.
    first: u64,
}

impl Caller {
    fn next_number(&mut self) -> u64 {
        self.tally.made += 1;
        self.first + self.tally.made
    }

    async fn run(mut self, calls: u64) -> Tally {
        while self.tally.made < calls {
            self.act().await;
        }
        self.tally
    }

    async fn act(&mut self) {
        let server = self.dice.pick(&self.servers).clone();
        match self.dice.below(4_000) {
            0 => process::exit(&server, ExitReason::Kill),
            1 => process::exit(&server, ExitReason::shutdown_with("storm")),
            2 => self.whole(&server, Stormy::crash_call).await,
            3..20 => self.whole(&server, |server, n| server.let_go(n)).await,
            20..40 => self.whole(&server, |server, n| server.pass_on(n)).await,
            40..60 => self.given_up(&server).await,
            60..100 => self.cancelled(&server).await,
            100..120 => self.many(&server).await,
            120..130 => self.whole(&server, |server, n| server.keep(n)).await,
            130..400 => self.whole(&server, |server, n| server.echo_slowly(n)).await,
            400..600 => self.whole(&server, |server, n| server.echo_by_itself(n)).await,
            _ => self.whole(&server, |server, n| server.echo(n)).await,
        }
    }

    /// A call that waits for its end, however that comes.
    async fn whole(&mut self, server: &StormyRef, call: fn(&StormyRef, u64) -> Call<u64>) {
        let n = self.next_number();
        let end = call(server, n).timeout(LOST).await;
        assert!(!matches!(end, Err(CallError::Timeout(..))), "call {n} is lost");
        self.note(n, end).await;
    }

    /// Several on their way at once.
    async fn many(&mut self, server: &StormyRef) {
        let calls: Vec<_> = (0..self.dice.below(2 * TOGETHER as u64))
            .map(|_| self.next_number())
            .map(|n| (n, if n % 16 == 0 { server.keep(n) } else { server.echo(n) }.timeout(LOST)))
            .collect();
        for (n, call) in calls {
            let end = call.await;
            assert!(!matches!(end, Err(CallError::Timeout(..))), "call {n} is lost");
            self.note(n, end).await;
        }
    }

    /// A call that may run out of time.
    async fn given_up(&mut self, server: &StormyRef) {
        let (n, limit) = (self.next_number(), Duration::from_micros(self.dice.below(1_500)));
        let end = server.keep(n).timeout(limit).await;
        self.note(n, end).await;
    }

    /// A call that is dropped: at once, or after somebody waited for it.
    async fn cancelled(&mut self, server: &StormyRef) {
        let (n, turns) = (self.next_number(), self.dice.below(4));
        let call = if n % 2 == 0 { server.keep(n) } else { server.echo_slowly(n) };
        if turns == 0 {
            drop(call);
            self.tally.cancelled += 1;
            return;
        }
        tokio::select! {
            biased;
            end = call => self.note(n, end).await,
            () = crate::a_while(turns) => self.tally.cancelled += 1,
        }
    }

    async fn note(&mut self, n: u64, end: Result<u64, CallError>) {
        let kind = match end {
            Ok(answer) => {
                assert_eq!(answer, n, "the answer of another call");
                &mut self.tally.answered
            }
            Err(CallError::NoProc(_)) => {
                yield_now().await; // It is being restarted.
                &mut self.tally.no_proc
            }
            Err(CallError::Down(..)) => &mut self.tally.down,
            Err(CallError::ReplyDropped(_)) => &mut self.tally.dropped,
            Err(CallError::Timeout(..)) => &mut self.tally.timed_out,
            Err(error) => panic!("call {n}: {error}"),
        };
        *kind += 1;
    }
}

impl Stormy {
    fn crash_call(server: &StormyRef, n: u64) -> Call<u64> {
        server.crash(n)
    }
}

fn check(sum: &Tally) {
    println!("storm of calls: {sum:?}");
    assert!(sum.made >= CALLS / CALLERS * CALLERS);
    assert_eq!(sum.made, sum.ends(), "each call comes to one end: {sum:?}");
    let ends = [sum.answered, sum.no_proc, sum.down, sum.dropped, sum.timed_out, sum.cancelled];
    assert!(ends.iter().all(|end| *end > 0), "each end is seen: {sum:?}");
}

/// GS-17, GS-18, GS-20: of a hundred million calls in full length none is lost.
#[test]
fn every_call_comes_to_one_end_while_servers_die() {
    storm(async || {
        let mut tree = Supervisor::builder().max_restarts(u32::MAX, secs(1));
        let mut add = |n| tree.add(Stormy::child_spec().id(format!("{n}")));
        let servers: Arc<Vec<_>> = Arc::new((0..SERVERS).map(&mut add).collect());
        let root = tree.start().await.unwrap();

        let sum = Arc::new(Mutex::new(Tally::default()));
        let caller = |number: u64| {
            let (servers, dice) = (servers.clone(), Dice::new(number + 1));
            let caller = Caller { servers, dice, tally: Tally::default(), first: number << 40 };
            let sum = sum.clone();
            async move {
                let tally = caller.run(CALLS / CALLERS).await;
                sum.lock().unwrap().add(&tally);
            }
        };
        let processes: Vec<_> =
            (0..CALLERS / 2).map(caller).map(|run| player(|_: Mailbox<Marker>| run)).collect();
        let mut tasks: JoinSet<()> = (CALLERS / 2..CALLERS).map(caller).collect();
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        over(processes).await;

        check(&sum.lock().unwrap());
        supervisor::stop(&root).await.unwrap();
    });
}
