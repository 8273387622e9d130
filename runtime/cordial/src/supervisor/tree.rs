//! A supervision tree before it runs: flags, children with their addresses, and its start.
//!
//! Building is synchronous and starts nothing: every child, nested ones too, gets its address, so
//! that a later child can hold the handle of an earlier one before either lives. The addresses are
//! used again by every restart inside the tree, restarts of its supervisors included.
use super::SupervisorRef;
use super::backoff::Backoff;
use super::child_spec::{Definition, IntoChild, NEVER_SIGNIFICANT, Options, Site, StartChild};
use super::options::spec_methods;
use super::plan::{AutoShutdown, ChildKind, Strategy};
use super::server::{Charter, Kind, Server, SupervisorMsg};
use super::start::StartTree;
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{Begun, Restart, Shutdown, StartIn, start_in};
use crate::pid::Pid;
use crate::process::cell::Cell;
use crate::process::{Found, Node, Process, RawRef};
use std::any::Any;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// What a supervisor does when children crash.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::supervisor::Flags;
///
/// let flags = Flags { strategy: Strategy::OneForAll, ..Flags::default() };
/// assert_eq!((flags.max_restarts, flags.period), (3, secs(5)));
/// ```
///
/// # Differences from OTP
/// The defaults are Elixir's (3 restarts in 5 seconds); OTP's own are 1 in 5. Elixir demands a
/// strategy; here it is `OneForOne` until another is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Which children are restarted when one of them crashes.
    pub strategy: Strategy,
    /// How many restarts within `period` are too few to give up; OTP's `intensity`.
    pub max_restarts: u32,
    /// How long a restart counts; Elixir's `max_seconds`. It must be longer than zero.
    pub period: Duration,
    /// Whether the end of significant children ends the supervisor.
    pub auto_shutdown: AutoShutdown,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            strategy: Strategy::OneForOne,
            max_restarts: 3,
            period: Duration::from_secs(5),
            auto_shutdown: AutoShutdown::Never,
        }
    }
}

impl Flags {
    pub(crate) fn check(&self) -> Result<(), StartError> {
        if self.period.is_zero() {
            return Err(StartError::InvalidFlags("the period of `max_restarts` is zero"));
        }
        Ok(())
    }
}

/// Collects the children of one supervisor, in start order.
///
/// [`Supervisor::builder`](super::Supervisor::builder) makes one; `supervisor!` writes the same
/// calls.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// use cordial::supervisor::{self, Supervisor};
///
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[cast]
///     fn add(&mut self, by: i64) {
///         self.0 += by;
///     }
///     #[call]
///     fn value(&self) -> i64 {
///         self.0
///     }
/// }
///
/// let mut tree = Supervisor::builder().strategy(Strategy::RestForOne);
/// let counter = tree.add(Counter::child_spec(Counter(1)).id("hits"));
/// let supervisor = tree.start().await?;
///
/// counter.add(2);
/// assert_eq!(counter.value().await.unwrap(), 3);
/// supervisor::stop(&supervisor).await.unwrap();
/// # Ok(()) }
/// ```
#[must_use = "a tree that is not started starts no child"]
pub struct Builder {
    site: Site,
    flags: Flags,
    options: Options,
    name: Option<Arc<str>>,
    me: RawRef<SupervisorMsg>,
    children: Vec<Definition>,
    held: Vec<Arc<dyn Holding>>,
    ids: HashSet<Cow<'static, str>>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("flags", &self.flags)
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}

impl Builder {
    pub(crate) fn new(node: Arc<Node>, options: Options, flags: Flags) -> Self {
        let me = RawRef::unborn(&node);
        let (children, held, ids) = (Vec::new(), Vec::new(), HashSet::new());
        Self { site: Site::new(node), flags, options, name: None, me, children, held, ids }
    }

    pub(super) fn node(&self) -> &Arc<Node> {
        &self.site.node
    }

    /// Registers the supervisor under this name, before any child starts.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    spec_methods!(child);
    spec_methods!(flags);
    spec_methods!(strategy);

    /// Whether the end of significant children ends the supervisor; see
    /// [`ChildSpec::significant`](crate::ChildSpec::significant).
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.flags.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child after all others and gives its handle, which reaches nobody until the tree is
    /// started.
    pub fn add<C: TreeItem>(&mut self, child: C) -> C::Handle {
        child.add_to(self)
    }

