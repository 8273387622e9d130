//! Calls: when they are sent, what they answer, what goes wrong, and what they leave behind.
use crate::gen_server_support::{Gate, Log, custom, in_process, is_silent, pass};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::test::{expect_down, sync};
use cordial::{Call, Node, gen_server};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

/// How a server ends while calls are pending.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Normal,
    Shutdown,
    Panic,
    Killed,
}

/// Answers a call some time after it came.
struct Answer(Arc<()>, ReplyTo<Arc<()>>);

type Outside = UnboundedSender<ReplyTo<u32>>;

#[gen_server]
#[derive(Default)]
struct Desk {
    log: Log,
    gate: Gate,
    kept: VecDeque<ReplyTo<u32>>,
}

#[gen_server]
impl Desk {
    #[call]
    fn echo(&self, n: u32) -> u32 {
        self.log.write(format!("echo {n}"));
        n
    }
    #[cast]
    fn note(&self, n: u32) {
        self.log.write(format!("note {n}"));
    }
    /// Waits at the gate.
    #[call]
    async fn echo_slowly(&self, n: u32) -> u32 {
        self.gate.pass().await;
        self.log.write(format!("slow echo {n}"));
        n
    }
    /// Answers later.
    #[call]
    fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[call(timeout = 2s)]
    fn keep_for_two(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[call(timeout = infinity)]
    fn keep_for_ever(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[cast]
    fn answer_oldest(&mut self, n: u32) {
        if let Some(from) = self.kept.pop_front() {
            from.reply(n);
        }
    }
    #[cast]
    fn let_go(&mut self) {
        self.kept.clear();
    }
    /// Somebody outside answers.
    #[call(timeout = infinity)]
    fn hand_out(&mut self, to: Outside, from: ReplyTo<u32>) {
        let _ = to.send(from);
    }
    #[call]
    fn answer_after(
        &mut self,
        time: Duration,
        value: Arc<()>,
        from: ReplyTo<Arc<()>>,
        ctx: &mut Ctx<Self>,
    ) {
        ctx.send_after(time, Answer(value, from));
    }
    #[info]
    fn answer(&mut self, answer: Answer) {
        answer.1.reply(answer.0);
    }
    /// Waits at the gate with the caller's handle, then ends the server.
    #[call(timeout = infinity)]
    async fn end(&mut self, way: Way, from: ReplyTo<u32>) -> Flow {
        self.gate.pass().await;
        let _never_answered = from;
        match way {
            Way::Normal => Flow::Stop(ExitReason::Normal),
            Way::Shutdown => Flow::Stop(ExitReason::Shutdown),
            Way::Panic | Way::Killed => panic!("x"),
        }
    }
    #[call]
    fn check(&self, n: u32) -> Result<u32, Refused> {
        if n == 0 { Err(Refused) } else { Ok(n) }
    }
    /// Calls the first, which calls the rest.
    #[call]
    async fn via(&self, path: Vec<DeskRef>, limit: Option<Duration>) -> Result<u32, CallError> {
        let Some((next, rest)) = path.split_first() else { return Ok(1) };
        let call = next.via(rest.to_vec(), limit);
        let answer = match limit {
            Some(limit) => call.timeout(limit).await,
            None => call.await,
        };
        answer.map_err(|error| match error {
            TryCallError::Call(error) | TryCallError::Handler(error) => error,
        })
    }
    /// Waits for an answer that another server gives out of its hands.
    #[call]
    async fn wait_for_outside(&self, peer: DeskRef, to: Outside) -> Result<u32, CallError> {
        peer.hand_out(to).await
    }
    #[call]
    async fn call_itself(&self, limit: Option<Duration>, ctx: &mut Ctx<Self>) -> CallError {
        let call = ctx.me().echo(1);
        let answer = match limit {
            Some(limit) => call.timeout(limit).await,
            None => call.no_timeout().await,
        };
        answer.unwrap_err()
    }
    #[call]
    fn who_asks(&self, from: ReplyTo<(Pid, String)>) {
        let caller = from.caller();
        let shown = format!("{from:?}");
        from.reply((caller, shown));
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}
impl std::error::Error for Refused {}

async fn desk() -> DeskRef {
    Desk::start(Desk::default()).await.unwrap()
}

async fn desk_with_log() -> (DeskRef, Log, Gate) {
    let desk = Desk::default();
    let (log, gate) = (desk.log.clone(), desk.gate.clone());
    (Desk::start(desk).await.unwrap(), log, gate)
}

fn timers() -> usize {
    Node::current().unwrap().timers()
}

fn processes() -> usize {
    Node::current().unwrap().processes()
}

/// Polls a call once, so that it waits.
async fn begin<T: Send + 'static>(call: &mut Call<T>) {
    let polled = std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *call).poll(cx)));
    assert!(polled.await.is_pending());
}

