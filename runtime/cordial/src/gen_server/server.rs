//! The private process of a server: its loop, and nothing else.
//!
//! A message that needs no future is handled on the spot. For one that does, the boxed core moves
//! into a future that comes back with it: between messages the process is data, while it awaits it
//! is a future, and a kill drops either whole. The future's memory is used again for the next one.
mod initialising;

#[cfg(feature = "spans")]
use super::context::kind_of;
use super::context::{Continuation, Ctx};
use super::{Flow, GenServer, ServerStruct};
use crate::exit::ExitReason;
use crate::inspect::Inspected;
use crate::mailbox::{self, Look, Mail, System};
use crate::process::cell::{Actor, After, Crash, Ending, Message, Pending};
use crate::process::lane::{Attend, ShowTo};
use crate::process::run::{Drained, Longer, Seed, Turn};
#[cfg(feature = "spans")]
use crate::process::spans;
use crate::process::wait::{Edge, Purpose, Waits};
use crate::process::watch::{self, Watching};
use crate::process::{log_exit, log_unexpected, panics};
use crate::rt::dispatch;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::signal::Exit;
use crate::timer::Tick;
pub(super) use initialising::{First, Initialising, Starting};
use std::any::{Any, TypeId};
use std::future::{Future, Ready};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// A server between messages.
pub(super) struct Core<S: GenServer> {
    state: S,
    ctx: Ctx<S>,
    /// What is being handled, for the crash report.
    current: Option<&'static str>,
}

/// Something that a server does one at a time.
pub(super) enum Job<S: GenServer> {
    Message(S::Msg),
    Continue(Continuation<S>),
    Tick(Arc<Tick>),
    Timeout,
    Terminate(ExitReason),
}

#[cfg(feature = "chaos")]
impl<S: GenServer> Job<S> {
    fn phase(&self) -> sim::Phase {
        match self {
            Self::Terminate(_) => sim::Phase::Terminate,
            Self::Message(_) | Self::Continue(_) | Self::Tick(_) | Self::Timeout => {
                sim::Phase::Handle
            }
        }
    }
}

/// Why [`Core::drain`] was broken off.
enum Pause<S: GenServer> {
    Job(Job<S>),
    /// A handler asked for something.
    Flow(Flow),
    Panicked(ExitReason),
}

/// How a job ended.
pub(super) enum Step {
    Flow(Flow),
    Panicked(ExitReason),
    Terminated(ExitReason),
}

pub(super) type Done<S> = (Box<Core<S>>, Step);

impl<S: GenServer> Actor<S::Msg> for Core<S> {
    fn turn(self: Box<Self>, turn: &mut Turn<'_, S::Msg>) -> After<S::Msg> {
        self.work(turn)
    }

    #[inline]
    fn one<'a>(
        mut self: Box<Self>,
        mail: Mail<S::Msg>,
        seed: &Seed<'a, S::Msg>,
        longer: &mut Longer<'a, S::Msg>,
    ) -> Option<Box<dyn Actor<S::Msg>>> {
        if self.ctx.has_more() {
            let mut turn = seed.turn_of(mail);
            let after = self.work(&mut turn);
            *longer = Some((turn, after));
            return None;
        }
        let mut pause = None;
        match panics::contain(|| self.serve(mail, &mut pause)) {
            Ok(ControlFlow::Continue(())) => return Some(self),
            Ok(ControlFlow::Break(())) => {}
            Err(reason) => pause = Some(Pause::Panicked(reason)),
        }
        let mut turn = seed.turn();
        let after = self.work_on(pause, &mut turn);
        *longer = Some((turn, after));
        None
    }

    fn last_message(&self) -> Option<&'static str> {
        self.current
    }

    fn attend(&mut self) -> Option<&mut dyn Attend> {
        Some(self)
    }
}

impl<S: GenServer> Attend for Core<S> {
    fn state(&mut self) -> &mut dyn Any {
        self.ctx.look_at_streams_again();
        &mut self.state
    }

    fn look(&mut self, look: Look) {
        self.ctx.look_at_streams_again();
        look(&mut self.state, self.ctx.beside());
    }

