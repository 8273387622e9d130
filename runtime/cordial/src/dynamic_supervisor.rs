//! Dynamic supervisors: any number of children of one type, started while the tree runs.
//!
//! They are the same process as other supervisors, with another temper: children have no ids, one
//! that ended for good leaves no trace, and all of them stop at once.
mod extra;

use crate::error::{CallError, StartError, TryCallError};
use crate::gen_server::{Call, Child, GenServer, Ref, Restart, Shutdown, TryCall};
use crate::pid::Pid;
use crate::process::held::Claim;
use crate::process::{Node, RawRef};
use crate::supervisor::backoff::Backoff;
use crate::supervisor::child_spec::{
    ChildSpec, Definition, IntoChild, Options, ReplayArgs, Site, default_id,
};
use crate::supervisor::code_change;
use crate::supervisor::options::spec_methods;
use crate::supervisor::plan::{ChildKind, Counts};
use crate::supervisor::server::{Address, Charter, Kind, SupervisorMsg, Who};
use crate::supervisor::start::{self, StartTree};
use crate::supervisor::tree::{Flags, TreeChild, TreeSpec};
use crate::supervisor::{NotFound, StartChildError, Supervised, SupervisorRef};
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

pub use extra::{ExtraArguments, Prepend};

/// A supervisor of children that come and go.
///
/// In `supervisor!` it is written `rooms: dynamic ChatRoom`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// use cordial::DynamicSupervisor;
///
/// #[gen_server]
/// struct Room(String);
/// #[gen_server]
/// impl Room {
///     #[init]
///     fn init(name: String) -> Self {
///         Self(name)
///     }
///     #[call]
///     fn name(&self) -> String {
///         self.0.clone()
///     }
/// }
///
/// let rooms = DynamicSupervisor::start::<Room>().await?;
/// let tea = rooms.start_child(("tea".to_owned(),)).await.unwrap();
/// assert_eq!(tea.name().await.unwrap(), "tea");
///
/// rooms.terminate_child(&tea).await.unwrap();
/// assert_eq!(rooms.count_children().await.unwrap().specs, 0);
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// All children are of one type, so their handles are typed.
#[derive(Debug)]
pub enum DynamicSupervisor {}

impl DynamicSupervisor {
    /// Starts one with Elixir's defaults: 3 restarts in 5 seconds, any number of children.
    pub fn start<T: Child + 'static>() -> StartTree<DynamicRef<T>> {
        DynamicSpec::new().start()
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link<T: Child + 'static>() -> StartTree<DynamicRef<T>> {
        DynamicSpec::new().start_link()
    }
}

/// A dynamic supervisor, as a child of another supervisor or to be started by itself.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// use cordial::supervisor::StartChildError;
/// use cordial::DynamicSpec;
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Job;
/// #[gen_server]
/// impl Job {
///     #[cast]
///     fn poke(&self) {}
/// }
///
/// let mut tree = Supervisor::builder();
/// let jobs = tree.add(DynamicSpec::<Job>::new().max_children(1).id("jobs"));
/// tree.start().await?;
/// jobs.start_child(Job).await.unwrap();
/// assert_eq!(jobs.start_child(Job).await, Err(StartChildError::MaxChildren(1)));
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; call `start`, or give it to a supervisor"]
pub struct DynamicSpec<T> {
    options: Options,
    name: Option<Arc<str>>,
    flags: Flags,
    max_children: usize,
    /// Who is told of the supervisor's handle.
    pub(crate) told: Option<fn(&Node, &DynamicRef<T>)>,
    child: PhantomData<fn() -> T>,
}

impl<T: Child + 'static> DynamicSpec<T> {
    /// One with Elixir's defaults: 3 restarts in 5 seconds, any number of children.
    pub fn new() -> Self {
        let options = Options::of_supervisor(default_id::<T>().into());
        let (flags, max_children) = (Flags::default(), usize::MAX);
        Self { options, name: None, flags, max_children, told: None, child: PhantomData }
    }

    /// How many children there may be at once, those that are restarting included.
    pub fn max_children(mut self, max_children: usize) -> Self {
        self.max_children = max_children;
        self
    }

    /// Registers the supervisor under this name, which is its id too.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self.id(name.to_owned())
    }

    spec_methods!(child);
    spec_methods!(flags);
    spec_methods!(start DynamicRef<T>);
}

impl<T> DynamicSpec<T> {
    fn into_charter(self) -> Charter {
        Charter {
            id: self.options.id,
            flags: self.flags,
            kind: Kind::Dynamic { max_children: self.max_children },
            children: Arc::default(),
            held: Arc::default(),
        }
    }
}

impl<T: Child + 'static> Default for DynamicSpec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for DynamicSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSpec")
            .field("options", &self.options)
            .field("flags", &self.flags)
            .field("max_children", &self.max_children)
            .finish_non_exhaustive()
    }
}