// ===== Sending =====

#[cordial::test]
async fn call_is_sent_when_its_method_is_called() {
    let (desk, log, _) = desk_with_log().await;
    desk.note(1);
    let first = desk.echo(2);
    desk.note(3);
    let second = desk.echo(4);
    desk.note(5);
    assert_eq!(second.await, Ok(4));
    assert_eq!(log.take()[..4], ["note 1", "echo 2", "note 3", "echo 4"]);
    assert_eq!(first.await, Ok(2));
}

#[cordial::test]
async fn dropped_call_is_handled_all_the_same_and_leaves_nothing() {
    let (desk, log, _) = desk_with_log().await;
    drop(desk.echo(1));
    let mut begun = desk.keep();
    begin(&mut begun).await;
    assert_eq!(timers(), 1);
    drop(begun);
    assert_eq!(timers(), 0);
    desk.answer_oldest(2);
    assert_eq!(desk.echo(3).await, Ok(3));
    assert_eq!(log.take(), ["echo 1", "echo 3"]);
    assert_eq!(timers(), 0);
}

#[cordial::test]
async fn answered_call_leaves_no_timer() {
    let desk = desk().await;
    let mut call = desk.keep();
    begin(&mut call).await;
    desk.answer_oldest(1);
    assert_eq!(call.await, Ok(1));
    assert_eq!(timers(), 0);
}

/// GS-13
#[cordial::test]
async fn call_to_who_is_gone_fails_at_once() {
    let desk = desk().await;
    gen_server::stop(&desk).await.unwrap();
    let began = Instant::now();
    let error = desk.echo(1).no_timeout().await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
    assert_eq!((error.reason(), began.elapsed()), (Some(ExitReason::NoProc), Duration::ZERO));
    assert_eq!(timers(), 0);
}

/// GS-14
#[cordial::test]
async fn call_to_oneself_fails_at_once_whatever_its_limit() {
    let desk = desk().await;
    let pid = gen_server::whereis(&desk).unwrap();
    for limit in [None, Some(secs(1))] {
        let began = Instant::now();
        let error = desk.call_itself(limit).await.unwrap();
        let CallError::Deadlock(path, _) = error else { panic!("{error}") };
        assert_eq!((path.pids(), began.elapsed()), (&[pid][..], Duration::ZERO));
    }
    assert_eq!(desk.echo(1).await, Ok(1), "it lives on");
}

// ===== Limits =====

/// How long the call waited, in milliseconds, before it gave up.
async fn gives_up(call: Call<u32>) -> u128 {
    let began = Instant::now();
    let error = call.await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(timers(), 0);
    began.elapsed().as_millis()
}

/// GS-16
#[cordial::test]
async fn call_waits_five_seconds_unless_handler_or_caller_say_otherwise() {
    let desk = desk().await;
    assert_eq!(gives_up(desk.keep()).await, 5000);
    assert_eq!(gives_up(desk.keep_for_two()).await, 2000);
    assert_eq!(gives_up(desk.keep_for_two().timeout(millis(7))).await, 7);
    assert_eq!(gives_up(desk.keep_for_ever().timeout(secs(9))).await, 9000);
}

/// GS-16
#[cordial::test]
async fn request_is_handled_though_its_caller_has_given_up() {
    let (desk, log, gate) = desk_with_log().await;
    gives_up(desk.echo_slowly(1)).await;
    gives_up(desk.echo(2)).await;
    gate.open();
    assert_eq!(desk.echo(3).await, Ok(3));
    assert_eq!(log.take(), ["slow echo 1", "echo 2", "echo 3"]);
}

#[cordial::test]
async fn limit_counts_from_the_call_and_not_from_the_await() {
    let desk = desk().await;
    let call = desk.keep().timeout(millis(50));
    pass(millis(30)).await;
    assert_eq!(gives_up(call).await, 20);
}

