//! `#[code_change]` and `sys::change_code`: a server that becomes one of a newer version.
use cordial::prelude::*;
use cordial::sys::{ChangeError, SysError};
use cordial::test::{advance, expect_down, sync};
use cordial::{CodeChange, ServerStruct, process, sys};

/// The oldest: a number.
#[derive(Clone)]
struct CounterV1(i64);

/// The one that is replaced: it counts by ones.
#[derive(Clone)]
struct CounterV2 {
    value: i64,
}

#[gen_server(version = 3)]
#[derive(Clone, Debug)]
struct Counter {
    value: i64,
    step: i64,
    beats: u32,
}

#[gen_server]
impl Counter {
    #[init]
    fn init(value: i64) -> Self {
        Self { value, step: 10, beats: 0 }
    }

    #[code_change(from = 1)]
    fn named(old: CounterV1) -> Result<CounterV2, String> {
        if old.0 < 0 {
            Err(format!("{} is too small", old.0))
        } else {
            Ok(CounterV2 { value: old.0 })
        }
    }

    #[code_change(from = 2)]
    fn with_step(old: CounterV2) -> Self {
        assert!(old.value != 13, "nobody likes 13");
        Self { value: old.value, step: 10, beats: 0 }
    }

    #[cast]
    fn inc(&mut self) {
        self.value += self.step;
    }

    #[call]
    fn value(&self) -> i64 {
        self.value
    }

    #[call]
    fn beats(&self) -> u32 {
        self.beats
    }

    #[every(1s)]
    fn beat(&mut self) {
        self.beats += 1;
    }

    #[every(pause_of(self.value))]
    fn rest(&mut self) {}

    #[info]
    fn exit(&mut self, exit: Exit) {
        drop(exit);
        self.value = -1;
    }
}

fn pause_of(value: i64) -> std::time::Duration {
    assert!(value != 99, "nobody rests at 99");
    hours(1)
}

/// An older version by hand: the newer one's messages, and ticks of its own.
macro_rules! older {
    ($name:ident, $value:tt, $from:expr) => {
        impl ServerStruct for $name {
            type Replay = cordial::supervisor::Replayed;
        }
        impl GenServer for $name {
            type Msg = CounterMsg;
            type Args = i64;
            type Client = CounterClient;
            async fn init(value: i64, ctx: &mut Ctx<Self>) -> Init<Self> {
                ctx.every(millis(300), |state: &mut Self, _| {
                    Box::pin(async move {
                        state.$value += 1_000;
                        Flow::Continue
                    })
                });
                Init::run($from(value))
            }
            async fn handle(&mut self, msg: CounterMsg, _: &mut Ctx<Self>) -> Flow {
                match msg {
                    CounterMsg::Inc {} => self.$value += 1,
                    CounterMsg::Value { from } => from.reply(self.$value),
                    CounterMsg::Beats { from } => drop(from),
                    CounterMsg::Exit { msg } => drop(msg),
                }
                Flow::Continue
            }
        }
    };
}
older!(CounterV1, 0, CounterV1);
older!(CounterV2, value, |value| CounterV2 { value });

async fn start<S: GenServer<Args = i64, Client = CounterClient>>(value: i64) -> Ref<S> {
    Start::<S>::new(value).await.unwrap()
}

#[cordial::test]
async fn chain_of_steps_leads_from_each_older_version() {
    assert_eq!(<Counter as ServerStruct>::VERSION, 3);
    let of_first = Counter::code_change(CounterV1(4)).unwrap();
    let of_second = Counter::code_change(CounterV2 { value: 5 }).unwrap();
    assert_eq!((of_first.value, of_second.value), (4, 5));
    let refused = Counter::code_change(CounterV1(-4)).unwrap_err();
    assert_eq!(refused.to_string(), "-4 is too small");
}

/// GS-45: the new state is in the place of the old one; pid, mail, links and handles stay.
// break: GS-45 runtime/cordial/src/gen_server/versions.rs
//     `let old = std::mem::replace(actor, Core::succeed(state, ctx));` =>
//     `let old = Core::succeed(state, ctx);`
#[cordial::test]
async fn suspended_server_becomes_one_of_the_newer_version() {
    let old: Ref<CounterV1> = start(5).await;
    let pid = gen_server::whereis(&old);
    old.inc();
    sync(&old).await;
    sys::suspend(&old).await.unwrap();
    old.inc();
    let asked = old.value();
    let new: Ref<Counter> = sys::change_code(&old).await.unwrap();
    assert_eq!(gen_server::whereis(&new), pid);
    sys::resume(&new).await.unwrap();
    assert_eq!(asked.await, Ok(16));
    new.inc();
    assert_eq!((old.value().await, new.value().await), (Ok(26), Ok(26)));
}

