//! How a child is started, restarted and stopped.
//!
//! A [`ChildSpec`] is what users write down. A tree makes a `Definition` of it: the same without
//! the type, with the child's address, which every start uses again.
use super::backoff::Backoff;
use super::late::LateChild;
use super::plan::ChildKind;
use super::tree::Flags;
use crate::error::StartError;
use crate::gen_server::{
    Begun, Client, GenServer, Ref, Restart, ServerStruct, Shutdown, StartIn, has_terminate,
    start_in,
};
use crate::pid::Pid;
use crate::process::cell::Cell;
use crate::process::held::Claim;
use crate::process::{Node, Process, RawRef, panics};
use crate::rt::sync::Lock;
use std::any::Any;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How a server is started, restarted and stopped as a child of a supervisor.
///
/// `#[gen_server]` generates `Type::child_spec(args..)`, which makes one.
/// Its restart type and shutdown are those of the server's
/// `#[gen_server(restart = .., shutdown = ..)]` until they are changed here.
///
/// `R` says whether the start arguments must be [`Clone`], which a child that is restarted needs
/// and a temporary one does not.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
///
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[call]
///     fn value(&self) -> i64 {
///         self.0
///     }
/// }
///
/// let spec = Counter::child_spec(Counter(7)).id("hits").restart(Restart::Transient);
/// # let _ = spec;
/// ```
///
/// # Differences from OTP
/// There is no `start` to give: the type knows how it starts.
/// A child's address is made once, so its [`Ref`] stays the same over all restarts.
#[must_use = "a spec starts nothing; give it to a supervisor"]
pub struct ChildSpec<S: GenServer, R = <S as ServerStruct>::Replay> {
    options: Options,
    args: Source<S::Args>,
    /// The place that others know already.
    at: Option<LateChild<S>>,
    /// A name of another kind, which each incarnation has.
    claim: Option<Arc<dyn Claim>>,
    replay: PhantomData<fn() -> R>,
}

enum Source<A> {
    Value(A),
    Made(Box<dyn Fn() -> A + Send + Sync>),
}

impl<S: GenServer> ChildSpec<S> {
    /// A child that starts with these arguments, each time.
    pub fn new(args: S::Args) -> Self {
        Self::from_source(Source::Value(args))
    }
}

impl<S: GenServer> ChildSpec<S, Remade> {
    /// A child whose arguments are made anew for each start.
    pub fn with(args: impl Fn() -> S::Args + Send + Sync + 'static) -> Self {
        Self::from_source(Source::Made(Box::new(args)))
    }

    /// Does something with the arguments of each start.
    pub(super) fn adjust(mut self, f: impl Fn(&mut S::Args) + Send + Sync + 'static) -> Self {
        self.args = match self.args {
            Source::Made(make) => Source::Made(Box::new(move || {
                let mut args = make();
                f(&mut args);
                args
            })),
            value @ Source::Value(_) => value,
        };
        self
    }
}

impl<S: GenServer, R> ChildSpec<S, R> {
    fn from_source(args: Source<S::Args>) -> Self {
        Self { options: Options::of::<S>(), args, at: None, claim: None, replay: PhantomData }
    }

    /// The child lives at the place that children above it were told of.
    pub(super) fn at(self, place: LateChild<S>) -> Self {
        Self { at: Some(place), ..self }
    }

    /// Each incarnation has this name before its `init` runs.
    pub(crate) fn claim(self, claim: Arc<dyn Claim>) -> Self {
        Self { claim: Some(claim), ..self }
    }

    /// The same child; what is kept of its arguments is another matter.
    fn with_restart<R2>(self, restart: Restart) -> ChildSpec<S, R2> {
        let options = Options { restart, ..self.options };
        let Self { args, at, claim, .. } = self;
        ChildSpec { options, args, at, claim, replay: PhantomData }
    }
}

/// `X::child_spec_with(..)`, for every server.
pub trait ChildSpecWith: GenServer {
    /// As `X::child_spec(..)`, with arguments that are made anew for each start.
    fn child_spec_with(
        args: impl Fn() -> Self::Args + Send + Sync + 'static,
    ) -> ChildSpec<Self, Remade> {
        ChildSpec::with(args)
    }
}

impl<S: GenServer> ChildSpecWith for S {}