/// GS-19
#[cordial::test]
async fn limit_of_zero_gives_what_has_been_answered_already() {
    let desk = desk().await;
    assert_eq!(gives_up(desk.echo(1).timeout(Duration::ZERO)).await, 0);
    let call = desk.echo(2).timeout(Duration::ZERO);
    sync(&desk).await;
    assert_eq!(call.await, Ok(2));
}

/// GS-19
#[cordial::test]
async fn call_without_a_limit_waits_for_years() {
    let desk = desk().await;
    let (by_caller, by_handler) = (desk.keep().no_timeout(), desk.keep_for_ever());
    let both = async { tokio::join!(by_caller, by_handler) };
    let (answers, ()) = tokio::join!(both, async {
        pass(hours(24 * 365 * 2)).await;
        desk.answer_oldest(1);
        desk.answer_oldest(2);
    });
    assert_eq!(answers, (Ok(1), Ok(2)));
}

// ===== Answers =====

/// GS-18
#[cordial::test]
async fn late_answer_is_never_that_of_another_call() {
    let desk = desk().await;
    gives_up(desk.keep().timeout(millis(1))).await;
    let next = desk.keep();
    desk.answer_oldest(1);
    desk.answer_oldest(2);
    assert_eq!(next.await, Ok(2));
}

/// Calls that are answered just when their limit ends.
async fn race_of_answer_and_limit() {
    let desk = desk().await;
    let value = Arc::new(());
    for round in 0..500 {
        let (desk, value) = (desk.clone(), value.clone());
        in_process(async move |mut mail| {
            let (early, late) = (Duration::from_micros(round % 7 * 300), millis(1));
            match desk.answer_after(early, value).timeout(late).await {
                Ok(_) => {}
                Err(error) => assert!(error.is_timeout(), "{error}"),
            }
            mail.send_self(());
            assert!(matches!(mail.receive().await, Received::Message(())));
            assert_eq!(desk.echo(7).await, Ok(7));
            assert!(tokio::time::timeout(Duration::ZERO, mail.receive()).await.is_err());
        })
        .await;
    }
    // The last answers may still be on their way.
    pass(millis(10)).await;
    sync(&desk).await;
    assert_eq!((Arc::strong_count(&value), timers()), (1, 0));
}

/// GS-17
#[cordial::test(workers = 1)]
async fn answer_after_the_limit_leaves_nothing_on_one_worker() {
    race_of_answer_and_limit().await;
}

/// GS-17
#[cordial::test(workers = 2)]
async fn answer_after_the_limit_leaves_nothing_on_two_workers() {
    race_of_answer_and_limit().await;
}

fn outside() -> (Outside, UnboundedReceiver<ReplyTo<u32>>) {
    unbounded_channel()
}

/// GS-21
#[cordial::test]
async fn anybody_who_has_the_handle_may_answer() {
    let desk = desk().await;
    let (to, mut handed) = outside();
    let mut call = desk.hand_out(to.clone());
    begin(&mut call).await;
    let from = handed.recv().await.unwrap();
    assert!(is_silent(&mut call).await);
    in_process(async |_| from.reply(1)).await;
    assert_eq!(call.await, Ok(1));
    let call = desk.hand_out(to);
    let from = handed.recv().await.unwrap();
    tokio::task::spawn_blocking(move || from.reply(2)).await.unwrap();
    assert_eq!(call.await, Ok(2));
}

#[cordial::test]
async fn handle_names_the_process_that_waits() {
    let desk = desk().await;
    let asked = desk.clone();
    let (pid, answer) =
        in_process(async move |mail| (mail.pid(), asked.who_asks().await.unwrap())).await;
    assert_eq!(answer, (pid, format!("ReplyTo({pid})")));
    let (nobody, _) = desk.who_asks().await.unwrap();
    assert!(is_silent(process::monitor(&nobody)).await || nobody == process::self_pid());
}

