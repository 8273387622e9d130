//! The line of mail and who runs a process: what is sent is handled, once and in order, whether a
//! dispatcher or a caller runs the process.
use super::rig::{World, begin, block_on, explore, so_many, spawn};
use crate::exit::ExitReason;
use crate::gen_server::{self, Ctx, Flow, GenServer, Init, PlainClient, Ref, ServerStruct, Start};
use crate::process::{self, Mailbox, Message};
use crate::{Answer, Call, CallError, ReplyTo};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Numbers, to a plain process and to a server.
enum Note {
    Number(usize),
    Numbers(ReplyTo<Vec<usize>>),
    /// When there is an answer.
    NumbersBehind(Answer<()>, ReplyTo<Vec<usize>>),
}

impl Message for Note {
    fn kind(&self) -> &'static str {
        "note"
    }
}

/// Handles on the spot whatever need not wait.
#[derive(Default)]
struct Desk(Vec<usize>);

impl ServerStruct for Desk {
    type Replay = ();
}

impl GenServer for Desk {
    type Msg = Note;
    type Args = ();
    type Client = PlainClient<Note>;

    async fn init((): (), _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self::default())
    }

    fn handle_sync(&mut self, msg: Note, _: &mut Ctx<Self>) -> Result<Flow, Note> {
        match msg {
            Note::Number(n) => self.0.push(n),
            Note::Numbers(from) => from.reply(self.0.clone()),
            waits @ Note::NumbersBehind(..) => return Err(waits),
        }
        Ok(Flow::Continue)
    }

    async fn handle(&mut self, msg: Note, _: &mut Ctx<Self>) -> Flow {
        if let Note::NumbersBehind(gate, from) = msg {
            gate.await;
            from.reply(self.0.clone());
        }
        Flow::Continue
    }
}

fn desk() -> Ref<Desk> {
    block_on(async { Start::new(()).await }).expect("a desk starts")
}

/// A call as generated clients make it: who waits for the answer may run the server (D8).
fn ask(desk: &Ref<Desk>) -> Call<Vec<usize>> {
    crate::__private::call(Ref::raw_of(desk), Note::Numbers)
}

/// A call whose handler waits until it is let go on.
fn ask_behind(desk: &Ref<Desk>) -> (ReplyTo<()>, Call<Vec<usize>>) {
    let (open, gate) = ReplyTo::pair();
    let make = |from| Note::NumbersBehind(gate, from);
    (open, crate::__private::call(Ref::raw_of(desk), make))
}

/// A plain process that ends when it has got so many numbers, in the order of each sender: numbers
/// of one sender have the same tens.
fn reader(most: usize) -> process::Spawned<Note> {
    let run = async move |mut mail: Mailbox<Note>| {
        let mut last = [0; 10];
        for _ in 0..most {
            let Note::Number(n) = mail.next().await else { return Err("no number") };
            if n <= last[n / 10] {
                return Err("out of order");
            }
            last[n / 10] = n;
        }
        Ok(())
    };
    process::spawn_monitor(run).1
}

/// The last look of who waits, against a push (M1).
#[test]
fn message_reaches_a_process_that_begins_to_wait() {
    explore(4, || {
        let world = World::new(1);
        let reader = reader(so_many(2, 8));
        begin();
        for n in 1..=so_many(2, 8) {
            let _ = reader.address().send(Note::Number(n));
        }
        assert_eq!(block_on(reader).reason, ExitReason::Normal);
        drop(world);
    });
}

/// Two senders make the same process ready (M1, C2).
#[test]
fn messages_of_two_senders_are_handled_once_and_in_order() {
    explore(2, || {
        let world = World::new(1);
        let each = so_many(1, 4);
        let reader = reader(2 * each);
        begin();
        let other = {
            let address = reader.address().clone();
            spawn(move || (1..=each).for_each(|n| _ = address.send(Note::Number(10 + n))))
        };
        for n in 1..=each {
            let _ = reader.address().send(Note::Number(20 + n));
        }
        assert_eq!(block_on(reader).reason, ExitReason::Normal);
        other.join().expect("sending does not fail");
        drop(world);
    });
}

/// The last look of a server that goes idle, against a push (M1).
#[test]
fn cast_reaches_a_server_that_goes_idle() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let other = {
            let desk = desk.clone();
            spawn(move || _ = desk.cast(Note::Number(1)))
        };
        let _ = desk.cast(Note::Number(2));
        other.join().expect("sending does not fail");
        // Both were sent before: a call behind them sees both.
        let mut seen = block_on(ask(&desk)).expect("it is answered");
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
        drop(world);
    });
}

/// Two callers and a dispatcher want to run one server (C1, D8).
#[test]
fn calls_are_answered_whoever_runs_the_server() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let other = {
            let desk = desk.clone();
            spawn(move || block_on(ask(&desk)))
        };
        let own = block_on(ask(&desk));
        assert_eq!(own, Ok(Vec::new()));
        assert_eq!(other.join().expect("calling does not fail"), Ok(Vec::new()));
        assert!(gen_server::whereis(&desk).is_some(), "it was run by two at once");
        drop(world);
    });
}

/// What a handler waits for comes while its caller, who has run it so far, leaves it (C2).
#[test]
fn handler_that_waits_goes_on_when_its_caller_has_left_it() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let (open, call) = ask_behind(&desk);
        let opens = spawn(move || open.reply(()));
        assert_eq!(block_on(call), Ok(Vec::new()));
        opens.join().expect("answering does not fail");
        drop(world);
    });
}

/// What a handler waits for comes while its caller gives up (C2).
#[test]
fn handler_that_waits_goes_on_without_its_caller() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let (open, mut call) = ask_behind(&desk);
        let opens = spawn(move || open.reply(()));
        block_on(poll_fn(|cx| {
            let _ = Pin::new(&mut call).poll(cx);
            Poll::Ready(())
        }));
        drop(call);
        assert_eq!(block_on(ask(&desk)), Ok(Vec::new()));
        opens.join().expect("answering does not fail");
        drop(world);
    });
}

/// A call against a kill.
#[test]
fn call_to_who_is_killed_comes_to_an_end() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let killer = {
            let desk = desk.clone();
            spawn(move || process::exit(&desk, ExitReason::Kill))
        };
        let end = block_on(ask(&desk));
        let is_told = matches!(
            end,
            Ok(_) | Err(CallError::Down(ExitReason::Killed, _) | CallError::NoProc(_))
        );
        assert!(is_told, "{end:?}");
        killer.join().expect("killing does not fail");
        drop(world);
    });
}

/// A caller goes away while he is answered, and asks again (R2).
#[test]
fn answer_of_a_dropped_call_reaches_no_other() {
    explore(2, || {
        let world = World::new(1);
        let desk = desk();
        begin();
        let _ = desk.cast(Note::Number(1));
        let dropped = ask(&desk);
        let _ = desk.cast(Note::Number(2));
        drop(dropped);
        assert_eq!(block_on(ask(&desk)), Ok(vec![1, 2]));
        drop(world);
    });
}