    fn show(&self, to: ShowTo) {
        if let Some(to) = self.state.show_elsewhere(to) {
            to(show(&self.state), machine(&self.ctx));
        }
    }

    fn watch(&mut self, watching: Arc<Watching>) {
        self.ctx.watch(watching);
    }

    fn join_type(&mut self) {
        self.ctx.join_type();
    }

    fn retire(&mut self) -> Option<Arc<Watching>> {
        self.ctx.retire()
    }
}

impl<S: GenServer> Core<S> {
    /// A server that goes on where another one stood still.
    pub(super) fn succeed(state: S, ctx: Ctx<S>) -> Box<dyn Actor<S::Msg>> {
        Box::new(Self { state, ctx, current: None })
    }

    fn work(self: Box<Self>, turn: &mut Turn<'_, S::Msg>) -> After<S::Msg> {
        self.work_on(None, turn)
    }

    /// [`work`](Self::work), where it was broken off.
    fn work_on(
        mut self: Box<Self>,
        mut pause: Option<Pause<S>>,
        turn: &mut Turn<'_, S::Msg>,
    ) -> After<S::Msg> {
        loop {
            let mut is_watched = false;
            if pause.is_none() && self.ctx.has_more() {
                let next = self.ctx.take_continuation(); // GS-29
                pause = match next {
                    Some(next) => Some(Pause::Job(Job::Continue(next))),
                    None if self.ctx.has_streams() => self.look_at_streams(),
                    None => None,
                };
                is_watched = self.ctx.is_watched();
            }
            if pause.is_none() {
                let drained = panics::contain(|| match is_watched {
                    false => self.drain(turn, &mut pause),
                    true => self.drain_watched(turn, &mut pause),
                });
                match drained {
                    Ok(Drained::Rest) => return After::Rest(self),
                    Ok(Drained::Budget) => return After::Again(self),
                    Ok(Drained::Broken) => {}
                    Err(reason) => pause = Some(Pause::Panicked(reason)),
                }
            }
            let gone_on = match pause.take().expect("who breaks off says why") {
                Pause::Job(job) => self.run(job),
                Pause::Flow(flow) => self.finish(Step::Flow(flow)),
                Pause::Panicked(reason) => self.finish(Step::Panicked(reason)),
            };
            match gone_on {
                Ok(core) => self = core,
                Err(after) => return after,
            }
        }
    }

    #[cold]
    fn look_at_streams(&mut self) -> Option<Pause<S>> {
        dispatch::wake_held();
        let mut pause = None;
        let looked = panics::contain(|| {
            if let Some(message) = self.ctx.look_at_streams(&mut self.state) {
                let _ = self.handle(message, &mut pause);
            }
        });
        looked.map_or_else(|reason| Some(Pause::Panicked(reason)), |()| pause)
    }

    /// Message after message, as long as they need no future and ask for nothing else: the path of
    /// nearly all mail, so a message goes from the line into its handler without a stop.
    #[inline]
    fn drain(&mut self, turn: &mut Turn<'_, S::Msg>, pause: &mut Option<Pause<S>>) -> Drained {
        turn.drain(|mail| self.serve(mail, pause))
    }

    /// [`drain`](Self::drain), with what each message takes; the end of one is seen where the next
    /// step is decided.
    #[cold]
    fn drain_watched(
        &mut self,
        turn: &mut Turn<'_, S::Msg>,
        pause: &mut Option<Pause<S>>,
    ) -> Drained {
        turn.drain(|mail| {
            self.ctx.begin_watched(&mail);
            self.serve(mail, pause)
        })
    }

    /// Not in line with the loop: what it is given is moved no more. In a panic of the handler
    /// nothing is left to drop here: each stop of the unwinder costs as much as a start.
    #[inline(never)]
    fn serve(&mut self, mail: Mail<S::Msg>, pause: &mut Option<Pause<S>>) -> ControlFlow<()> {
        if dispatch::is_anybody_held() {
            return self.serve_when_woken(mail, pause);
        }
        #[cfg(feature = "chaos")]
        self.ctx.address().0.note_taken(&mail);
        #[cfg(feature = "spans")]
        if spans::are_on() {
            return self.serve_in_span(mail, pause);
        }
        self.serve_here(mail, pause)
    }