/// GS-22
#[cordial::test]
async fn answer_to_a_caller_that_is_dead_is_dropped() {
    let desk = desk().await;
    let caller = desk.clone();
    let (caller, down) = process::spawn_monitor(async move |_: Mailbox<()>| {
        let _ = caller.keep().await;
    });
    sync(&desk).await;
    process::exit(&caller, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
    desk.answer_oldest(1);
    assert_eq!(desk.echo(2).await, Ok(2));
}

#[cordial::test]
async fn handle_that_is_dropped_tells_the_caller_at_once() {
    let desk = desk().await;
    let mut call = desk.keep_for_ever();
    begin(&mut call).await;
    desk.let_go();
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
    let (to, mut handed) = outside();
    let call = desk.hand_out(to);
    drop(handed.recv().await);
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
}

#[cordial::test]
async fn end_of_somebody_else_who_has_the_handle_is_not_the_end_of_the_server() {
    let desk = desk().await;
    for way in [Way::Killed, Way::Panic] {
        let (to, mut handed) = outside();
        let call = desk.hand_out(to);
        let from = handed.recv().await.unwrap();
        let (holder, down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            mail.next().await;
            let _from = from;
            panic!("x");
        });
        match way {
            Way::Killed => process::exit(&holder, ExitReason::Kill),
            _ => drop(holder.send(())),
        }
        down.await;
        let error = call.await.unwrap_err();
        assert!(matches!(error, CallError::ReplyDropped(_)), "{error}");
    }
    assert_eq!(desk.echo(1).await, Ok(1));
}

// ===== The server ends =====

/// GS-20 GS-24
#[cordial::test]
async fn every_pending_caller_gets_the_reason_of_the_end() {
    for way in [Way::Normal, Way::Shutdown, Way::Panic, Way::Killed] {
        let (desk, _, gate) = desk_with_log().await;
        let down = process::monitor(&desk);
        let (to, _handed) = outside();
        let calls = [
            ("kept in the state", desk.keep_for_ever()),
            ("kept outside", desk.hand_out(to)),
            ("in the handler", desk.end(way)),
            ("queued", desk.echo(1).no_timeout()),
        ];
        gate.reached().await;
        match way {
            Way::Killed => process::exit(&desk, ExitReason::Kill),
            _ => gate.open(),
        }
        let reason = down.await.reason;
        for (place, call) in calls {
            let error = call.await.unwrap_err();
            let expected = matches!(&error, CallError::Down(got, _) if *got == reason);
            assert!(expected, "{way:?}, {place}: {error}");
        }
    }
}

async fn thousand_calls_to_one_who_dies(way: Way) {
    let (desk, _, gate) = desk_with_log().await;
    drop(desk.end(way));
    let mut calls: Vec<_> = (0..1000).map(|n| desk.echo(n)).collect();
    for call in calls.iter_mut().step_by(2) {
        begin(call).await;
    }
    gate.reached().await;
    match way {
        Way::Killed => process::exit(&desk, ExitReason::Kill),
        _ => gate.open(),
    }
    for call in calls {
        let error = call.await.unwrap_err();
        assert!(matches!(error, CallError::Down(..)), "{error}");
    }
    assert_eq!(timers(), 0);
}

/// GS-20
#[cordial::test]
async fn thousand_queued_calls_are_all_answered_when_the_server_dies() {
    for way in [Way::Panic, Way::Killed, Way::Normal] {
        thousand_calls_to_one_who_dies(way).await;
    }
}

/// GS-20
#[cordial::test(workers = 2)]
async fn thousand_queued_calls_are_all_answered_on_two_workers() {
    for way in [Way::Panic, Way::Killed, Way::Normal] {
        thousand_calls_to_one_who_dies(way).await;
    }
}

#[cordial::test]
async fn call_to_a_node_that_shuts_down_is_answered() {
    let desk = desk().await;
    let call = desk.keep_for_ever();
    Node::current().unwrap().shutdown().await;
    assert_eq!(call.await.unwrap_err().reason(), Some(ExitReason::Shutdown));
}

#[test]
fn call_to_a_runtime_that_is_gone_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (desk, call) = runtime.block_on(async {
        let desk = desk().await;
        let call = desk.keep_for_ever();
        sync(&desk).await;
        (desk, call)
    });
    drop(runtime);
    assert_eq!(call.blocking().unwrap_err().reason(), Some(ExitReason::NodeStopped));
    assert_eq!(desk.echo(1).blocking().unwrap_err().reason(), Some(ExitReason::NoProc));
}

// ===== The caller ends =====

async fn callers_that_are_killed_while_they_wait() {
    let (desk, _, gate) = desk_with_log().await;
    for round in 0..500 {
        let asked = desk.clone();
        let (caller, down) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let watch = process::monitor(&asked);
            let _ = tokio::join!(asked.keep(), asked.echo(1), watch);
        });
        for _ in 0..round % 5 {
            tokio::task::yield_now().await;
        }
        process::exit(&caller, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
    }
    // A caller need not be killed to be gone.
    for _ in 0..10 {
        let _ = tokio::time::timeout(Duration::ZERO, desk.keep()).await;
    }
    gate.open();
    assert_eq!(desk.echo_slowly(2).await, Ok(2), "the server lives on");
    assert_eq!((processes(), timers()), (1, 0));
    desk.let_go();
    gen_server::stop(&desk).await.unwrap();
    assert_eq!(processes(), 0);
}