impl<S: GenServer, R: Replays> ChildSpec<S, R> {
    /// What the child is called in its supervisor; the type's name until this is said.
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.options.id = id.into();
        self
    }

    /// When the child is restarted. Its arguments must be [`Clone`] from here on.
    pub fn restart(self, restart: Restart) -> ChildSpec<S, R::Restarted> {
        self.with_restart(restart)
    }

    /// The child is never restarted. Its arguments need not be [`Clone`].
    pub fn temporary(self) -> ChildSpec<S, R::Temporary> {
        self.with_restart(Restart::Temporary)
    }

    /// How long the child may take to stop; a [`Duration`] or a [`Shutdown`].
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.options.shutdown = shutdown.into();
        self
    }

    /// Whether the supervisor stops itself when this child has ended by itself and is not
    /// restarted; its [`AutoShutdown`](super::AutoShutdown) says whether this one or the last such
    /// child does it.
    ///
    /// It must not be permanent, and its supervisor's `auto_shutdown` not `Never`: the tree does
    /// not start otherwise.
    pub fn significant(mut self, significant: bool) -> Self {
        self.options.significant = significant;
        self
    }

    /// How long the supervisor waits before it tries a failed restart again; it does not until
    /// this is said.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.options.backoff = Some(backoff);
        self
    }
}

impl<S: GenServer, R> std::fmt::Debug for ChildSpec<S, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.options.id)
            .field("restart", &self.options.restart)
            .field("shutdown", &self.options.shutdown)
            .finish_non_exhaustive()
    }
}

// ===== Replaying =====

/// Arguments are cloned for each start.
#[derive(Debug)]
pub struct Replayed;

/// Arguments are moved into the first start; there is no second.
#[derive(Debug)]
pub struct Once;

/// Arguments are made anew for each start.
#[derive(Debug)]
pub struct Remade;

/// What changing a spec's restart type does to its arguments.
pub trait Replays {
    /// After [`ChildSpec::restart`].
    type Restarted: Replays;
    /// After [`ChildSpec::temporary`].
    type Temporary: Replays;
}

impl Replays for Replayed {
    type Restarted = Self;
    type Temporary = Once;
}

impl Replays for Once {
    type Restarted = Replayed;
    type Temporary = Self;
}

impl Replays for Remade {
    type Restarted = Self;
    type Temporary = Self;
}

/// Whether a child with start arguments `A` can be started as often as its restart type demands.
#[diagnostic::on_unimplemented(
    message = "start arguments `{A}` cannot be replayed on restart",
    label = "must be `Clone`",
    note = "a supervisor starts the child again after a crash, with the same arguments",
    note = "make them `Clone`, declare the child `Temporary`, or use `child_spec_with(|| ..)`"
)]
pub trait ReplayArgs<A> {
    /// How the arguments of one more start are got; `None` if there is no more.
    #[doc(hidden)]
    const CLONE: Option<fn(&A) -> A>;
}

#[diagnostic::do_not_recommend]
impl<A: Clone> ReplayArgs<A> for Replayed {
    const CLONE: Option<fn(&A) -> A> = Some(A::clone);
}

impl<A> ReplayArgs<A> for Once {
    const CLONE: Option<fn(&A) -> A> = None;
}

impl<A> ReplayArgs<A> for Remade {
    const CLONE: Option<fn(&A) -> A> = None;
}

/// The arguments of all starts of one child.
enum Args<A> {
    Cloned(A, fn(&A) -> A),
    Made(Box<dyn Fn() -> A + Send + Sync>),
    Once(A),
}

impl<A> Args<A> {
    fn new<R: ReplayArgs<A>>(source: Source<A>) -> Self {
        match (source, R::CLONE) {
            (Source::Made(make), _) => Self::Made(make),
            (Source::Value(args), Some(clone)) => Self::Cloned(args, clone),
            (Source::Value(args), None) => Self::Once(args),
        }
    }

    /// The arguments of the next start, and what is left for those after it.
    fn next(self) -> (Result<A, StartError>, Option<Self>) {
        let made = match &self {
            Self::Cloned(args, clone) => panics::contain(|| clone(args)),
            Self::Made(make) => panics::contain(make),
            Self::Once(_) => {
                let Self::Once(args) = self else { unreachable!("just matched") };
                return (Ok(args), None);
            }
        };
        (made.map_err(StartError::Init), Some(self))
    }
}