    /// R4. On a path of its own: the one of all other mail goes straight into the handler.
    #[cold]
    #[inline(never)]
    fn serve_when_woken(
        &mut self,
        mail: Mail<S::Msg>,
        pause: &mut Option<Pause<S>>,
    ) -> ControlFlow<()> {
        dispatch::wake_held();
        self.serve(mail, pause)
    }

    #[inline]
    fn serve_here(&mut self, mail: Mail<S::Msg>, pause: &mut Option<Pause<S>>) -> ControlFlow<()> {
        match mail {
            Mail::User(msg) => self.handle(msg, pause),
            other => self.serve_other(other, pause),
        }
    }

    /// What awaits takes the span with it.
    #[cfg(feature = "spans")]
    #[cold]
    fn serve_in_span(
        &mut self,
        mail: Mail<S::Msg>,
        pause: &mut Option<Pause<S>>,
    ) -> ControlFlow<()> {
        let (mail, sent_in) = spans::apart(mail);
        let span = kind_of(&mail).map(|kind| {
            let server = self.ctx.found().process.server();
            spans::of_message(&server, self.ctx.pid(), kind, sent_in)
        });
        let entered = span.as_ref().map(tracing::Span::enter);
        let flow = self.serve_here(mail, pause);
        drop(entered);
        if let (Some(Pause::Job(_)), Some(span)) = (&pause, span) {
            self.ctx.keep_span(span);
        }
        flow
    }

    #[inline(never)]
    fn serve_other(&mut self, mail: Mail<S::Msg>, pause: &mut Option<Pause<S>>) -> ControlFlow<()> {
        match self.open(mail) {
            Some(Job::Message(msg)) => self.handle(msg, pause),
            Some(job) => {
                *pause = Some(Pause::Job(job));
                ControlFlow::Break(())
            }
            None => {
                mailbox::tell_dropped();
                ControlFlow::Continue(())
            }
        }
    }

    #[inline]
    fn handle(&mut self, msg: S::Msg, pause: &mut Option<Pause<S>>) -> ControlFlow<()> {
        self.current = Some(msg.kind());
        #[cfg(feature = "chaos")]
        sim::strike(sim::Phase::Handle);
        let handled = self.state.handle_sync(msg, &mut self.ctx);
        // Looked at where it lies: nearly always there is nothing to move.
        let goes_on = matches!(&handled, Ok(Flow::Continue)) && !self.ctx.has_more();
        if goes_on && self.state.idle_after().is_none() {
            mailbox::tell_dropped();
            return ControlFlow::Continue(());
        }
        *pause = Some(match handled {
            Ok(flow) => Pause::Flow(flow),
            Err(waits) => Pause::Job(Job::Message(waits)),
        });
        ControlFlow::Break(())
    }

    fn open(&mut self, mail: Mail<S::Msg>) -> Option<Job<S>> {
        match mail {
            Mail::User(msg) => Some(Job::Message(msg)),
            Mail::Own(msg) => Some(Job::Message(*msg)),
            #[cfg(feature = "chaos")]
            Mail::Placed(msg) => Some(Job::Message(*msg)),
            Mail::Asked(asked) => Some(Job::Message(asked.take())),
            #[cfg(feature = "spans")]
            Mail::Traced(traced) => self.open(traced.mail),
            Mail::Timed(parcel) => parcel.lock().take().map(Job::Message),
            Mail::System(system) => self.open_system(*system),
        }
    }