/// GS-52
#[cordial::test(workers = 1)]
async fn killed_caller_leaves_nothing_on_one_worker() {
    callers_that_are_killed_while_they_wait().await;
}

/// GS-52
#[cordial::test(workers = 2)]
async fn killed_caller_leaves_nothing_on_two_workers() {
    callers_that_are_killed_while_they_wait().await;
}

// ===== Circles =====

#[cordial::test]
async fn circle_of_two_is_told_to_one_of_them() {
    let (a, b) = (desk().await, desk().await);
    let pids = [&a, &b].map(|desk| gen_server::whereis(desk).unwrap());
    let began = Instant::now();
    let error = a.via(vec![b.clone(), a.clone()], None).await.unwrap_err();
    let Some(CallError::Deadlock(path, callee)) = error.handler() else { panic!("no circle") };
    assert_eq!((path.pids().len(), began.elapsed()), (2, Duration::ZERO));
    assert!(pids.iter().all(|pid| path.pids().contains(pid)));
    assert_eq!(callee.kind(), "via");
    for desk in [a, b] {
        assert_eq!(desk.echo(1).await, Ok(1), "both live on");
    }
}

async fn circles_again_and_again() {
    let (a, b) = (desk().await, desk().await);
    for _ in 0..500 {
        let error = a.via(vec![b.clone(), a.clone()], None).await.unwrap_err();
        let error = error.handler().expect("the outer call is answered");
        assert!(matches!(error, CallError::Deadlock(..)), "{error}");
        // These may cross, or follow each other.
        let crossing = tokio::join!(a.via(vec![b.clone()], None), b.via(vec![a.clone()], None));
        for answer in [crossing.0, crossing.1] {
            let fine = match &answer {
                Ok(1) => true,
                Err(TryCallError::Handler(error)) => matches!(error, CallError::Deadlock(..)),
                _ => false,
            };
            assert!(fine, "{answer:?}");
        }
    }
}

#[cordial::test(workers = 1)]
async fn no_circle_is_missed_on_one_worker() {
    circles_again_and_again().await;
}

#[cordial::test(workers = 2)]
async fn no_circle_is_missed_on_two_workers() {
    circles_again_and_again().await;
}

#[cordial::test]
async fn circle_with_a_limit_of_its_own_ends_by_itself() {
    let (a, b) = (desk().await, desk().await);
    let began = Instant::now();
    let error = a.via(vec![b, a.clone()], Some(millis(50))).await.unwrap_err();
    assert!(error.handler().expect("the outer call is answered").is_timeout());
    assert_eq!(began.elapsed(), millis(50));
}

#[cordial::test]
async fn wait_for_a_handle_that_was_handed_out_is_no_circle() {
    let (a, b) = (desk().await, desk().await);
    let (to, mut handed) = outside();
    let mut waits = Box::pin(async { a.wait_for_outside(b.clone(), to).await });
    let from = tokio::select! {
        answer = &mut waits => panic!("{answer:?}"),
        from = handed.recv() => from.unwrap(),
    };
    // B, whose answer A waits for, waits for A; yet somebody else has the handle.
    let mut back = Box::pin(async { b.via(vec![a.clone()], None).await });
    assert!(is_silent(async { tokio::join!(&mut waits, &mut back) }).await);
    from.reply(9);
    let (outer, back) = tokio::join!(waits, back);
    assert_eq!((outer, back), (Ok(9), Ok(1)));
}

#[cordial::test]
async fn long_path_without_a_circle_is_none() {
    let (a, b, c) = (desk().await, desk().await, desk().await);
    assert_eq!(a.via(vec![b.clone(), c.clone()], None).await, Ok(1));
    let both = tokio::join!(a.via(vec![c.clone()], None), b.via(vec![c], None));
    assert_eq!(both, (Ok(1), Ok(1)));
}

// ===== Errors =====

