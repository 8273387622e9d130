//! What clauses can say: kinds of answers, async ones, generics, several types of events.
use crate::puppet::{Log, pass};
use cordial::prelude::*;
use cordial::test::{restarted, sync};
use cordial::{TryCallError, process};
use std::time::Duration;
use tokio::sync::oneshot;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused(&'static str);
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// A till of a shop: opens, takes money, closes.
#[gen_statem]
#[derive(Debug)]
pub(crate) struct Till<T> {
    paid: Vec<T>,
    waiting: Option<ReplyTo<usize>>,
}

#[gen_statem(Closed | Open | Broken)]
impl<T: Clone + PartialEq + Sync> Till<T> {
    #[init]
    async fn init(paid: Vec<T>) -> Self {
        Self { paid, waiting: None }
    }
    /// Opens it.
    #[on(Closed)]
    #[call]
    pub(crate) fn open(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open | Broken)]
    #[ignore]
    pub(crate) fn open();
    /// Takes some money.
    #[on(Open)]
    #[call]
    pub(crate) async fn pay(
        &mut self,
        _note: &str,
        coin: T,
        gate: Option<oneshot::Receiver<()>>,
    ) -> (Result<usize, Refused>, to![Closed | Broken]) {
        if let Some(gate) = gate {
            let _ = gate.await;
        }
        if self.paid.contains(&coin) {
            return (Err(Refused("taken already")), goto(Broken));
        }
        self.paid.push(coin);
        (Ok(self.paid.len()), keep_state())
    }
    #[on(Closed)]
    #[call]
    pub(crate) fn pay(
        &mut self,
        note: &str,
        _: T,
        _gate: Option<oneshot::Receiver<()>>,
    ) -> Result<usize, Refused> {
        if note == "please" { Ok(0) } else { Err(Refused("closed")) }
    }
    #[on(Broken)]
    #[postpone]
    pub(crate) fn pay();
    #[on(_)]
    #[call]
    pub(crate) fn count_later(&mut self, from: ReplyTo<usize>) {
        self.waiting = Some(from);
    }
    #[on(Open)]
    #[cast]
    pub(crate) fn close(&mut self) -> Result<to![Closed], Refused> {
        if self.paid.is_empty() {
            return Err(Refused("nothing was paid"));
        }
        if let Some(from) = self.waiting.take() {
            from.reply(self.paid.len());
        }
        Ok(goto(Closed))
    }
    #[on(_)]
    #[ignore]
    #[cast]
    pub(crate) fn close();
    #[on(Broken)]
    #[after(2s)]
    async fn repaired(&mut self) -> to![Open] {
        self.paid.clear();
        goto(Open)
    }
    #[on(_)]
    #[call]
    pub(crate) fn state(&self, ctx: &mut Ctx<Self>) -> TillState {
        ctx.state()
    }
}

#[cordial::test]
async fn clauses_answer_and_move_in_all_ways() {
    let till = Till::<u8>::start(vec![]).await.unwrap();
    assert_eq!(till.pay("please", 1, None).await, Ok(0));
    let refused = till.pay("now", 1, None).await;
    assert_eq!(refused, Err(TryCallError::Handler(Refused("closed"))));
    assert_eq!(till.open().await, Ok(()));
    assert_eq!(till.state().await, Ok(TillState::Open));
    assert!(matches!(till.open().await, Err(CallError::ReplyDropped(_))), "it is ignored");
    assert_eq!(till.pay("now", 1, None).await, Ok(1));
    let later = till.count_later();
    till.close();
    assert_eq!(later.await, Ok(1));
    till.close();
    assert_eq!(till.state().await, Ok(TillState::Closed));
}

/// While a clause awaits, what comes stands in line; what it postpones is tried again at its turn.
#[cordial::test]
async fn an_async_clause_keeps_the_order() {
    let till = Till::start(vec![]).await.unwrap();
    till.open().await.unwrap();
    let (open, gate) = oneshot::channel();
    let slow = till.pay("now", 1, Some(gate));
    let same = till.pay("now", 1, None);
    let postponed = till.pay("now", 2, None);
    pass(Duration::from_secs(1)).await;
    open.send(()).unwrap();
    assert_eq!(slow.await, Ok(1));
    assert_eq!(same.await, Err(TryCallError::Handler(Refused("taken already"))));
    assert_eq!(till.state().await, Ok(TillState::Broken));
    // Repaired after two seconds; then it was tried again.
    assert_eq!(postponed.await, Ok(1));
}

/// An `Err` of a clause that nobody waits for ends the machine, as a server's.
#[cordial::test]
async fn an_error_of_a_cast_ends_it() {
    let till = Till::<u8>::start(vec![]).await.unwrap();
    till.open().await.unwrap();
    till.close();
    let down = process::monitor(&till).await;
    assert_eq!(down.reason, ExitReason::custom(Refused("nothing was paid")));
}

#[gen_statem]
struct Watcher {
    log: Log,
}

#[gen_statem(Waiting | Told)]
impl Watcher {
    #[init]
    #[allow(clippy::needless_pass_by_value, reason = "it comes through a start")]
    fn init(log: Log, ctx: &mut Ctx<Self>, target: TillRef<u8>) -> Self {
        ctx.monitor(&target);
        Self { log }
    }
    #[on(Waiting)]
    #[info]
    fn down(&mut self, down: Down) -> to![Told] {
        self.log.write(format!("{}", down.reason));
        goto(Told)
    }
    #[on(Told)]
    #[ignore]
    fn down();
}

/// Monitors, supervision and all else of servers is there.
#[cordial::test]
async fn an_end_of_another_process_is_an_event() {
    let till = Till::<u8>::start(vec![]).await.unwrap();
    let log = Log::default();
    let watcher = Watcher::start(log.clone(), till.clone()).await.unwrap();
    gen_server::stop(&till).await.unwrap();
    sync(&watcher).await;
    assert_eq!(log.take(), ["normal"]);
}

supervisor! {
    Shop {
        children: [till: Till::<u8>(vec![7])],
    }
}

/// It is a child like any other: after a crash it is in its initial state, under the same handle.
#[cordial::test]
async fn it_is_a_supervised_child() {
    let shop = Shop::start().await.unwrap();
    shop.till.open().await.unwrap();
    let again = restarted(&shop.till);
    process::exit(&shop.till, ExitReason::Kill);
    again.await;
    assert_eq!(shop.till.state().await, Ok(TillState::Closed));
}
