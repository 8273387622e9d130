//! Time in a server: inactivity, timers, ticks.
use crate::gen_server_support::{Gate, custom, is_silent, pass};
use cordial::prelude::*;
use cordial::test::{expect_down, sync};
use cordial::{Node, Timer, gen_server, process};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::time::Instant;

/// What happened, and how long after the test began.
type Seen = (String, Duration);

/// Writes down what happens and when, for a test to read.
#[derive(Clone)]
struct Clock {
    began: Instant,
    seen: Sender<Seen>,
}

impl Clock {
    fn new() -> (Self, Receiver<Seen>) {
        let (seen, read) = channel();
        (Self { began: Instant::now(), seen }, read)
    }

    fn saw(&self, what: impl Into<String>) {
        let _ = self.seen.send((what.into(), self.began.elapsed()));
    }
}

/// All that was seen since the last time, with milliseconds.
fn read(seen: &Receiver<Seen>) -> Vec<String> {
    seen.try_iter().map(|(what, at)| format!("{what} {}", at.as_millis())).collect()
}

// ===== Inactivity =====

#[gen_server]
struct Idler {
    clock: Clock,
    gate: Gate,
    /// What the next timeout asks for.
    again: Option<Duration>,
}

#[gen_server]
impl Idler {
    #[init]
    fn init(clock: Clock, gate: Gate, first: Option<Duration>, ctx: &mut Ctx<Self>) -> Self {
        if let Some(first) = first {
            ctx.timeout(first);
        }
        Self { clock, gate, again: None }
    }
    #[cast]
    fn arm_twice(&mut self, after: Duration, ctx: &mut Ctx<Self>) {
        ctx.timeout(after);
        self.again = Some(after);
    }
    #[cast]
    fn arm(&self, after: Duration, ctx: &mut Ctx<Self>) {
        ctx.timeout(after);
    }
    #[cast]
    async fn arm_at_gate(&self, after: Duration, ctx: &mut Ctx<Self>) {
        self.gate.pass().await;
        ctx.timeout(after);
    }
    #[cast]
    fn note(&self) {
        self.clock.saw("note");
    }
    #[info]
    fn timeout(&mut self, _: Timeout, ctx: &mut Ctx<Self>) {
        self.clock.saw("timeout");
        if let Some(after) = self.again.take() {
            ctx.timeout(after);
        }
    }
}

async fn idler(first: Option<Duration>) -> (IdlerRef, Receiver<Seen>, Gate) {
    let (clock, seen) = Clock::new();
    let gate = Gate::default();
    let server = Idler::start(clock, gate.clone(), first).await.unwrap();
    (server, seen, gate)
}

/// GS-32
// break: GS-32 runtime/cordial/src/gen_server/context.rs
//     `more.once.take().or(idle_after)` => `more.once.or(idle_after)`
#[cordial::test]
async fn timeout_comes_once_when_no_message_does() {
    let (server, seen, _) = idler(None).await;
    server.arm(millis(50));
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 50"]);
    server.arm(millis(50));
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 1050"], "it is there again when armed again");
    server.arm_twice(millis(50));
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 2050", "timeout 2100"], "by its handler as well");
}

/// GS-32
#[cordial::test]
async fn init_may_ask_for_a_timeout() {
    let (_server, seen, _) = idler(Some(millis(20))).await;
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 20"]);
}

/// GS-32
#[cordial::test]
async fn any_message_takes_the_timeout_back() {
    let (server, seen, _) = idler(None).await;
    server.arm(millis(50));
    pass(millis(49)).await;
    server.note();
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["note 49"]);
}

/// GS-32
#[cordial::test]
async fn timeout_that_is_asked_for_again_begins_anew() {
    let (server, seen, _) = idler(None).await;
    for after in [50, 20, 80] {
        server.arm(millis(after));
        pass(millis(10)).await;
    }
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 100"]);
}

/// GS-33
// break: GS-33 runtime/cordial/src/gen_server/context.rs
//     `            None => false,` => `            None => true,`
#[cordial::test]
async fn timeout_of_zero_loses_to_a_message_that_waits() {
    let (server, seen, gate) = idler(None).await;
    server.arm_at_gate(Duration::ZERO);
    gate.reached().await;
    server.note();
    gate.open();
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["note 0"]);
    server.arm(Duration::ZERO);
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["timeout 1000"], "with nothing in the mailbox it comes at once");
}

/// GS-32
#[cordial::test(workers = 2)]
async fn timeout_comes_on_a_real_clock_too_and_never_early() {
    let (server, seen, _) = idler(None).await;
    server.arm(millis(20));
    let (what, at) = tokio::task::spawn_blocking(move || seen.recv()).await.unwrap().unwrap();
    assert_eq!(what, "timeout");
    assert!(at >= millis(20), "{at:?}");
}

/// Sleeps when nobody speaks to it.
#[gen_server]
struct Sleeper(Clock);