    fn add_child<C: IntoChild>(&mut self, child: C) -> C::Handle {
        let (handle, definition) = child.into_child(&mut self.site);
        let id = &definition.options.id;
        if !self.ids.insert(id.clone()) {
            self.site.refuse(StartError::DuplicateChild((**id).into())); // SUP-11
        }
        self.children.push(definition);
        handle
    }

    /// Something that the supervisor owns from before its first child starts until it ends.
    pub(crate) fn hold<H, B: Holding>(
        &mut self,
        make: impl FnOnce(&Arc<Node>) -> (H, Arc<B>),
    ) -> H {
        let (handle, held) = make(&self.site.node);
        self.held.push(held);
        handle
    }

    /// The supervisor itself.
    pub fn supervisor(&self) -> SupervisorRef {
        SupervisorRef(self.me.clone())
    }

    /// Starts the supervisor and its children, in order.
    pub fn start(self) -> StartTree<SupervisorRef> {
        StartTree::new(move |_| {
            let handle = self.supervisor();
            let (definition, error) = self.finish(handle.clone());
            error.map_or(Ok((handle, definition)), Err)
        })
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link(self) -> StartTree<SupervisorRef> {
        self.start().link()
    }

    /// What a supervisor that runs already is changed to.
    pub(super) fn into_charter(mut self) -> Result<Charter, StartError> {
        self.check();
        self.site.error.take().map_or(Ok(()), Err)?;
        Ok(Charter {
            id: self.options.id,
            flags: self.flags,
            kind: Kind::Static,
            children: Arc::new(self.children),
            held: self.held.into(),
        })
    }

    /// Children that cannot start together are an error of the whole tree.
    fn check(&mut self) {
        self.site.check_flags(&self.flags); // SUP-9
        self.site.check(&self.options);
        let significant = self.children.iter().any(|child| child.options.significant);
        if significant && self.flags.auto_shutdown == AutoShutdown::Never {
            self.site.refuse(StartError::InvalidFlags(NEVER_SIGNIFICANT)); // SUP-12
        }
    }

    fn finish<H>(mut self, handle: H) -> (Definition, Option<StartError>)
    where
        H: Clone + Send + Sync + 'static,
    {
        self.check();
        let charter = Charter {
            id: self.options.id.clone(),
            flags: self.flags,
            kind: Kind::Static,
            children: Arc::new(self.children),
            held: self.held.into(),
        };
        let start = Arc::new(TreeChild { raw: self.me, name: self.name, charter, handle });
        let definition = Definition { options: self.options, kind: ChildKind::Supervisor, start };
        (definition, self.site.error)
    }
}

/// What a tree can be built of: whatever can be a child, and the tables of `ets`, which the
/// supervisor owns itself.
pub trait TreeItem {
    /// What reaches it.
    type Handle;

    #[doc(hidden)]
    fn add_to(self, tree: &mut Builder) -> Self::Handle;
}

#[diagnostic::do_not_recommend]
impl<C: IntoChild> TreeItem for C {
    type Handle = C::Handle;

    fn add_to(self, tree: &mut Builder) -> C::Handle {
        tree.add_child(self)
    }
}

/// What a supervisor owns itself.
pub(crate) trait Holding: Send + Sync + 'static {
    /// A life of its owner begins.
    fn begin(self: Arc<Self>, owner: &Found);
}

/// Children added so far, as one child: how a tree of any depth is built from the leaves up.
impl IntoChild for Builder {
    type Handle = SupervisorRef;

    fn into_child(self, site: &mut Site) -> (SupervisorRef, Definition) {
        let handle = self.supervisor();
        let (definition, error) = self.finish(handle.clone());
        if let Some(error) = error {
            site.refuse(error);
        }
        (handle, definition)
    }
}