/// GS-45: it runs only while the server is suspended.
#[cordial::test]
async fn server_that_runs_is_not_changed() {
    let old: Ref<CounterV2> = start(5).await;
    let changed: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert_eq!(changed.unwrap_err(), ChangeError::NotSuspended);
    sys::suspend(&old).await.unwrap();
    sys::resume(&old).await.unwrap();
    let changed: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert_eq!(changed.unwrap_err(), ChangeError::NotSuspended);
    old.inc();
    assert_eq!(old.value().await, Ok(6));
}

/// GS-45: where a step refuses, or panics, the old state is kept and the server goes on.
#[cordial::test]
async fn refused_change_keeps_the_old_state() {
    let old: Ref<CounterV1> = start(-5).await;
    sys::suspend(&old).await.unwrap();
    let changed: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    let Err(ChangeError::Refused(reason)) = changed else { panic!("{changed:?}") };
    assert_eq!(reason.to_string(), "-5 is too small");
    sys::resume(&old).await.unwrap();
    old.inc();
    assert_eq!(old.value().await, Ok(-4));

    let old: Ref<CounterV1> = start(13).await;
    sys::suspend(&old).await.unwrap();
    let changed: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert!(matches!(changed, Err(ChangeError::Refused(ExitReason::Panic(_)))), "{changed:?}");
    sys::resume(&old).await.unwrap();
    old.inc();
    assert_eq!(old.value().await, Ok(14));
}

/// GS-45: what a new state had arranged before it was refused is taken back.
#[cordial::test]
async fn refused_change_leaves_no_tick_behind() {
    let old: Ref<CounterV2> = start(99).await;
    let node = cordial::Node::current().unwrap();
    sys::suspend(&old).await.unwrap();
    let before = node.timers();
    let changed: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert!(matches!(changed, Err(ChangeError::Refused(ExitReason::Panic(_)))), "{changed:?}");
    sys::resume(&old).await.unwrap();
    advance(secs(2)).await; // The tick that was arranged would have come twice.
    assert_eq!(node.timers(), before);
}

/// What it has become cannot be changed again from what it was.
#[cordial::test]
async fn change_is_of_the_state_that_there_is() {
    let old: Ref<CounterV2> = start(5).await;
    sys::suspend(&old).await.unwrap();
    let _: Ref<Counter> = sys::change_code(&old).await.unwrap();
    let again: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert_eq!(again.unwrap_err(), ChangeError::Sys(SysError::NoServer));
    sys::resume(&old).await.unwrap();
    gen_server::stop(&old).await.unwrap();
    let gone: Result<Ref<Counter>, _> = sys::change_code(&old).await;
    assert_eq!(gone.unwrap_err(), ChangeError::Sys(SysError::NoProc));
}

/// Ticks of the older version are over, those of the newer one begin.
#[cordial::test]
async fn ticks_are_those_of_the_newer_version() {
    let old: Ref<CounterV2> = start(0).await;
    advance(millis(350)).await;
    sync(&old).await;
    assert_eq!(old.value().await, Ok(1_000));
    sys::suspend(&old).await.unwrap();
    advance(millis(350)).await; // One waits in the line.
    let new: Ref<Counter> = sys::change_code(&old).await.unwrap();
    sys::resume(&new).await.unwrap();
    advance(millis(2_500)).await;
    sync(&new).await;
    assert_eq!((new.value().await, new.beats().await), (Ok(1_000), Ok(2)));
}

/// Exits come as messages if the newer version takes them.
#[cordial::test]
async fn newer_version_traps_exits_if_it_takes_them() {
    let old: Ref<CounterV2> = start(0).await;
    sys::suspend(&old).await.unwrap();
    let new: Ref<Counter> = sys::change_code(&old).await.unwrap();
    sys::resume(&new).await.unwrap();
    let ended = process::spawn_monitor({
        let new = new.clone();
        async move |_: process::Mailbox<()>| {
            process::link(&new).unwrap();
            process::exit(&process::self_pid(), ExitReason::Kill);
        }
    });
    ended.1.await;
    while new.value().await != Ok(-1) {
        tokio::task::yield_now().await;
    }
    let down = process::monitor(&new);
    gen_server::stop(&new).await.unwrap();
    expect_down(down, ExitReason::Normal).await;
}