#[gen_server]
impl Sleeper {
    #[cast]
    fn note(&self) {
        self.0.saw("note");
    }
    #[idle(50ms)]
    fn wake(&self) -> Flow {
        self.0.saw("idle");
        Flow::Continue
    }
}

/// GS-32
#[cordial::test]
async fn idle_handler_runs_after_each_time_without_a_message() {
    let (clock, seen) = Clock::new();
    let server = Sleeper::start(Sleeper(clock)).await.unwrap();
    pass(millis(30)).await;
    server.note();
    pass(millis(120)).await;
    assert_eq!(read(&seen), ["note 30", "idle 80", "idle 130"]);
}

/// Its time without messages is worked out from its state.
#[gen_server]
struct Fickle {
    clock: Clock,
    patience: Option<Duration>,
}

#[gen_server]
impl Fickle {
    fn patience(&self) -> Duration {
        self.patience.expect("patience is lost")
    }
    #[idle(self.patience())]
    fn wake(&self) {
        self.clock.saw("idle");
    }
    #[cast]
    fn set(&mut self, patience: Option<Duration>) {
        self.patience = patience;
    }
    #[terminate]
    fn bye(&self, _reason: &ExitReason, ctx: &mut Ctx<Self>) {
        self.clock.saw(if ctx.poisoned() { "terminate, poisoned" } else { "terminate" });
    }
}

/// GS-25, GS-32
#[cordial::test]
async fn idle_time_may_change_with_the_state_and_a_panic_in_it_is_like_any_other() {
    let (clock, seen) = Clock::new();
    let first = Some(millis(50));
    let server = Fickle::start(Fickle { clock: clock.clone(), patience: first }).await.unwrap();
    pass(millis(60)).await;
    server.set(Some(millis(10)));
    pass(millis(15)).await;
    assert_eq!(read(&seen), ["idle 50", "idle 70"]);
    let down = process::monitor(&server);
    server.set(None);
    let reason = down.await.reason;
    assert_eq!(reason.panic().expect("it panicked").message(), "patience is lost");
    assert_eq!(read(&seen), ["terminate, poisoned 75"]);
    // It has started when the time is first asked for.
    Fickle::start(Fickle { clock, patience: None }).await.unwrap();
    pass(millis(1)).await;
    assert_eq!(read(&seen), ["terminate, poisoned 75"]);
}

// ===== Timers =====

struct Ring(u32);
struct Forget(Timer);

#[gen_server]
struct Bell {
    clock: Clock,
    gate: Gate,
    timer: Option<Timer>,
}

#[gen_server]
impl Bell {
    #[call]
    fn arm(&mut self, after: Duration, n: u32, ctx: &mut Ctx<Self>) {
        self.timer = Some(ctx.send_after(after, Ring(n)));
    }
    /// Waits at the gate, then cancels.
    #[call]
    async fn cancel(&mut self) -> Option<Duration> {
        self.gate.pass().await;
        self.timer.as_ref().and_then(Timer::cancel)
    }
    #[call]
    async fn reset(&mut self, after: Duration) -> bool {
        self.gate.pass().await;
        self.timer.as_ref().is_some_and(|timer| timer.reset(after))
    }
    #[call]
    fn drop_timer(&mut self) {
        self.timer = None;
    }
    #[cast]
    fn crash(&self) {
        panic!("x");
    }
    #[info]
    fn ring(&self, ring: Ring) {
        self.clock.saw(format!("ring {}", ring.0));
    }
    #[info]
    fn forget(&self, forget: Forget) {
        assert_eq!(forget.0.cancel(), None);
    }
}

async fn bell() -> (BellRef, Receiver<Seen>, Gate) {
    let (clock, seen) = Clock::new();
    let gate = Gate::default();
    let bell = Bell { clock, gate: gate.clone(), timer: None };
    (Bell::start(bell).await.unwrap(), seen, gate)
}

#[cordial::test]
async fn send_after_sends_once_and_not_before() {
    let (bell, seen, _) = bell().await;
    bell.arm(millis(10), 1).await.unwrap();
    bell.arm(millis(5), 2).await.unwrap();
    bell.drop_timer().await.unwrap();
    pass(secs(1)).await;
    assert_eq!(read(&seen), ["ring 2 5", "ring 1 10"], "dropping a timer does nothing");
}

#[cordial::test]
async fn cancelled_timer_gives_what_was_left_and_never_rings() {
    let (bell, seen, gate) = bell().await;
    bell.arm(millis(10), 1).await.unwrap();
    pass(millis(4)).await;
    gate.open();
    assert_eq!(bell.cancel().await, Ok(Some(millis(6))));
    gate.open();
    assert_eq!(bell.cancel().await, Ok(None));
    pass(secs(1)).await;
    assert!(read(&seen).is_empty());
}

#[cordial::test]
async fn timer_that_has_fired_can_be_cancelled_until_its_message_is_handled() {
    let (bell, seen, gate) = bell().await;
    bell.arm(millis(10), 1).await.unwrap();
    let call = bell.cancel();
    pass(millis(20)).await;
    gate.open();
    assert_eq!(call.await, Ok(None));
    sync(&bell).await;
    assert!(read(&seen).is_empty());
}

