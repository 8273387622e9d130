//! Calls that `select!` cancels: their answers go nowhere, and to nobody else.
use crate::full_length::so_many;
use crate::{Dice, Marker, a_while, over, player, storm};
use cordial::gen_server;
use cordial::prelude::*;
use cordial::process::Mailbox;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const CANCELLED: u64 = so_many(1_000_000, 10_000) as u64;
const CALLERS: u64 = 4;

/// Answers some at once, some later, some when the next one asks.
#[gen_server(restart = Temporary)]
struct Slow {
    kept: Option<(u64, ReplyTo<u64>)>,
}

#[gen_server]
impl Slow {
    #[init]
    fn init() -> Self {
        Self { kept: None }
    }
    #[call]
    fn echo(&self, n: u64) -> u64 {
        n
    }
    #[call]
    async fn echo_slowly(&self, n: u64) -> u64 {
        a_while(n % 5).await;
        n
    }
    #[call]
    fn keep(&mut self, n: u64, from: ReplyTo<u64>) {
        if let Some((n, from)) = self.kept.replace((n, from)) {
            from.reply(n);
        }
    }
}

async fn caller(slow: SlowRef, number: u64, answers: Arc<AtomicU64>) {
    let (mut dice, mut cancelled) = (Dice::new(number), 0);
    let mut n = number << 40;
    while cancelled < CANCELLED / CALLERS {
        n += 2;
        let call = match dice.below(4) {
            0 => slow.keep(n),
            _ => slow.echo_slowly(n),
        };
        tokio::select! {
            biased;
            answer = call.timeout(mins(10)) => {
                assert_eq!(answer, Ok(n), "the answer of another call");
                answers.fetch_add(1, Relaxed);
            }
            () = a_while(dice.below(6)) => cancelled += 1,
        }
        assert_eq!(slow.echo(n + 1).timeout(mins(10)).await, Ok(n + 1));
    }
}

/// GS-17, GS-52: a million cancelled calls in full length, and a whole one after each.
#[test]
fn answer_of_a_cancelled_call_reaches_nobody_else() {
    storm(async || {
        let slow = Slow::start().await.unwrap();
        let answers = Arc::new(AtomicU64::new(0));
        over((1..=CALLERS).map(|number| {
            let run = caller(slow.clone(), number, answers.clone());
            player(|_: Mailbox<Marker>| run)
        }))
        .await;
        println!("storm of cancelled calls: {CANCELLED}, and {answers:?} answered in time");
        gen_server::stop(&slow).await.unwrap();
    });
}
