//! What OTP leaves to run time and types decide here, as far as it shows when a program runs.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{expect_down, sync};
use cordial::{StopError, gen_server};
use std::fmt;
use std::sync::{Arc, Mutex};

/// What happened, in order.
type Log = Arc<Mutex<Vec<String>>>;

/// A server with one of everything.
#[gen_server]
#[derive(Clone)]
struct Desk {
    log: Log,
    kept: Arc<Mutex<Vec<ReplyTo<u32>>>>,
}

struct Note32(u32);

#[gen_server]
impl Desk {
    #[cast]
    fn put(&mut self, n: u32) {
        self.write(format!("put {n}"));
    }

    #[call]
    fn double(&self, n: u32) -> u32 {
        2 * n
    }

    #[call]
    fn half(&self, n: u32) -> Result<u32, String> {
        if n.is_multiple_of(2) { Ok(n / 2) } else { Err(format!("{n} is odd")) }
    }

    #[call]
    fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.lock().unwrap().push(from);
    }

    #[call]
    fn forget(&mut self, from: ReplyTo<u32>) {
        drop(from);
    }

    #[cast]
    fn boom(&mut self) {
        panic!("boom");
    }

    #[cast]
    fn fail(&mut self) -> Result<(), String> {
        Err("no paper".into())
    }

    #[cast]
    fn go_mute(&mut self) -> Result<(), Mute> {
        Err(Mute)
    }

    #[cast]
    fn watch(&mut self, target: Pid) {
        process::monitor_message(&target);
        process::trap_exit(true);
    }

    #[info]
    fn note(&mut self, note: Note32) {
        self.write(format!("note {}", note.0));
    }

    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        if reason.downcast_ref::<Mute>().is_none() {
            self.write(format!("bye: {reason}"));
        }
    }
}

impl Desk {
    fn write(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }
}

async fn desk() -> (Ref<Desk>, Log) {
    let log = Log::default();
    let desk = Desk { log: log.clone(), kept: Arc::default() };
    (Desk::start(desk).await.unwrap(), log)
}

/// TYP-1, TYP-2
#[test]
fn server_answers_each_call_with_the_type_of_its_handler() {
    check_everywhere(async || {
        let (desk, log) = desk().await;
        let double: Result<u32, CallError> = desk.double(21).await;
        assert_eq!(double, Ok(42));
        let half: Result<u32, TryCallError<String>> = desk.half(4).await;
        assert_eq!(half, Ok(2));
        assert_eq!(desk.half(3).await.unwrap_err().handler().unwrap(), "3 is odd");
        desk.put(1);
        cordial::send(&desk, Note32(2));
        sync(&desk).await;
        assert_eq!(*log.lock().unwrap(), ["put 1", "note 2"]);
    });
}

/// TYP-3
// break: TYP-3 runtime/cordial/src/mailbox/reply.rs `(slot.unanswered)(slot);` => `drop(slot);`
#[test]
fn reply_handle_dropped_unanswered_tells_its_caller_at_once() {
    check_everywhere(async || {
        let (desk, _) = desk().await;
        let error = desk.forget().no_timeout().await.unwrap_err();
        assert!(matches!(&error, CallError::ReplyDropped(callee) if callee.kind() == "forget"));
        assert_eq!(desk.double(1).await, Ok(2));
    });
}

/// TYP-3
#[test]
fn reply_handle_that_is_kept_tells_its_caller_why_the_server_ended() {
    check_everywhere(async || {
        let (desk, _) = desk().await;
        let kept = desk.keep().no_timeout();
        sync(&desk).await;
        process::exit(&desk, ExitReason::Kill);
        let error = kept.await.unwrap_err();
        assert!(matches!(error, CallError::Down(ExitReason::Killed, _)), "{error}");
    });
}

/// TYP-4
// break: TYP-4 runtime/cordial/src/gen_server/server.rs `log_unexpected("Down", &note);` =>
//     `return Some(Job::Terminate(note.reason));`
#[test]
fn down_and_exit_without_a_handler_are_dropped_and_the_server_lives() {
    check_everywhere(async || {
        let (desk, log) = desk().await;
        let (other, ends) = idler();
        desk.watch(other.pid().unwrap());
        sync(&desk).await;
        other.send(());
        ends.await;
        in_process({
            let desk = desk.clone();
            async move |_| process::exit(&desk, custom())
        })
        .await;
        sync(&desk).await;
        assert_eq!(desk.double(1).await, Ok(2));
        assert!(log.lock().unwrap().is_empty());
    });
}

/// TYP-5
#[test]
fn reason_reaches_everybody_as_one_value() {
    check_everywhere(async || {
        let (go, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            mail.next().await;
            ExitReason::shutdown_with(String::from("tell"))
        });
        let down = process::monitor(&go);
        go.send(());
        let (one, other) = (ends.await.reason, down.await.reason);
        assert_eq!(one, other);
        assert!(one.is_clean());
        let text = |reason: &ExitReason| reason.downcast_ref::<String>().cloned();
        assert_eq!((text(&one), text(&other)), (Some("tell".into()), Some("tell".into())));
        assert_eq!(one.downcast_ref::<&str>(), None);
    });
}