// ===== Without the type =====

/// What a spec says besides how to start.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) id: Cow<'static, str>,
    pub(crate) restart: Restart,
    pub(crate) shutdown: Shutdown,
    pub(crate) significant: bool,
    pub(crate) backoff: Option<Backoff>,
}

impl Options {
    fn of<S: GenServer>() -> Self {
        let (restart, shutdown) = (S::RESTART, S::SHUTDOWN);
        Self { id: default_id::<S>().into(), restart, shutdown, significant: false, backoff: None }
    }

    /// Of a supervisor: it may take as long to stop as its children take (SUP-8).
    pub(crate) fn of_supervisor(id: Cow<'static, str>) -> Self {
        let (restart, shutdown) = (Restart::Permanent, Shutdown::Infinity);
        Self { id, restart, shutdown, significant: false, backoff: None }
    }
}

/// `counter::Counter<u32>` is called `Counter<u32>`.
pub(crate) fn default_id<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    let generics = path.find('<').unwrap_or(path.len());
    let start = path.as_bytes()[..generics].iter().rposition(|byte| *byte == b':');
    let start = start.map_or(0, |at| at + 1);
    &path[start..]
}

/// A child of any type, with its address.
#[derive(Clone)]
pub struct Definition {
    pub(crate) options: Options,
    pub(crate) kind: ChildKind,
    pub(crate) start: Arc<dyn StartChild>,
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Definition").field("options", &self.options).finish_non_exhaustive()
    }
}

/// How one child is started at its address, again and again.
pub(crate) trait StartChild: Send + Sync {
    /// Linked to its supervisor, if there is one, before it runs (PROC-25).
    fn start(&self, how: StartIn) -> Begun<Pid>;
    /// Whoever lives at its address.
    fn process(&self) -> Arc<dyn Process>;
    /// The child's handle, as the type says it.
    fn handle(&self) -> Box<dyn Any + Send>;
    /// Each incarnation is to have this name of another kind, unless its spec says another.
    fn claim(&self, _claim: Arc<dyn Claim>) {}
    /// The same at the address of another child, whose place it takes; `None`: whoever lives there
    /// takes other messages. It is started no more at its own.
    fn at(&self, other: &Arc<dyn StartChild>) -> Option<Arc<dyn StartChild>>;
    /// It runs nothing of the user's when it is told to end.
    fn is_quiet(&self) -> bool {
        false
    }
    /// Its own children, which the caller drops in their place; none of a worker.
    fn take_children(&mut self) -> Vec<Definition> {
        Vec::new()
    }
}

/// Where children get their addresses, and the first thing that is wrong with them.
#[derive(Debug)]
pub struct Site {
    pub(crate) node: Arc<Node>,
    pub(crate) error: Option<StartError>,
}

impl Site {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node, error: None }
    }

    /// SUP-9.
    pub(crate) fn check_flags(&mut self, flags: &Flags) {
        if let Err(error) = flags.check() {
            self.refuse(error);
        }
    }

    /// SUP-12, what a spec shows by itself.
    pub(crate) fn check(&mut self, options: &Options) {
        if options.significant && options.restart == Restart::Permanent {
            self.refuse(StartError::InvalidFlags(PERMANENT_SIGNIFICANT));
        }
    }

    /// DYN-5.
    pub(crate) fn check_dynamic(&mut self, options: &Options) {
        if options.significant {
            self.refuse(StartError::InvalidFlags(DYNAMIC_SIGNIFICANT));
        }
    }

    /// PART-4.
    pub(crate) fn check_partition(&mut self, options: &Options) {
        if options.significant {
            self.refuse(StartError::InvalidFlags(PARTITION_SIGNIFICANT));
        }
    }

    /// The first error is the one that is told.
    pub(crate) fn refuse(&mut self, error: StartError) {
        self.error.get_or_insert(error);
    }
}

const PERMANENT_SIGNIFICANT: &str =
    "a permanent child is restarted whenever it ends, so it is never significant";
const DYNAMIC_SIGNIFICANT: &str = "a child of a dynamic supervisor is never significant";
const PARTITION_SIGNIFICANT: &str = "a partition is never significant";
/// SUP-12, what only a spec and its supervisor show together.
pub(crate) const NEVER_SIGNIFICANT: &str =
    "a significant child needs a supervisor whose `auto_shutdown` is not `Never`";

