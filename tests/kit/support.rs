//! What the kit's own tests share: a server with every kind of handler, and how a test fails.
use cordial::__private::run_test;
use cordial::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

/// What happened, in order, over everybody who shares it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A server with every kind of handler.
#[gen_server]
#[derive(Clone, Default)]
pub(crate) struct Lamp {
    pub(crate) notes: Notes,
    pub(crate) is_on: bool,
    pub(crate) never_answered: Parked,
}

/// Handles that nobody answers.
#[derive(Clone, Default)]
pub(crate) struct Parked(Arc<Mutex<Vec<ReplyTo<()>>>>);

pub(crate) struct Flicker;

/// What has no `Debug`.
pub(crate) struct Opaque;

#[gen_server]
impl Lamp {
    #[cast]
    pub(crate) fn switch(&mut self, on: bool) {
        self.is_on = on;
        self.notes.write(format!("on: {on}"));
    }
    #[cast]
    pub(crate) fn paint(&mut self, colour: &str, coats: u32) {
        self.notes.write(format!("{coats} coats of {colour}"));
    }
    #[cast]
    pub(crate) fn wrap(&self, opaque: Opaque, layers: u8) {
        let Opaque = opaque;
        self.notes.write(format!("{layers} layers"));
    }
    #[cast]
    pub(crate) fn burst(&self) {
        panic!("burst");
    }
    #[call]
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }
    #[call]
    pub(crate) fn dim(&mut self, by: u32) -> Result<u32, String> {
        by.checked_sub(1).ok_or_else(|| "too dark".to_owned())
    }
    #[call(timeout = infinity)]
    pub(crate) fn wait_for_ever(&mut self, from: ReplyTo<()>) {
        self.never_answered.0.lock().unwrap().push(from);
    }
    #[info]
    fn flicker(&self, _: Flicker) {}
    #[info]
    fn exit(&self, _: Exit) {}
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.notes.write(format!("terminate: {reason}"));
    }
}

pub(crate) async fn lamp() -> (LampRef, Notes) {
    let notes = Notes::default();
    let lamp = Lamp { notes: notes.clone(), ..Lamp::default() };
    (Lamp::start(lamp).await.unwrap(), notes)
}

/// What a test says that fails.
pub(crate) fn failure_of(test: impl AsyncFnOnce()) -> String {
    failure_on(None, test)
}

/// [`failure_of`], on so many threads.
pub(crate) fn failure_on(workers: Option<usize>, test: impl AsyncFnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| run_test(workers, test())));
    text_of(failed.expect_err("the test passes"))
}

/// What a panic says.
pub(crate) fn text_of(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("a panic has a text")).to_owned(),
    }
}

/// Checks what a test says that fails; the place of what failed is cut off, pids are `<pid>`.
#[track_caller]
pub(crate) fn check_failure(test: impl AsyncFnOnce(), expected: &str) {
    let text = failure_of(test);
    assert_eq!(without_pids(&without_place(&text)), expected);
}

/// `<what> at tests/kit/x.rs:1:2: <why>` without the place, which has to be one of these files.
fn without_place(text: &str) -> String {
    let Some((what, rest)) = text.split_once(" at ") else { return text.to_owned() };
    let Some((place, why)) = rest.split_once(": ") else { return text.to_owned() };
    if place.contains("kit/") { format!("{what}: {why}") } else { text.to_owned() }
}

fn without_pids(text: &str) -> String {
    let mut words = text.split('<');
    let first = words.next().unwrap().to_owned();
    let is_pid = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
    words.fold(first, |all, word| match word.split_once('>') {
        Some((pid, rest)) if is_pid(pid) => all + "<pid>" + rest,
        _ => all + "<" + word,
    })
}