impl<T: Child + 'static> IntoChild for DynamicSpec<T> {
    type Handle = DynamicRef<T>;

    fn into_child(self, site: &mut Site) -> (DynamicRef<T>, Definition) {
        site.check_flags(&self.flags); // DYN-2
        site.check(&self.options);
        let raw = RawRef::unborn(&site.node);
        let handle = DynamicRef { supervisor: SupervisorRef(raw.clone()), child: PhantomData };
        if let Some(told) = self.told {
            told(&site.node, &handle);
        }
        let (options, name) = (self.options.clone(), self.name.clone());
        let charter = self.into_charter();
        let start = Arc::new(TreeChild { raw, name, charter, handle: handle.clone() });
        let definition = Definition { options, kind: ChildKind::Supervisor, start };
        (handle, definition)
    }
}

/// The handle of a dynamic supervisor whose children are `T`s.
///
/// # Examples
/// See [`DynamicSupervisor`].
pub struct DynamicRef<T> {
    supervisor: SupervisorRef,
    child: PhantomData<fn() -> T>,
}

impl<T: Child> DynamicRef<T> {
    /// Starts a child: from its start arguments as a tuple, or from a spec that says more.
    ///
    /// The request is sent when this is called; the answer comes when the child has started.
    ///
    /// # Errors
    /// [`StartChildError::MaxChildren`] when there are too many, [`StartChildError::Start`] when
    /// the child did not start or asked to be ignored: nothing of it is kept, and the supervisor is
    /// unharmed. A spec that is wrong by itself is refused without asking the supervisor.
    ///
    /// # Cancel safety
    /// Dropped, the child is started all the same.
    pub fn start_child<A: ChildOf<T>>(
        &self,
        child: A,
    ) -> impl Future<Output = Result<T::Handle, StartChildError>> + Send + use<T, A>
    where
        T::Handle: Send + 'static,
    {
        self.start_under(child, None)
    }

    /// [`start_child`](Self::start_child), under a name of another kind.
    pub(crate) fn start_claimed<A: ChildOf<T>>(
        &self,
        child: A,
        claim: Arc<dyn Claim>,
    ) -> impl Future<Output = Result<T::Handle, StartChildError>> + Send + use<T, A>
    where
        T::Handle: Send + 'static,
    {
        self.start_under(child, Some(claim))
    }

    fn start_under<A: ChildOf<T>>(
        &self,
        child: A,
        claim: Option<Arc<dyn Claim>>,
    ) -> impl Future<Output = Result<T::Handle, StartChildError>> + Send + use<T, A>
    where
        T::Handle: Send + 'static,
    {
        start::start_child(&self.supervisor.0, |site| {
            let (handle, definition) = child.into_child_of(site);
            site.check_dynamic(&definition.options);
            if let Some(claim) = claim {
                definition.start.claim(claim);
            }
            (handle, definition)
        })
    }

    /// This handle, with arguments that every child started by it begins with (DYN-7).
    pub fn extra_arguments<E: Clone>(&self, extra: E) -> ExtraArguments<T, E> {
        ExtraArguments::new(self.clone(), extra)
    }

    /// Stops a child in the way that its spec says, and forgets it. It is dead when this returns.
    ///
    /// # Errors
    /// [`NotFound`] when it is no child of this supervisor (any more).
    pub fn terminate_child(&self, child: &impl ChildHandle) -> TryCall<(), NotFound> {
        self.terminate(Who::Address(child.address()))
    }

    /// [`terminate_child`](Self::terminate_child), by the pid of the living incarnation, or of the
    /// last one while the child is restarting.
    ///
    /// # Errors
    /// [`NotFound`] when it is no child of this supervisor (any more).
    pub fn terminate_pid(&self, pid: Pid) -> TryCall<(), NotFound> {
        self.terminate(Who::Pid(pid))
    }

    fn terminate(&self, who: Who) -> TryCall<(), NotFound> {
        let ask = |from| SupervisorMsg::TerminateChild(who, from);
        start::try_ask(&self.supervisor.0, "terminate_child", ask)
    }

    /// The handles of all living children, the newest first. A child of another type, started by
    /// way of [`Supervised::supervisor`], is not among them.
    ///
    /// # Errors
    /// As any call: `NoProc` when the supervisor is gone.
    pub fn children(
        &self,
    ) -> impl Future<Output = Result<Vec<T::Handle>, CallError>> + Send + use<T>
    where
        T::Handle: 'static,
    {
        let handles = start::ask(&self.supervisor.0, "children", SupervisorMsg::Handles);
        async move {
            let handles = handles.await?.into_iter();
            let typed = handles.filter_map(|handle| handle.downcast::<T::Handle>().ok());
            Ok(typed.map(|handle| *handle).collect())
        }
    }

    /// How many children there are. It costs the same for ten children and for a million.
    ///
    /// # Errors
    /// As any call: `NoProc` when the supervisor is gone.
    pub fn count_children(&self) -> Call<Counts> {
        crate::supervisor::count_children(self)
    }

