//! A local server with every kind of handler, and what it tells of its life.
use cordial::prelude::*;
use cordial::{Answer, process};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

/// What happened, in order, and on which thread.
#[derive(Clone, Default, Debug)]
pub(crate) struct Notes(Arc<Mutex<Vec<(String, ThreadId)>>>);

impl Notes {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push((line.into(), thread::current().id()));
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }

    /// The threads on which it happened, each once.
    pub(crate) fn threads(&self) -> Vec<ThreadId> {
        let mut threads = Vec::new();
        for (_, thread) in self.0.lock().unwrap().iter() {
            if !threads.contains(thread) {
                threads.push(*thread);
            }
        }
        threads
    }
}

/// Notes its drop.
pub(crate) struct Dropped(pub(crate) &'static str, pub(crate) Notes);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.1.write(format!("{} dropped", self.0));
    }
}

#[derive(Debug)]
pub(crate) struct Kick(pub(crate) u32);

process::local! {
    /// How often the process was asked.
    static ASKED: u32;
}

/// The state is shared by two halves that know nothing of threads.
#[gen_server(local)]
pub(crate) struct Cache {
    entries: Rc<RefCell<Vec<u32>>>,
    other_half: Rc<RefCell<Vec<u32>>>,
    kept: RefCell<Option<ReplyTo<u32>>>,
    ticks: Cell<u32>,
    notes: Notes,
    _dropped: Dropped,
}

#[gen_server(local)]
impl Cache {
    #[init]
    fn init(notes: Notes, ctx: &mut Ctx<Self>) -> Self {
        notes.write("init");
        assert_eq!(ctx.pid(), process::self_pid());
        let entries = Rc::new(RefCell::new(Vec::new()));
        let _dropped = Dropped("state", notes.clone());
        let (kept, ticks) = (RefCell::default(), Cell::new(0));
        Self { other_half: entries.clone(), entries, kept, ticks, notes, _dropped }
    }

    #[cast]
    pub(crate) fn put(&mut self, entry: u32) {
        self.entries.borrow_mut().push(entry);
    }

    #[call]
    pub(crate) fn all(&self) -> Vec<u32> {
        self.notes.write("all");
        self.other_half.borrow().clone()
    }

    /// What it holds over the await cannot leave the thread.
    #[call]
    pub(crate) async fn put_later(&mut self, entry: u32, gate: Answer<()>) -> usize {
        let half = self.other_half.clone();
        let _dropped = Dropped("future", self.notes.clone());
        self.notes.write("waits");
        gate.await;
        half.borrow_mut().push(entry);
        half.borrow().len()
    }

    #[call]
    pub(crate) fn me(&self, ctx: &mut Ctx<Self>) -> (Pid, Pid, Option<u32>) {
        let before = ASKED.set(ASKED.get().unwrap_or(0) + 1);
        (ctx.pid(), process::self_pid(), before)
    }

    #[call]
    pub(crate) fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.replace(Some(from));
    }

    #[call(timeout = 1s)]
    pub(crate) fn divide(&mut self, by: u32) -> Result<u32, String> {
        10u32.checked_div(by).ok_or_else(|| "by nothing".to_owned())
    }

    #[call]
    pub(crate) async fn ask(&self, other: CacheRef) -> usize {
        other.all().await.map_or(0, |all| all.len())
    }

    #[call]
    pub(crate) fn crash(&mut self) {
        self.entries.borrow_mut().push(13);
        panic!("out of luck");
    }

    #[cast]
    pub(crate) fn stop(&mut self, ctx: &mut Ctx<Self>) {
        ctx.stop(ExitReason::Shutdown);
    }

    #[cast]
    pub(crate) fn go_on(&mut self, with: u32, ctx: &mut Ctx<Self>) {
        ctx.continue_with(with);
        ctx.send_after(millis(50), Kick(with + 1));
    }

    #[handle_continue]
    async fn continued(&mut self, with: u32) {
        self.put(with);
    }

    #[info]
    fn kicked(&mut self, kick: Kick) {
        self.put(kick.0);
    }

    #[cast]
    pub(crate) fn watch(&mut self, other: CacheRef, ctx: &mut Ctx<Self>) {
        ctx.monitor(&other);
    }

    #[info]
    fn down(&mut self, down: Down) {
        self.notes.write(format!("down: {}", down.reason));
    }

    #[every(1s)]
    fn tick(&mut self) {
        self.ticks.set(self.ticks.get() + 1);
    }

    #[call]
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks.get()
    }

    #[format_status]
    fn shown(&self) -> String {
        format!("{} entries", self.entries.borrow().len())
    }

    #[terminate]
    async fn bye(&mut self, reason: &ExitReason, ctx: &mut Ctx<Self>) {
        let entries = self.entries.borrow().len();
        self.notes.write(format!("terminate: {reason}, {entries}, {}", ctx.poisoned()));
    }
}