/// What a supervisor can have as a child: a [`ChildSpec`], a
/// [`TreeSpec`](crate::supervisor::TreeSpec), a [`DynamicSpec`](crate::DynamicSpec).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a child of a supervisor",
    label = "not a child specification"
)]
pub trait IntoChild {
    /// What reaches the child: a [`Ref`], or the handles of a whole tree.
    type Handle: Clone + Send + Sync + 'static;

    /// Makes the child's address; nothing is started.
    #[doc(hidden)]
    fn into_child(self, site: &mut Site) -> (Self::Handle, Definition);
}

impl<S, R> IntoChild for ChildSpec<S, R>
where
    S: GenServer,
    R: ReplayArgs<S::Args>,
{
    type Handle = Ref<S>;

    fn into_child(self, site: &mut Site) -> (Ref<S>, Definition) {
        site.check(&self.options);
        let raw = self.at.map_or_else(|| RawRef::unborn(&site.node), LateChild::take);
        let args = Lock::new(Some(Args::new::<R>(self.args)));
        let claim = self.claim.map(OnceLock::from).unwrap_or_default();
        let start = Arc::new(ServerChild::<S> { raw: raw.clone(), args, claim });
        let definition = Definition { options: self.options, kind: ChildKind::Worker, start };
        (Ref::from_client(S::Client::from_raw(raw)), definition)
    }
}

/// How long a child's `init` may take.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Whoever has the key by now is in the place of a child that is to be restarted: there is nothing
/// to do, and nothing to try again until the supervisor gives up.
fn as_replaced(error: StartError) -> StartError {
    match error {
        StartError::AlreadyStarted(_) => StartError::Ignore,
        other => other,
    }
}

/// A server as a child.
struct ServerChild<S: GenServer> {
    raw: RawRef<S::Msg>,
    /// `None`: moved into a start, so there is no other.
    args: Lock<Option<Args<S::Args>>>,
    claim: OnceLock<Arc<dyn Claim>>,
}

impl<S: GenServer> ServerChild<S> {
    /// A temporary child whose arguments are spent is not there after its supervisor's restart.
    fn next_args(&self) -> Result<S::Args, StartError> {
        let Some(args) = self.args.lock().take() else { return Err(StartError::Ignore) };
        // Cloning is the user's: never under the lock.
        let (next, rest) = args.next();
        *self.args.lock() = rest;
        next
    }
}

/// What waits for a child that never started is dropped with it.
impl<S: GenServer> Drop for ServerChild<S> {
    fn drop(&mut self) {
        self.raw.0.release();
    }
}

impl<S: GenServer> StartChild for ServerChild<S> {
    fn start(&self, how: StartIn) -> Begun<Pid> {
        let args = match self.next_args() {
            Ok(args) => args,
            Err(error) => return Begun::Over(Err(error)),
        };
        let name = how.name.or_else(|| S::NAME.map(Arc::from));
        let claim = self.claim.get().cloned();
        let how = StartIn { name, claim, limit: how.limit.or(Some(START_LIMIT)), ..how };
        let again = how.claim.is_some() && self.raw.0.head.last_pid().is_some();
        let begun = start_in::<S>(&self.raw, args, how);
        if again { begun.then(|started| started.map_err(as_replaced)) } else { begun }
    }

    fn claim(&self, claim: Arc<dyn Claim>) {
        let _ = self.claim.set(claim);
    }

    fn at(&self, other: &Arc<dyn StartChild>) -> Option<Arc<dyn StartChild>> {
        let cell = other.process().into_any().downcast::<Cell<S::Msg>>().ok()?;
        let args = Lock::new(self.args.lock().take());
        let claim = self.claim.get().cloned().map(OnceLock::from).unwrap_or_default();
        Some(Arc::new(Self { raw: RawRef(cell), args, claim }))
    }

    fn is_quiet(&self) -> bool {
        !has_terminate::<S>()
    }

    fn process(&self) -> Arc<dyn Process> {
        self.raw.process()
    }

    fn handle(&self) -> Box<dyn Any + Send> {
        Box::new(Ref::<S>::from_client(S::Client::from_raw(self.raw.clone())))
    }
}