    fn open_system(&mut self, system: System) -> Option<Job<S>> {
        match system {
            System::Down(down) => {
                if !self.ctx.wants(&down) {
                    return None;
                }
                let note = down.clone();
                let msg = S::from_down(down);
                if msg.is_none() {
                    log_unexpected("Down", &note); // GS-28
                }
                msg.map(Job::Message)
            }
            System::Exit(exit) => self.open_exit(exit),
            System::Stop(reason) => Some(Job::Terminate(reason)),
            System::Sync(from) => {
                from.reply(());
                None
            }
            System::State(mut look) => {
                if let Some(look) = look.get_mut().take() {
                    look(&mut self.state, self.ctx.beside());
                    self.ctx.look_at_streams_again();
                }
                None
            }
            System::Tick(tick) => Some(Job::Tick(tick)),
            System::Idle => self.ctx.is_idle().then_some(Job::Timeout),
            System::Ready(number) => {
                self.ctx.take_from_stream(number, &mut self.state).map(Job::Message)
            }
        }
    }

    /// GS-35: the parent's end is this server's, anybody else's is a message.
    fn open_exit(&mut self, exit: Exit) -> Option<Job<S>> {
        if self.ctx.is_parent(exit.from) {
            return Some(Job::Terminate(exit.reason));
        }
        let note = exit.clone();
        let msg = S::from_exit(exit);
        if msg.is_none() {
            log_exit(&note);
        }
        msg.map(Job::Message)
    }

    /// Runs a job that may await. `Err`: the core is not ours any more: it waits, or has ended.
    fn run(mut self: Box<Self>, job: Job<S>) -> Result<Box<Self>, After<S::Msg>> {
        dispatch::wake_held();
        let job = match job {
            Job::Terminate(reason) if !has_terminate::<S>() => return Err(self.end(reason)),
            job => job,
        };
        let mut pump = self.ctx.take_pump().unwrap_or_else(new_pump);
        pump.as_mut().start(self, job);
        match pump.as_mut().poll(Purpose::GoOn) {
            Poll::Ready((mut core, step)) => {
                core.ctx.keep_pump(pump);
                core.finish(step)
            }
            Poll::Pending => Err(After::Wait(pump)),
        }
    }

    #[inline]
    fn finish(mut self: Box<Self>, step: Step) -> Result<Box<Self>, After<S::Msg>> {
        if self.ctx.has_more() {
            self.end_watched(&step);
        }
        match step {
            Step::Flow(flow) => {
                let stop = match flow {
                    Flow::Continue => self.ctx.take_stop(),
                    Flow::Stop(reason) => Some(reason),
                };
                match stop {
                    Some(reason) => self.wind_up(reason),
                    None => self.go_on(),
                }
            }
            Step::Panicked(reason) => {
                self.ctx.poison();
                self.wind_up(reason) // GS-25
            }
            Step::Terminated(reason) => Err(self.end(reason)),
        }
    }

    #[cold]
    fn end_watched(&self, step: &Step) {
        self.ctx.end_watched(match step {
            Step::Flow(Flow::Continue) if !self.ctx.wants_to_stop() => watch::Outcome::Done,
            Step::Panicked(_) => watch::Outcome::Panicked,
            _ => watch::Outcome::Stopped,
        });
    }

    #[inline]
    fn go_on(mut self: Box<Self>) -> Result<Box<Self>, After<S::Msg>> {
        mailbox::tell_dropped();
        match panics::contain(|| self.state.idle_after()) {
            Ok(idle_after) => {
                self.ctx.touch(idle_after);
                Ok(self)
            }
            Err(reason) => self.finish(Step::Panicked(reason)),
        }
    }

    /// Callers whose handles the last callback let go of wait for the end, too (GS-24).
    fn wind_up(mut self: Box<Self>, reason: ExitReason) -> Result<Box<Self>, After<S::Msg>> {
        if let Some(client) = mailbox::client() {
            self.ctx.note_client(client);
        }
        for caller in mailbox::take_dropped() {
            self.ctx.owe(Arc::downgrade(&caller));
        }
        self.run(Job::Terminate(reason))
    }

    fn end(mut self: Box<Self>, reason: ExitReason) -> After<S::Msg> {
        if let Some(reply) = self.ctx.take_held() {
            reply(); // GS-23
        }
        let crash = (!reason.is_clean()).then(|| Box::new(self.crash()));
        let last_message = self.current;
        After::End(Ending { reason, remains: self, crash, told: None, last_message })
    }

