//! The node: process table, names, timers and run queues of one runtime.
//!
//! Each tokio runtime has a node of its own, made when the first process is started there, and
//! ended with the runtime. Inside a process the current node is the process's.
use super::counts::Types;
use super::crash_report::Crashes;
use super::halt::Halt;
use super::monitors::Who;
use super::names::Names;
use super::services::Services;
use super::table::Table;
use super::{ExitVia, Process, panics};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::mailbox::Slot;
use crate::pid::{MonitorRef, Pid};
use crate::rt::dispatch::{self, Dispatch, Runnable};
use crate::rt::sync::counts::{AtomicU64, AtomicUsize};
use crate::rt::sync::{Lock, atomic::AtomicBool};
use crate::rt::{self, time};
use crate::telemetry::{Hub, events};
use crate::timer::Timers;
#[cfg(any(feature = "application", feature = "test-util"))]
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::num::NonZeroU64;
#[cfg(feature = "application")]
use std::pin::Pin;
use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// How long an orderly shutdown waits for one process that was started outside every other, before
/// it is killed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mail in one mailbox from which on that is told, unless the node is given another mark.
const HIGH_WATER: usize = 10_000;

/// Bits of a reference below the node's number: a process may be watched from several nodes.
const REF_BITS: u32 = 44;

/// One node: everything that processes of one runtime share.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{Node, process};
/// let node = Node::current().expect("this is a runtime");
/// process::spawn(async |mut mail: process::Mailbox<()>| {
///     mail.next().await;
/// });
/// assert_eq!(node.processes(), 1);
/// node.shutdown().await;
/// assert_eq!(node.processes(), 0);
/// # }
/// ```
pub struct Node {
    number: u32,
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) table: Table,
    pub(crate) names: Names,
    pub(crate) timers: Arc<Timers>,
    /// Who listens to its events.
    pub(crate) telemetry: Hub,
    /// The last crashes.
    pub(crate) crashes: Crashes,
    /// Which types of servers are counted or traced.
    pub(crate) types: Types,
    /// Mail in one mailbox from which on that is told.
    high_water: AtomicUsize,
    /// What layers above keep per node.
    pub(crate) services: Services,
    runtime: Option<rt::Handle>,
    refs: AtomicU64,
    births: AtomicU64,
    stopping: AtomicBool,
    /// Held while a circle of waits is broken, so that it is broken once.
    pub(crate) verdicts: Lock<()>,
    halt: Halt,
    /// What a layer above keeps per node: its applications.
    #[cfg(feature = "application")]
    above: OnceLock<Arc<dyn Above>>,
    /// What the test kit keeps per node.
    #[cfg(feature = "test-util")]
    pub(crate) kit: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// What a layer above keeps per node, and ends before the node's processes.