#[cordial::test]
async fn error_of_the_handler_and_of_the_call_come_as_one() {
    let desk = desk().await;
    assert_eq!(desk.check(1).await, Ok(1));
    assert_eq!(desk.check(0).await, Err(TryCallError::Handler(Refused)));
    let late = desk.check(1).timeout(Duration::ZERO).await.unwrap_err();
    assert!(late.is_timeout() && late.handler().is_none());
    gen_server::stop(&desk).await.unwrap();
    let gone = desk.check(1).no_timeout().await.unwrap_err();
    assert!(matches!(gone, TryCallError::Call(CallError::NoProc(_))));
    assert!(matches!(desk.check(1).await, Err(TryCallError::Call(_))));
}

/// `?` works from a plain call and from one with an error of its own.
async fn asks_twice(desk: &DeskRef) -> Result<u32, TryCallError<Refused>> {
    Ok(desk.echo(1).await? + desk.check(0).await?)
}

#[cordial::test]
async fn plain_calls_and_calls_with_errors_mix_with_a_question_mark() {
    let desk = desk().await;
    assert_eq!(asks_twice(&desk).await, Err(TryCallError::Handler(Refused)));
}

#[cordial::test]
async fn texts_of_call_errors_say_who_what_and_how_long() {
    let state = Desk::default();
    let gate = state.gate.clone();
    let desk = Desk::start(state).name("desk").await.unwrap();
    let pid = gen_server::whereis(&desk).unwrap();
    let text = |error: CallError| error.to_string();
    let error = text(desk.keep().await.unwrap_err());
    assert_eq!(error, format!("call `keep` to `desk` {pid} timed out after 5s"));
    let error = text(desk.keep_for_two().timeout(millis(1500)).await.unwrap_err());
    assert_eq!(error, format!("call `keep_for_two` to `desk` {pid} timed out after 1.5s"));
    let call = desk.keep();
    desk.let_go();
    let error = text(call.await.unwrap_err());
    let dropped = "failed: the server dropped the reply handle";
    assert_eq!(error, format!("call `keep` to `desk` {pid} {dropped}"));
    let error = text(desk.call_itself(None).await.unwrap());
    let circle = format!("would wait for ever: {pid} -> {pid}");
    assert_eq!(error, format!("call `echo` to `desk` {pid} {circle}"));
    let refused = desk.check(0).await.unwrap_err();
    assert_eq!(refused.to_string(), "refused");

    let call = desk.end(Way::Shutdown);
    gate.open();
    let error = call.await.unwrap_err();
    let source = std::error::Error::source(&error).expect("the reason is the source");
    assert_eq!(source.to_string(), "shutdown");
    // The name went with the process; the type's is left.
    let ended = "failed: the server ended: shutdown";
    assert_eq!(text(error), format!("call `end` to `Desk` {pid} {ended}"));
    let error = text(desk.echo(1).await.unwrap_err());
    assert_eq!(error, "call `echo` to `Desk` failed: no such process");
}

#[test]
fn texts_of_other_errors_are_sentences_without_a_full_stop() {
    use cordial::StopError;
    let texts = [
        (StartError::Ignore.to_string(), "`init` asked to be ignored"),
        (StartError::Timeout(secs(1)).to_string(), "`init` did not finish within 1s"),
        (StartError::Init(custom()).to_string(), "`init` failed: x"),
        (StartError::NoRuntime.to_string(), "no tokio runtime runs here"),
        (StartError::NodeStopping.to_string(), "the node is stopping"),
        (
            StartError::NoParent.to_string(),
            "`start_link` outside a process has nobody to link to",
        ),
        (StopError::NoProc.to_string(), "no such process"),
        (StopError::Timeout(millis(5)).to_string(), "did not stop within 5ms"),
        (StopError::CallingSelf.to_string(), "a process cannot wait for its own end"),
        (StopError::Down(custom()).to_string(), "it ended for another reason: x"),
        (SendError::Full.to_string(), "the mailbox is full"),
        (SendError::NoProc.to_string(), "no such process"),
    ];
    for (text, expected) in texts {
        assert_eq!(text, expected);
        assert!(!text.ends_with('.'));
    }
}

#[cordial::test]
async fn call_says_whom_it_waits_for() {
    let desk = desk().await;
    let pid = gen_server::whereis(&desk).unwrap();
    let call = desk.keep();
    assert_eq!(format!("{call:?}"), format!("Call(call `keep` to `Desk` {pid})"));
    assert_eq!(format!("{desk:?}"), format!("Desk{pid}"));
    gen_server::stop(&desk).await.unwrap();
    assert_eq!(format!("{desk:?}"), "Desk<closed>");
    expect_down(process::monitor(&desk), ExitReason::NoProc).await;
}