    /// Other flags and another bound from now on; what lives stays, also where it is more than
    /// the new bound. OTP's `code_change` of a dynamic supervisor. Name and id of `to` do not
    /// count, and a supervisor that is itself restarted begins with the spec that it was first
    /// started with.
    ///
    /// # Errors
    /// [`StartError::InvalidFlags`](crate::StartError::InvalidFlags), and all is as it was.
    ///
    /// # Cancel safety
    /// The request is made when this is called, and stays.
    ///
    /// # Examples
    /// ```
    /// # use std::error::Error;
    /// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn Error>> {
    /// use cordial::prelude::*;
    /// use cordial::DynamicSpec;
    /// # #[gen_server]
    /// # #[derive(Clone)]
    /// # struct Job;
    /// # #[gen_server]
    /// # impl Job {
    /// #     #[cast]
    /// #     fn poke(&self) {}
    /// # }
    ///
    /// let jobs = DynamicSpec::<Job>::new().max_children(1).start().await?;
    /// jobs.start_child(Job).await?;
    /// assert!(jobs.start_child(Job).await.is_err());
    /// jobs.code_change(DynamicSpec::new().max_children(2)).await?;
    /// jobs.start_child(Job).await?;
    /// # Ok(()) }
    /// ```
    pub fn code_change(
        &self,
        to: DynamicSpec<T>,
    ) -> impl Future<Output = Result<(), TryCallError<StartError>>> + Send + use<T> {
        let asked = to.flags.check().map(|()| code_change::ask(self, to.into_charter()));
        async move { asked.map_err(TryCallError::Handler)?.await }
    }

    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.supervisor.pid()
    }
}

impl<T> Supervised for DynamicRef<T> {
    fn supervisor(&self) -> &SupervisorRef {
        &self.supervisor
    }
}

impl<T> Clone for DynamicRef<T> {
    fn clone(&self) -> Self {
        Self { supervisor: self.supervisor.clone(), child: PhantomData }
    }
}

impl<T> PartialEq for DynamicRef<T> {
    fn eq(&self, other: &Self) -> bool {
        self.supervisor == other.supervisor
    }
}

impl<T> Eq for DynamicRef<T> {}

impl<T> Hash for DynamicRef<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.supervisor.hash(state);
    }
}

impl<T> fmt::Debug for DynamicRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicRef<{}>({:?})", default_id::<T>(), self.supervisor)
    }
}

/// The handle of a child: a [`Ref`], or the handles of a tree.
pub trait ChildHandle {
    /// Where the child lives.
    #[doc(hidden)]
    fn address(&self) -> Address;
}

impl<S: GenServer> ChildHandle for Ref<S> {
    fn address(&self) -> Address {
        Address::of(&Self::raw_of(self).process())
    }
}

impl<T: Supervised> ChildHandle for T {
    fn address(&self) -> Address {
        Address::of(&self.supervisor().0.process())
    }
}

/// What a child `T` of a dynamic supervisor can be started from: its start arguments as a tuple,
/// or a spec.
#[diagnostic::on_unimplemented(
    message = "a `{T}` cannot be started from `{Self}`",
    label = "neither the start arguments of `{T}`, as a tuple, nor a spec of it"
)]
pub trait ChildOf<T: Child> {
    /// Makes the child's address; nothing is started.
    #[doc(hidden)]
    fn into_child_of(self, site: &mut Site) -> (T::Handle, Definition);
}

impl<S, R> ChildOf<S> for ChildSpec<S, R>
where
    S: GenServer + Child<Handle = Ref<S>>,
    R: ReplayArgs<S::Args>,
{
    fn into_child_of(self, site: &mut Site) -> (Ref<S>, Definition) {
        self.into_child(site)
    }
}

impl<T, H> ChildOf<T> for TreeSpec<H>
where
    T: Child<Handle = H>,
    H: Clone + Send + Sync + 'static,
{
    fn into_child_of(self, site: &mut Site) -> (H, Definition) {
        self.into_child(site)
    }
}

impl<S> ChildOf<S> for S
where
    S: GenServer<Args = S> + Child<Handle = Ref<S>>,
    S::Replay: ReplayArgs<S>,
{
    fn into_child_of(self, site: &mut Site) -> (Ref<S>, Definition) {
        ChildSpec::<S>::new(self).into_child(site)
    }
}

macro_rules! child_of_tuple {
    ($($arg:ident)*) => {
        impl<S, $($arg),*> ChildOf<S> for ($($arg,)*)
        where
            S: GenServer<Args = ($($arg,)*)> + Child<Handle = Ref<S>>,
            S::Replay: ReplayArgs<($($arg,)*)>,
        {
            fn into_child_of(self, site: &mut Site) -> (Ref<S>, Definition) {
                ChildSpec::<S>::new(self).into_child(site)
            }
        }
    };
}

child_of_tuple!();
child_of_tuple!(A1);
child_of_tuple!(A1 A2);
child_of_tuple!(A1 A2 A3);
child_of_tuple!(A1 A2 A3 A4);
child_of_tuple!(A1 A2 A3 A4 A5);
child_of_tuple!(A1 A2 A3 A4 A5 A6);
child_of_tuple!(A1 A2 A3 A4 A5 A6 A7);
child_of_tuple!(A1 A2 A3 A4 A5 A6 A7 A8);