#[cordial::test]
async fn timer_that_is_reset_begins_anew_also_when_it_has_fired() {
    for waited in [4, 20] {
        let (bell, seen, gate) = bell().await;
        bell.arm(millis(10), 1).await.unwrap();
        let call = bell.reset(millis(50));
        pass(millis(waited)).await;
        gate.open();
        assert_eq!(call.await, Ok(true));
        pass(secs(1)).await;
        assert_eq!(read(&seen), [format!("ring 1 {}", waited + 50)]);
        gate.open();
        assert_eq!(bell.reset(millis(1)).await, Ok(false), "its message has been handled");
    }
}

#[cordial::test]
async fn timers_die_with_their_server() {
    let (bell, seen, _) = bell().await;
    bell.arm(millis(10), 1).await.unwrap();
    let down = process::monitor(&bell);
    bell.crash();
    assert!(down.await.reason.panic().is_some());
    assert_eq!(Node::current().unwrap().timers(), 0);
    pass(secs(1)).await;
    assert!(read(&seen).is_empty());
}

#[cordial::test]
async fn time_without_end_is_accepted_everywhere() {
    let (bell, seen, gate) = bell().await;
    bell.arm(Duration::MAX, 1).await.unwrap();
    let call = bell.cancel().timeout(Duration::MAX);
    gate.open();
    assert!(call.await.unwrap().is_some());
    bell.arm(millis(1), 2).await.unwrap();
    gate.open();
    assert_eq!(bell.reset(Duration::MAX).await, Ok(true));
    let (idler, timeouts, _) = idler(Some(Duration::MAX)).await;
    idler.arm(Duration::MAX);
    pass(hours(1)).await;
    assert!(read(&seen).is_empty() && read(&timeouts).is_empty());
    gen_server::stop_with(&idler, ExitReason::Normal, Duration::MAX).await.unwrap();
    Sleeper::start(Sleeper(Clock::new().0)).timeout(Duration::MAX).await.unwrap();
}

// ===== Ticks =====

#[gen_server]
struct Ticker {
    clock: Clock,
    gate: Gate,
    ticks: u32,
}

#[gen_server]
impl Ticker {
    #[every(10ms)]
    fn tick(&mut self, ctx: &mut Ctx<Self>) -> Flow {
        self.ticks += 1;
        self.clock.saw(format!("tick, {} missed,", ctx.missed()));
        if self.ticks == 10 { Flow::Stop(custom()) } else { Flow::Continue }
    }
    #[call]
    async fn be_busy(&self) {
        self.gate.pass().await;
    }
}

async fn ticker() -> (TickerRef, Receiver<Seen>, Gate) {
    let (clock, seen) = Clock::new();
    let gate = Gate::default();
    let ticker = Ticker { clock, gate: gate.clone(), ticks: 0 };
    (Ticker::start(ticker).await.unwrap(), seen, gate)
}

#[cordial::test]
async fn tick_comes_every_period_for_the_first_time_after_one() {
    let (_ticker, seen, _) = ticker().await;
    pass(millis(35)).await;
    let expected = ["tick, 0 missed, 10", "tick, 0 missed, 20", "tick, 0 missed, 30"];
    assert_eq!(read(&seen), expected);
}

#[cordial::test(workers = 2)]
async fn ticks_are_never_early_on_a_real_clock() {
    let (ticker, seen, _) = ticker().await;
    process::monitor(&ticker).await;
    let seen: Vec<_> = seen.try_iter().collect();
    assert_eq!(seen.len(), 10);
    for (n, (_, at)) in (1..).zip(seen) {
        assert!(at >= millis(10 * n), "tick {n} came after {at:?}");
    }
}

#[cordial::test]
async fn ticks_that_nobody_has_time_for_are_merged_counted_and_without_drift() {
    let (ticker, seen, gate) = ticker().await;
    let busy = ticker.be_busy();
    pass(millis(43)).await;
    assert!(read(&seen).is_empty());
    gate.open();
    busy.await.unwrap();
    sync(&ticker).await;
    assert_eq!(read(&seen), ["tick, 3 missed, 43"], "due at 10, 20, 30 and 40");
    pass(millis(20)).await;
    assert_eq!(read(&seen), ["tick, 0 missed, 50", "tick, 0 missed, 60"]);
}

#[cordial::test]
async fn tick_may_stop_the_server_and_ticks_die_with_it() {
    let (ticker, seen, _) = ticker().await;
    expect_down(process::monitor(&ticker), custom()).await;
    assert_eq!(read(&seen).len(), 10);
    assert_eq!(Node::current().unwrap().timers(), 0);
    assert!(
        is_silent(async {
            while seen.try_recv().is_err() {
                pass(millis(10)).await;
            }
        })
        .await
    );
}