    /// What it knows of its crash (GS-41).
    #[cold]
    fn crash(&mut self) -> Crash {
        let first = self.ctx.take_stop();
        let state = self.ctx.take_status().unwrap_or_else(|| show(&self.state));
        let state = Some(state).filter(Inspected::says_more).map(String::from);
        let machine = machine(&self.ctx);
        Crash {
            last_message: self.current,
            first,
            client: self.ctx.client(),
            state: match (machine, state) {
                (Some(machine), Some(state)) => Some(format!("{machine}: {state}")),
                (machine, state) => machine.or(state),
            },
            poisoned: self.ctx.poisoned(),
            ..Crash::default()
        }
    }

    /// One job, as a future over the core.
    async fn perform(&mut self, job: Job<S>) -> Step {
        let Self { state, ctx, .. } = self;
        #[cfg(feature = "chaos")]
        sim::strike(job.phase());
        match job {
            Job::Message(msg) => Step::Flow(state.handle(msg, ctx).await),
            Job::Continue(next) => Step::Flow(next(state, ctx).await),
            Job::Timeout => Step::Flow(state.handle_timeout(ctx).await),
            Job::Tick(tick) => {
                let Some(mut ticker) = ctx.begin_tick(&tick) else {
                    return Step::Flow(Flow::Continue);
                };
                let flow = ticker(state, ctx).await;
                ctx.end_tick(tick.index, ticker);
                Step::Flow(flow)
            }
            Job::Terminate(reason) => {
                if !reason.is_clean() {
                    ctx.keep_status(show(state)); // As it was: `terminate` may change it.
                }
                state.terminate(&reason, ctx).await;
                Step::Terminated(reason)
            }
        }
    }
}

/// Whether a server of this type does something when it ends: the future of the `terminate` that
/// every server has without writing one is ready as it comes.
pub(crate) fn has_terminate<S: GenServer>() -> bool {
    type Terminate<S, Fut> = fn(&'static mut S, &'static ExitReason, &'static mut Ctx<S>) -> Fut;
    fn returned<S: GenServer, Fut: 'static>(_: Terminate<S, Fut>) -> TypeId {
        TypeId::of::<Fut>()
    }
    returned::<S, _>(S::terminate) != TypeId::of::<Ready<()>>()
}

fn show<S: GenServer>(state: &S) -> Inspected {
    shown(state, || state.format_status())
}

/// What of the state may be shown; a hook that panics does not break the report (GS-42).
pub(super) fn shown<S: ServerStruct>(
    state: &S,
    format_status: impl FnOnce() -> Option<String>,
) -> Inspected {
    match panics::contain(format_status) {
        Ok(Some(told)) => Inspected::text(told),
        Ok(None) => panics::contain(|| S::SHOW(state))
            .unwrap_or_else(|reason| Inspected::text(format_args!("what shows it {reason}"))),
        Err(reason) => Inspected::text(format_args!("`format_status` {reason}")),
    }
}

/// The state in which a state machine is.
fn machine<S: GenServer>(ctx: &Ctx<S>) -> Option<String> {
    panics::contain(|| ctx.machine()).ok().flatten()
}

// ===== The future of a job =====

pub(super) type OwnPump<S> = Pin<Box<dyn Pump<S>>>;

/// A future whose memory is used again; its type cannot be named.
pub(super) trait Pump<S: GenServer>: Pending<S::Msg> {
    fn start(self: Pin<&mut Self>, core: Box<Core<S>>, job: Job<S>);
    fn poll(self: Pin<&mut Self>, purpose: Purpose) -> Poll<Done<S>>;
}

struct Made<S, F, Fut> {
    server: PhantomData<fn(S)>,
    make: F,
    current: Option<&'static str>,
    waits: Option<Waits>,
    #[cfg(feature = "spans")]
    span: Option<tracing::Span>,
    future: Pin<Box<Option<Fut>>>,
}