/// A supervisor and its children, as a child of another supervisor or to be started by itself.
///
/// `supervisor!` generates a function that makes one. `H` holds the handles of the children.
///
/// Trees nested this way are built one inside the other, so a thread's stack bounds their depth (in
/// the thousands). A [`Builder`] is a child too: built from the leaves up, a tree has any depth.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// use cordial::supervisor::{Flags, TreeSpec};
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
/// let pair = TreeSpec::new(Flags::default(), "pair", |tree| {
///     let one = tree.add(Counter::child_spec(Counter(1)).id("one"));
///     let two = tree.add(Counter::child_spec(Counter(2)).id("two"));
///     (one, two)
/// });
/// let (one, two) = pair.start().await?;
/// assert_eq!((one.value().await.unwrap(), two.value().await.unwrap()), (1, 2));
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; call `start`, or give it to a supervisor"]
pub struct TreeSpec<H> {
    flags: Flags,
    options: Options,
    name: Option<Arc<str>>,
    build: Box<dyn FnOnce(&mut Builder) -> H + Send>,
}

impl<H: Clone + Send + Sync + 'static> TreeSpec<H> {
    /// A supervisor whose children are those that `build` adds. It runs once, when the tree starts,
    /// and what it gives is the tree's handle.
    pub fn new(
        flags: Flags,
        id: impl Into<Cow<'static, str>>,
        build: impl FnOnce(&mut Builder) -> H + Send + 'static,
    ) -> Self {
        let options = Options::of_supervisor(id.into());
        Self { flags, options, name: None, build: Box::new(build) }
    }

    /// Registers the supervisor under this name, before any child starts.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    spec_methods!(child);
    spec_methods!(flags);
    spec_methods!(strategy);
    spec_methods!(start H);
}

impl<H: Clone + Send + Sync + 'static> IntoChild for TreeSpec<H> {
    type Handle = H;

    fn into_child(self, site: &mut Site) -> (H, Definition) {
        let mut builder = Builder::new(site.node.clone(), self.options, self.flags);
        builder.name = self.name;
        let handle = (self.build)(&mut builder);
        let (definition, error) = builder.finish(handle.clone());
        if let Some(error) = error {
            site.refuse(error);
        }
        (handle, definition)
    }
}

impl<H> std::fmt::Debug for TreeSpec<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeSpec")
            .field("flags", &self.flags)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A supervisor as a child: every incarnation has the same children at the same addresses.
pub(crate) struct TreeChild<H> {
    pub(crate) raw: RawRef<SupervisorMsg>,
    /// What it is registered as.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) charter: Charter,
    pub(crate) handle: H,
}

/// A tree that nobody wants any more goes level by level: a thread's stack is not as deep as trees
/// may be.
impl<H> Drop for TreeChild<H> {
    fn drop(&mut self) {
        let mut left = take_own(&mut self.charter.children);
        while let Some(mut child) = left.pop() {
            if let Some(start) = Arc::get_mut(&mut child.start) {
                left.append(&mut start.take_children());
            }
        }
    }
}

/// The definitions, unless somebody else still needs them.
fn take_own(children: &mut Arc<Vec<Definition>>) -> Vec<Definition> {
    Arc::into_inner(std::mem::take(children)).unwrap_or_default()
}

impl<H: Clone + Send + Sync + 'static> StartChild for TreeChild<H> {
    fn start(&self, how: StartIn) -> Begun<Pid> {
        let how = StartIn { name: how.name.or_else(|| self.name.clone()), ..how };
        let begun = start_in::<Server>(&self.raw, self.charter.clone(), how);
        begun.then(|started| started.map_err(as_child_error))
    }

    fn process(&self) -> Arc<dyn Process> {
        self.raw.process()
    }

    fn handle(&self) -> Box<dyn Any + Send> {
        Box::new(self.handle.clone())
    }

    /// The children of a nested supervisor stay its own.
    fn at(&self, other: &Arc<dyn StartChild>) -> Option<Arc<dyn StartChild>> {
        let is_supervisor = other.process().into_any().is::<Cell<SupervisorMsg>>();
        is_supervisor.then(|| other.clone())
    }

    fn take_children(&mut self) -> Vec<Definition> {
        take_own(&mut self.charter.children)
    }
}

/// A supervisor whose child did not start ends with that as its reason (SUP-4).
fn as_child_error(error: StartError) -> StartError {
    let of_child = match &error {
        StartError::Init(reason @ ExitReason::ShutdownWith(_)) => reason.downcast_ref(),
        _ => None,
    };
    of_child.cloned().unwrap_or(error)
}
