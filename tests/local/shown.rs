//! What is shown of a state that never leaves its thread.
use cordial::prelude::*;
use cordial::test::{advance, sync};
use cordial::{Answer, ReplyTo, process, sys};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::thread::{self, ThreadId};

#[gen_server(local)]
#[derive(Debug)]
struct Script {
    lines: Rc<RefCell<Vec<u32>>>,
    #[inspect(redact)]
    password: Rc<str>,
}

#[gen_server(local)]
impl Script {
    #[init]
    fn init(password: &str) -> Self {
        Self { lines: Rc::default(), password: password.into() }
    }
    #[cast]
    fn add(&self, line: u32) {
        self.lines.borrow_mut().push(line);
    }
    #[call]
    async fn hold(&self, gate: Answer<()>) -> usize {
        gate.await;
        self.lines.borrow_mut().push(9);
        self.password.len()
    }
}

/// Whoever looks from anywhere.
async fn shown(script: &ScriptRef) -> String {
    sys::inspect(script).await.unwrap().to_string()
}

#[cordial::test(workers = 2)]
async fn state_is_shown_as_that_of_any_server_with_its_secrets_left_out() {
    let script = Script::start("open sesame").await.unwrap();
    script.add(1);
    script.add(2);
    sync(&script).await;
    let text = shown(&script).await;
    assert!(text.contains("[1, 2]") && !text.contains("sesame"), "{text}");
    let status = sys::get_status(&script).await.unwrap();
    assert_eq!(status.state.unwrap().to_string(), text);
    assert!(!status.is_suspended && status.server.contains("Script"));
    sys::suspend(&script).await.unwrap();
    script.add(3);
    assert_eq!(shown(&script).await, text);
    assert!(sys::get_status(&script).await.unwrap().is_suspended);
    sys::resume(&script).await.unwrap();
    sync(&script).await;
    assert_ne!(shown(&script).await, text);
}

/// One that awaits has its state: a look waits for that, and a status tells what it handles.
#[cordial::test]
async fn state_that_a_handler_has_is_shown_when_that_is_done() {
    let script = Script::start("open sesame").await.unwrap();
    let (gate, opened) = ReplyTo::pair();
    let held = script.hold(opened);
    advance(millis(1)).await;
    let status = sys::get_status(&script).await.unwrap();
    assert_eq!((status.handling, status.state), (Some("hold"), None));
    let asked = sys::inspect(&script);
    gate.reply(());
    assert_eq!(held.await, Ok(11));
    assert!(asked.await.unwrap().to_string().contains('9'));
}

#[cordial::test]
async fn who_is_ended_while_it_is_asked_is_gone() {
    let script = Script::start("open sesame").await.unwrap();
    let (asked, status) = (sys::inspect(&script), sys::get_status(&script));
    let down = process::monitor(&script);
    process::exit(&script, ExitReason::Kill);
    down.await;
    assert!(asked.await.is_err() && status.await.is_err());
    assert_eq!(sys::inspect(&script).await, Err(sys::SysError::NoProc));
}

/// It says on which thread it is shown, unless it panics there.
struct Place(bool);

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0, "not to be shown");
        write!(f, "{:?} of {}", thread::current().id(), process::self_pid())
    }
}

#[gen_server(local)]
#[derive(Debug)]
struct Shy {
    place: Place,
    _of_the_thread: Rc<()>,
}

#[gen_server(local)]
impl Shy {
    #[init]
    fn init(is_open: bool) -> Self {
        Self { place: Place(is_open), _of_the_thread: Rc::new(()) }
    }
    #[call]
    fn thread(&self) -> ThreadId {
        let Place(_is_open) = self.place;
        thread::current().id()
    }
}

#[cordial::test(workers = 2)]
async fn state_is_shown_on_its_thread_as_its_process_and_a_panic_there_harms_nobody() {
    let open = Shy::start(true).await.unwrap();
    let (thread, pid) = (open.thread().await.unwrap(), gen_server::whereis(&open).unwrap());
    let text = sys::inspect(&open).await.unwrap().to_string();
    assert!(text.contains(&format!("{thread:?} of {pid}")), "{text}");
    let shy = Shy::start(false).await.unwrap();
    let text = sys::inspect(&shy).await.unwrap().to_string();
    assert!(text.contains("not to be shown"), "{text}");
    assert_eq!(shy.thread().await, Ok(thread));
}