#[cfg(feature = "application")]
pub(crate) trait Above: Any + Send + Sync {
    fn shutdown(self: Arc<Self>, node: Arc<Node>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The one static: which node belongs to which runtime.
#[derive(Default)]
struct Nodes {
    by_runtime: HashMap<rt::Id, Weak<Node>>,
    by_number: HashMap<u32, Weak<Node>>,
    made: u32,
    keeps_panic_hook: bool,
}

fn nodes() -> std::sync::MutexGuard<'static, Nodes> {
    static NODES: LazyLock<Mutex<Nodes>> = LazyLock::new(Mutex::default);
    NODES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The node that processes of this number live on.
pub(crate) fn by_number(number: u32) -> Option<Arc<Node>> {
    thread_local! {
        /// The node asked for last: nearly always the one asked for next.
        static LAST: RefCell<Option<(u32, Weak<Node>)>> = const { RefCell::new(None) };
    }
    LAST.with(|last| {
        let mut last = last.borrow_mut();
        if let Some((_, node)) = last.as_ref().filter(|(cached, _)| *cached == number) {
            return node.upgrade();
        }
        let node = nodes().by_number.get(&number)?.clone();
        *last = Some((number, node.clone()));
        node.upgrade()
    })
}

/// Lets the previous panic hook also print panics inside processes.
///
/// Without it a panic in a process prints nothing by itself; the crash report tells of it.
pub fn keep_panic_hook() {
    nodes().keeps_panic_hook = true;
}

pub(crate) fn keeps_panic_hook() -> bool {
    nodes().keeps_panic_hook
}

impl Node {
    /// The node of the process that runs here; outside of processes, the runtime's, made if there
    /// is none yet. `None` without a runtime.
    pub fn current() -> Option<Arc<Self>> {
        if let Some(pid) = dispatch::running() {
            return by_number(pid.node());
        }
        #[cfg(all(test, any(loom, shuttle)))]
        if let Some(node) = MODEL.with_borrow(Clone::clone) {
            return Some(node);
        }
        let runtime = rt::current()?;
        thread_local! {
            /// The node of the runtime that this thread was in last.
            static LAST: RefCell<Option<(rt::Id, Weak<Node>)>> = const { RefCell::new(None) };
        }
        let id = runtime.id();
        let cached = LAST.with_borrow(|last| {
            let (_, node) = last.as_ref().filter(|(own, _)| *own == id)?;
            node.upgrade()
        });
        cached.or_else(|| {
            let node = Self::of(runtime);
            LAST.set(Some((id, Arc::downgrade(&node))));
            Some(node)
        })
    }

    fn of(runtime: rt::Handle) -> Arc<Self> {
        let mut nodes = nodes();
        if let Some(node) = nodes.by_runtime.get(&runtime.id()).and_then(Weak::upgrade) {
            return node;
        }
        let id = runtime.id();
        let node = Self::on(&mut nodes, runtime);
        nodes.by_runtime.insert(id, Arc::downgrade(&node));
        node
    }

    fn on(nodes: &mut Nodes, runtime: rt::Handle) -> Arc<Self> {
        if nodes.made == 0 {
            panics::install_hook();
        }
        let number = nodes.made;
        nodes.made += 1;
        let timers = Arc::new(Timers::default());
        let ends: Arc<OnceLock<Arc<Self>>> = Arc::default();
        let ended = ends.clone();
        let on_end = move || {
            if let Some(node) = ended.get() {
                node.ended();
            }
        };
        let dispatch = Dispatch::start(&runtime, on_end, move |pid, lasting| {
            if let Some(node) = by_number(number) {
                super::slow::look_into(&node, pid, lasting);
            }
        });
        runtime.spawn(timers.clone().drive());
        let node = Arc::new(Self::new(number, dispatch, timers, Some(runtime)));
        nodes.by_number.insert(number, Arc::downgrade(&node));
        // The dispatchers keep the node: it lives as long as its runtime.
        let _ = ends.set(node.clone());
        node
    }

    /// For handles made without a runtime: nothing can be started there.
    pub(crate) fn absent() -> Arc<Self> {
        Arc::new(Self::new(0, Dispatch::absent(), Arc::default(), None))
    }

    pub(crate) fn current_or_absent() -> Arc<Self> {
        Self::current().unwrap_or_else(Self::absent)
    }

    fn new(
        number: u32,
        dispatch: Arc<Dispatch>,
        timers: Arc<Timers>,
        runtime: Option<rt::Handle>,
    ) -> Self {
        Self {
            number,
            dispatch,
            table: Table::new(number),
            names: Names::default(),
            timers,
            telemetry: Hub::default(),
            crashes: Crashes::default(),
            types: Types::default(),
            high_water: AtomicUsize::new(HIGH_WATER),
            services: Services::default(),
            runtime,
            refs: AtomicU64::new(1),
            births: AtomicU64::new(1),
            stopping: AtomicBool::new(false),
            verdicts: Lock::default(),
            halt: Halt::default(),
            #[cfg(feature = "application")]
            above: OnceLock::new(),
            #[cfg(feature = "test-util")]
            kit: OnceLock::new(),
        }
    }

    /// The first number in its pids.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many processes live.
    pub fn processes(&self) -> usize {
        self.table.len()
    }

    /// How many timers are armed, those of pending calls included.
    pub fn timers(&self) -> usize {
        self.timers.len()
    }

    /// How many names are taken.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// How long a handler may keep its worker before that is told: 100 ms unless set, never with
    /// `None`. As the `long_schedule` of Erlang's `system_monitor`.
    ///
    /// A handler without an `.await` keeps the worker that runs it: others that this worker would
    /// run wait. When one does so for longer than the limit, two warnings with the target
    /// `cordial::slow_handler` go to `tracing`: one while it still runs (fields `server`, `pid` and
    /// `millis`), and one when it is over (`last_message`, too, and all the time that it took).
    /// What takes long by nature has a place in [`process::blocking`](super::blocking).
    ///
    /// It is noticed up to a quarter of the limit later than it could be, by a thread of the node's
    /// that looks only while processes run; time is that on the wall, also in a test with a paused
    /// clock. What runs outside of processes is not looked at.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// let node = cordial::Node::current().expect("this is a runtime");
    /// node.set_slow_handler_limit(Some(cordial::millis(10)));
    /// # }
    /// ```
    pub fn set_slow_handler_limit(&self, limit: Option<Duration>) {
        self.dispatch.set_limit_of_turns(limit);
    }

    /// From how much mail in one mailbox on that is told: 10,000 unless set, never with `None`.
    ///
    /// It is told as the event [`MailboxHighWater`](events::MailboxHighWater) and as a warning with
    /// the target `cordial::mailbox` in `tracing`: once when the mark is reached, and again when
    /// there is twice as much, four times, and so on. What counts is mail that came since the
    /// process last took some in hand.
    pub fn set_high_water_mark(&self, mark: Option<usize>) {
        self.high_water.store(mark.unwrap_or(usize::MAX), Relaxed);
    }

    pub(crate) fn high_water_mark(&self) -> usize {
        self.high_water.load(Relaxed)
    }

    /// Called under the lock of a mailbox, so it is told elsewhere.
    #[cold]
    pub(crate) fn note_high_water(self: &Arc<Self>, pid: Pid, waiting: usize, mark: usize) {
        let (node, Some(runtime)) = (self.clone(), &self.runtime) else { return };
        runtime.spawn(async move {
            let Some(process) = node.table.get(pid) else { return };
            let server = process.server();
            #[cfg(feature = "tracing")]
            tracing::warn!(
                target: "cordial::mailbox",
                server = &*server, pid = %pid, waiting, mark,
                "`{server}` {pid} does not keep up: {waiting} messages wait, the mark is {mark}"
            );
            node.telemetry.emit(|| events::MailboxHighWater { pid, server, waiting, mark });
        });
    }

    /// Whether new processes may begin.
    pub(crate) fn admit(&self) -> Result<(), StartError> {
        if self.is_absent() {
            return Err(StartError::NoRuntime);
        }
        if self.is_stopping() || self.dispatch.is_closed() {
            return Err(StartError::NodeStopping);
        }
        Ok(())
    }

    pub(crate) fn is_absent(&self) -> bool {
        !self.dispatch.has_dispatchers()
    }

    pub(crate) fn runtime(&self) -> Option<&rt::Handle> {
        self.runtime.as_ref()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    /// Who stands for everybody who is no process.
    pub(crate) fn own_pid(&self) -> Pid {
        Pid::of_node(self.number)
    }

    /// Who asks from this thread: the process that runs here, or who stands for the others.
    #[inline]
    pub(crate) fn caller(&self) -> Pid {
        dispatch::running().unwrap_or_else(|| self.own_pid())
    }

    /// Orders the beginnings of processes.
    pub(crate) fn next_birth(&self) -> u64 {
        self.births.fetch_add(1, Relaxed)
    }

    pub(crate) fn next_ref(&self) -> MonitorRef {
        let next = self.refs.fetch_add(1, Relaxed) | u64::from(self.number) << REF_BITS;
        MonitorRef(NonZeroU64::new(next).expect("references start at one"))
    }

    /// Ends every process in order: first the applications, each within its own bounds, then what
    /// was started outside every other process, last one first, each with all that it supervises.
    /// As soon as the applications are down nothing can be started here.
    ///
    /// A process that does not stop within 30 s is killed.
    ///
    /// # Cancel safety
    /// Dropped half way, what is left lives on, applications cannot be started any more, and once
    /// they were down no process can; calling it again goes on.
    pub async fn shutdown(&self) {
        if !self.is_stopping() {
            self.telemetry.emit(|| {
                let (node, processes) = (self.number, self.processes());
                events::NodeStopping { node, processes }
            });
        }
        #[cfg(feature = "application")]
        if let (Some(above), Some(node)) = (self.above.get(), by_number(self.number)) {
            above.clone().shutdown(node).await;
        }
        self.stopping.store(true, SeqCst);
        loop {
            let mut roots = self.roots();
            if roots.is_empty() {
                return;
            }
            roots.sort_by_key(|(_, process)| std::cmp::Reverse(process.born()));
            for (pid, process) in roots {
                self.stop_one(pid, process).await;
            }
        }
    }

    /// Asks the program to end with this exit code, in order: whoever runs it (`#[cordial::main]`,
    /// `application::run`) shuts the node down and exits. The first code that is asked for counts.
    ///
    /// It returns at once. Under a runtime of one's own the node is shut down all the same; the
    /// program learns of it by [`stop_requested`](Self::stop_requested).
    ///
    /// # Examples
    /// ```no_run
    /// #[cordial::main]
    /// async fn main() {
    ///     let node = cordial::Node::current().expect("main runs in a runtime");
    ///     node.stop(3);
    ///     std::future::pending::<()>().await; // The program exits with code 3.
    /// }
    /// ```
    pub fn stop(self: &Arc<Self>, code: u8) {
        let Some(runtime) = &self.runtime else { return };
        if self.halt.ask(code) {
            let node = self.clone();
            runtime.spawn(async move { node.shutdown().await });
        }
    }

    /// Waits until somebody asks for the end of the program, and says with which exit code.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn stop_requested(&self) -> u8 {
        self.halt.asked().await
    }

    /// Whether it goes down, or was asked to.
    #[cfg(feature = "application")]
    pub(crate) fn is_ending(&self) -> bool {
        self.is_stopping() || self.exit_code().is_some()
    }

    /// The exit code that was asked for, if one was.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        self.halt.code()
    }

    /// What a layer above keeps here; made when it is asked for first.
    #[cfg(feature = "application")]
    pub(crate) fn above(&self, make: impl FnOnce() -> Arc<dyn Above>) -> &Arc<dyn Above> {
        self.above.get_or_init(make)
    }

    /// The living that no other living process started.
    fn roots(&self) -> Vec<(Pid, Arc<dyn Process>)> {
        let own = dispatch::running();
        let all = self.table.all().into_iter();
        let living = all.filter_map(|process| Some((process.pid()?, process)));
        let others = living.filter(|(pid, _)| Some(*pid) != own);
        let rootless = |pid: &Pid, process: &Arc<dyn Process>| {
            process.parent(*pid).is_none_or(|parent| self.table.get(parent).is_none())
        };
        others.filter(|(pid, process)| rootless(pid, process)).collect()
    }

    async fn stop_one(&self, pid: Pid, process: Arc<dyn Process>) {
        let slot = Slot::new(self.own_pid());
        if process.watch(pid, self.next_ref(), Who::Future(slot.clone())).is_err() {
            return;
        }
        let down = std::future::poll_fn(|cx| slot.poll(cx));
        process.clone().exit_signal(pid, self.own_pid(), ExitReason::Shutdown, ExitVia::Explicit);
        if time::timeout(PATIENCE, down).await.is_ok() {
            return;
        }
        process.exit_signal(pid, self.own_pid(), ExitReason::Kill, ExitVia::Explicit);
        let down = std::future::poll_fn(|cx| slot.poll(cx));
        let _ = time::timeout(PATIENCE, down).await;
    }

    /// The runtime went away: whoever waits is told, user state drops on this thread.
    fn ended(&self) {
        self.stopping.store(true, SeqCst);
        {
            let mut nodes = nodes();
            nodes.by_number.remove(&self.number);
            nodes
                .by_runtime
                .retain(|_, node| node.upgrade().is_some_and(|n| n.number != self.number));
        }
        self.timers.clear();
        for process in self.table.all() {
            Runnable::abandon(process);
        }
        self.timers.clear();
        self.services.clear();
    }
}

#[cfg(all(test, any(loom, shuttle)))]
thread_local! {
    /// The node of the model that runs; its threads are one thread of the operating system.
    static MODEL: RefCell<Option<Arc<Node>>> = const { RefCell::new(None) };
}

/// The node of a model: whoever is to run its dispatchers does so on the model's threads.
#[cfg(all(test, any(loom, shuttle)))]
impl Node {
    pub(crate) fn modelled(dispatchers: usize) -> Arc<Self> {
        let dispatch = Dispatch::modelled(dispatchers);
        let mut nodes = nodes();
        nodes.made = nodes.made % 1_000 + 1;
        let number = nodes.made;
        let node = Arc::new(Self::new(number, dispatch, Arc::default(), None));
        nodes.by_number.insert(number, Arc::downgrade(&node));
        MODEL.replace(Some(node.clone()));
        node
    }

    pub(crate) fn end_model(&self) {
        self.ended();
        MODEL.replace(None);
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("number", &self.number)
            .field("processes", &self.processes())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn node_that_is_gone_is_known_no_more() {
        let is_known = |number| nodes().by_number.contains_key(&number);
        let looks = async {
            let number = Node::current().expect("there is a runtime").number();
            (number, is_known(number))
        };
        let (number, was_known) = rt::run(rt::Workers::Current, looks).expect("a runtime");
        assert!(was_known && !is_known(number));
    }
}