impl<S, F, Fut> Pump<S> for Made<S, F, Fut>
where
    S: GenServer,
    F: Fn(Box<Core<S>>, Job<S>) -> Fut + Send + Unpin + 'static,
    Fut: Future<Output = Done<S>> + Send + 'static,
{
    fn start(mut self: Pin<&mut Self>, core: Box<Core<S>>, job: Job<S>) {
        let this = &mut *self;
        #[cfg(feature = "spans")]
        let core = {
            let mut core = core;
            this.span = core.ctx.take_span();
            core
        };
        this.waits.get_or_insert_with(|| Waits::new(&core.ctx.address().0));
        this.current = core.current;
        let future = (this.make)(core, job);
        this.future.as_mut().set(Some(future));
    }

    fn poll(mut self: Pin<&mut Self>, purpose: Purpose) -> Poll<Done<S>> {
        let this = &mut *self;
        let waits = this.waits.as_mut().expect("a pump is polled after it was started");
        let future = this.future.as_mut().as_pin_mut().expect("a started pump has its future");
        #[cfg(feature = "spans")]
        let entered = this.span.as_ref().map(tracing::Span::enter);
        let polled = waits.poll(purpose, |cx| future.poll(cx));
        #[cfg(feature = "spans")]
        drop(entered);
        if polled.is_ready() {
            this.future.as_mut().set(None);
            #[cfg(feature = "spans")]
            {
                this.span = None;
            }
        }
        polled
    }
}

impl<S, F, Fut, M> Pending<M> for Made<S, F, Fut>
where
    S: GenServer<Msg = M>,
    M: Message,
    F: Fn(Box<Core<S>>, Job<S>) -> Fut + Send + Unpin + 'static,
    Fut: Future<Output = Done<S>> + Send + 'static,
{
    fn resume(mut self: Pin<Box<Self>>, turn: &mut Turn<'_, M>) -> After<M> {
        match Pump::<S>::poll(self.as_mut(), turn.purpose()) {
            Poll::Pending => After::Wait(self),
            Poll::Ready((mut core, step)) => {
                core.ctx.keep_pump(self);
                match core.finish(step) {
                    Ok(core) => core.work(turn),
                    Err(after) => after,
                }
            }
        }
    }

    fn edge(&self) -> Option<&Edge> {
        self.waits.as_ref()?.edge()
    }

    fn last_message(&self) -> Option<&'static str> {
        self.current
    }

    fn is_server(&self) -> bool {
        true
    }
}

fn new_pump<S: GenServer>() -> OwnPump<S> {
    fn pump<S, F, Fut>(make: F) -> OwnPump<S>
    where
        S: GenServer,
        F: Fn(Box<Core<S>>, Job<S>) -> Fut + Send + Unpin + 'static,
        Fut: Future<Output = Done<S>> + Send + 'static,
    {
        let future = Box::pin(None);
        Box::pin(Made {
            server: PhantomData,
            make,
            current: None,
            waits: None,
            #[cfg(feature = "spans")]
            span: None,
            future,
        })
    }
    pump::<S, _, _>(async |core, job| run_contained(core, job).await)
}

/// A panic leaves the core where it is, for `terminate`; one in `terminate` is the reason then
/// (GS-37).
async fn run_contained<S: GenServer>(mut core: Box<Core<S>>, job: Job<S>) -> Done<S> {
    let ends = match &job {
        Job::Terminate(reason) => Some(reason.clone()),
        _ => None,
    };
    let mut client = None;
    let step = {
        let mut performed = std::pin::pin!(core.perform(job));
        std::future::poll_fn(|cx| {
            let polled = panics::contain(|| performed.as_mut().poll(cx));
            client = mailbox::client().or(client);
            polled.unwrap_or_else(|reason| Poll::Ready(Step::Panicked(reason)))
        })
        .await
    };
    if let Some(client) = client {
        mailbox::note_client(client); // It was given the call before it waited.
    }
    match (step, ends) {
        (Step::Panicked(reason), Some(first)) => {
            core.ctx.stop(first);
            (core, Step::Terminated(reason))
        }
        (step, _) => (core, step),
    }
}