/// TYP-6
// break: TYP-6 runtime/cordial/src/process/panics.rs `Some(text) => (*text).to_owned(),` =>
//     `Some(_) => String::new(),`
#[test]
fn panic_in_a_handler_and_an_err_from_one_end_the_server_with_their_reasons() {
    check_everywhere(async || {
        let (desk, log) = desk().await;
        let down = process::monitor(&desk);
        desk.boom();
        let down = down.await;
        assert_eq!(down.reason.panic().unwrap().message(), "boom");
        assert!(log.lock().unwrap()[0].starts_with("bye: panicked: boom"));

        let (desk, log) = self::desk().await;
        let down = process::monitor(&desk);
        desk.fail();
        expect_down(down, ExitReason::custom("no paper")).await;
        assert_eq!(*log.lock().unwrap(), ["bye: no paper"]);
    });
}

/// A reason that cannot be shown.
#[derive(Clone)]
struct Mute;

impl fmt::Debug for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("nothing to say")
    }
}

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("nothing to say")
    }
}

/// TYP-5, TYP-6
#[test]
fn reason_that_panics_when_shown_harms_nobody() {
    check_everywhere(async || {
        for _ in 0..5 {
            let (desk, _) = desk().await;
            let down = process::monitor(&desk);
            desk.go_mute();
            assert!(down.await.reason.downcast_ref::<Mute>().is_some());
        }
        let (desk, _) = desk().await;
        assert_eq!(desk.double(1).await, Ok(2));
    });
}

/// TYP-8
// break: TYP-8 runtime/cordial/src/process/run.rs `let _ = panics::contain(|| drop(remains));` =>
//     `std::mem::forget(remains);`
#[test]
fn kill_drops_the_state_without_terminate() {
    check_everywhere(async || {
        let (desk, log) = desk().await;
        let down = process::monitor(&desk);
        process::exit(&desk, ExitReason::Kill);
        expect_down(down, ExitReason::Killed).await;
        assert!(log.lock().unwrap().is_empty());
        assert_eq!(Arc::strong_count(&log), 1, "the state is gone");
    });
}

/// Where a [`Stuck`] server waits for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Init,
    Handler,
    Terminate,
}

/// Told which server waits, and that it does.
struct There(ReplyTo<Pid>);

/// A server that waits for ever, and says when it does.
#[gen_server(restart = Temporary)]
struct Stuck {
    place: Place,
    log: Log,
    there: Option<There>,
}

#[gen_server]
impl Stuck {
    #[init]
    async fn new(place: Place, log: Log, there: There) -> Self {
        let mut stuck = Self { place, log, there: Some(there) };
        stuck.wait_at(Place::Init).await;
        stuck
    }

    #[cast]
    async fn work(&mut self) {
        self.wait_at(Place::Handler).await;
    }

    #[terminate]
    async fn bye(&mut self) {
        self.log.lock().unwrap().push("bye".into());
        self.wait_at(Place::Terminate).await;
    }
}

impl Stuck {
    async fn wait_at(&mut self, place: Place) {
        if place != self.place {
            return;
        }
        if let Some(there) = self.there.take() {
            there.0.reply(process::self_pid());
        }
        std::future::pending::<()>().await;
    }
}

/// Kills a server that waits for ever at this place; how its start went, and what it logged.
async fn kill_at(place: Place) -> (Result<(), StartError>, Vec<String>) {
    let log = Log::default();
    let (there, is_there) = ReplyTo::pair();
    let run = async {
        let stuck = Stuck::start(place, log.clone(), There(there)).await?;
        stuck.work();
        if place == Place::Terminate {
            let stopped = gen_server::stop(&stuck).await;
            assert_eq!(stopped, Err(StopError::Down(ExitReason::Killed)));
        }
        Ok(())
    };
    let kill = async {
        let pid = is_there.await.unwrap();
        let down = process::monitor(&pid);
        process::exit(&pid, ExitReason::Kill);
        expect_down(down, ExitReason::Killed).await;
    };
    let (started, ()) = tokio::join!(run, kill);
    let logged = log.lock().unwrap().clone();
    (started, logged)
}

/// TYP-7, TYP-8
#[test]
fn kill_reaches_a_server_in_init_in_a_handler_and_in_terminate() {
    check_everywhere(async || {
        let killed = StartError::Init(ExitReason::Killed);
        assert_eq!(kill_at(Place::Init).await, (Err(killed), vec![]));
        assert_eq!(kill_at(Place::Handler).await, (Ok(()), vec![]));
        assert_eq!(kill_at(Place::Terminate).await, (Ok(()), vec!["bye".into()]));
    });
}

/// A server whose state panics when it is dropped.
#[gen_server]
struct Armed {
    _bombs: [Bomb; 1],
}

#[gen_server]
impl Armed {
    #[init]
    fn new() -> Self {
        Self { _bombs: [Bomb] }
    }

    #[cast]
    fn boom(&mut self) {
        panic!("boom");
    }

    #[call]
    fn ping(&self) -> u32 {
        1
    }
}

/// TYP-6, TYP-8
#[test]
fn state_that_panics_when_dropped_does_not_change_why_its_server_ended() {
    check_everywhere(async || {
        let armed = Armed::start().await.unwrap();
        assert_eq!(armed.ping().await, Ok(1));
        let down = process::monitor(&armed);
        gen_server::stop(&armed).await.unwrap();
        expect_down(down, ExitReason::Normal).await;

        let armed = Armed::start().await.unwrap();
        let down = process::monitor(&armed);
        armed.boom();
        assert_eq!(down.await.reason.panic().unwrap().message(), "boom");
    });
}
