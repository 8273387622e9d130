//! Process groups: servers of one type by the groups that they are in; OTP's `pg`.
//!
//! A group exists while it has members. Anybody may put a server into a group, as often as it
//! likes; a server that ends is in no group any more, before anybody learns of its end.
use crate::gen_server::{Accepts, Child, Ctx, GenServer, Ref, Start};
use crate::pid::{MonitorRef, Pid};
use crate::process::held::{Hold, of_kind, take_kind};
use crate::process::{Found, Target};
use crate::registry::{
    AsKey, Entry, Event, Keeper, Keys, Registry, RegistryError, enter_as, leave_one,
};
use crate::rt::sync::Lock;
use crate::supervisor::ChildSpec;
use std::collections::HashSet;
use std::fmt::{self, Debug};
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

/// The groups of servers `S`, named by `G`s. `Scope` is any type that tells one scope from another:
/// what is in one is not in the other.
///
/// It runs as a child of a supervisor; there is one of each type per node.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::Pg;
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Worker;
/// #[gen_server]
/// impl Worker {
///     #[call]
///     fn crunch(&self, n: u32) -> u32 {
///         n * 2
///     }
/// }
/// type Workers = Pg<Worker>;
///
/// Workers::start().await?;
/// let worker = Worker::start(Worker).await?;
/// Workers::join("crunchers", &worker)?;
/// for member in Workers::members("crunchers") {
///     assert_eq!(member.crunch(21).await?, 42);
/// }
/// cordial::gen_server::stop(&worker).await?;
/// assert!(Workers::which_groups().is_empty());
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// Members are servers of one type, so what is found in a group can be called. Joining for a server
/// that is gone is an error. Until there are other nodes all members are local.
pub struct Pg<S, G = String, Scope = ()>(PhantomData<Types<S, G, Scope>>);

type Types<S, G, Scope> = fn() -> (S, G, Scope);

/// Who is in which group.
pub type Memberships<S, G> = Vec<(G, Ref<S>)>;

/// What a group is called.
pub trait GroupName: Eq + Hash + Clone + Debug + Send + Sync + 'static {}
impl<G: Eq + Hash + Clone + Debug + Send + Sync + 'static> GroupName for G {}

/// What who monitors groups is told, once per membership.
pub enum GroupEvent<S: GenServer, G = String> {
    /// Somebody is in the group.
    Joined {
        /// Of the monitor that tells it.
        monitor: MonitorRef,
        /// Which group.
        group: G,
        /// Who.
        member: Ref<S>,
    },
    /// Somebody is in it no more: he has left, or ended.
    Left {
        /// Of the monitor that tells it.
        monitor: MonitorRef,
        /// Which group.
        group: G,
        /// Who; he may live no more.
        member: Ref<S>,
        /// The process that was a member.
        pid: Pid,
    },
}

impl<S: GenServer, G: Debug> Debug for GroupEvent<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined { group, member, .. } => write!(f, "Joined({group:?}, {member:?})"),
            Self::Left { group, pid, .. } => write!(f, "Left({group:?}, {pid})"),
        }
    }
}

impl<S: GenServer, G: GroupName, Scope: 'static> Registry for Pg<S, G, Scope> {
    type Key = G;
    type Member = Ref<S>;
    type Value = ();
    const NAME: &'static str = "Pg";
    const KEYS: Keys = Keys::Duplicate;
    const TIES: bool = false;

    fn prepare() {
        let _ = Self::put_meta(Watches::<S, G, Scope>::default());
    }

    fn tell(event: &Event<Self>) {
        if let Event::Registered(entry) = event {
            Self::notify(true, entry);
        }
    }

    fn gone(entry: &Entry<Self>) {
        Self::notify(false, entry);
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenServer, G: GroupName, Scope: 'static> Child for Pg<S, G, Scope> {
    type Handle = Ref<Keeper<Self>>;
}

impl<S: GenServer, G: GroupName, Scope: 'static> Pg<S, G, Scope> {
    /// Starts it by itself; in a program it is a child.
    pub fn start() -> Start<Keeper<Self>> {
        <Self as Registry>::start()
    }

    /// How a supervisor starts it.
    pub fn child_spec() -> ChildSpec<Keeper<Self>> {
        <Self as Registry>::child_spec()
    }

    /// Puts a server into a group; twice is two memberships.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`]; [`RegistryError::NoProcess`] when the server is gone.
    pub fn join<Q>(group: &Q, member: &Ref<S>) -> Result<(), RegistryError>
    where
        Q: AsKey<G> + ?Sized,
    {
        let nobody = RegistryError::NoProcess { registry: Self::NAME };
        let who = member.find().ok_or(nobody)?;
        enter_as::<Self>(&who, group.to_key(), member.clone(), ())
    }

    /// Takes one membership of a server away.
    ///
    /// # Errors
    /// [`RegistryError::NotOwner`] when it is not in the group.
    pub fn leave<Q>(group: &Q, member: &Ref<S>) -> Result<(), RegistryError>
    where
        Q: AsKey<G> + ?Sized,
    {
        let left = member.find().is_some_and(|who| leave_one::<Self, Q>(&who, group));
        left.then_some(()).ok_or(RegistryError::NotOwner { registry: Self::NAME })
    }

    /// The members of a group, each as often as it has joined, the oldest membership first.
    pub fn members<Q>(group: &Q) -> Vec<Ref<S>>
    where
        Q: AsKey<G> + ?Sized,
    {
        Self::lookup(group).iter().map(|entry| entry.member().clone()).collect()
    }

    /// Those of the [`members`](Self::members) that live on this node.
    pub fn local_members<Q>(group: &Q) -> Vec<Ref<S>>
    where
        Q: AsKey<G> + ?Sized,
    {
        Self::members(group)
    }

    /// The groups that have members.
    pub fn which_groups() -> Vec<G> {
        Self::keys()
    }

    /// Who is in a group now, and from now on a [`GroupEvent`] for each who comes or goes.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    pub fn monitor<W, Q>(
        ctx: &Ctx<W>,
        group: &Q,
    ) -> Result<(MonitorRef, Vec<Ref<S>>), RegistryError>
    where
        W: Accepts<GroupEvent<S, G>>,
        Q: AsKey<G> + ?Sized,
    {
        let look = || Self::lookup(group);
        let (monitor, there) = Self::watch(ctx, Some(group.to_key()), look)?;
        Ok((monitor, there.iter().map(|entry| entry.member().clone()).collect()))
    }

    /// [`monitor`](Self::monitor) of all groups of the scope: who is where now, and what changes.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    pub fn monitor_scope<W>(ctx: &Ctx<W>) -> Result<(MonitorRef, Memberships<S, G>), RegistryError>
    where
        W: Accepts<GroupEvent<S, G>>,
    {
        let look = || Self::select(|entry| Some(entry.clone()));
        let (monitor, there) = Self::watch(ctx, None, look)?;
        let there = there.iter().map(|entry| (entry.key().clone(), entry.member().clone()));
        Ok((monitor, there.collect()))
    }

    /// Ends a monitor: nothing more comes of it, but what is in the mailbox stays. False: there
    /// is none.
    pub fn demonitor(monitor: MonitorRef) -> bool {
        let watches = Self::meta::<Watches<S, G, Scope>>();
        let ended = watches.and_then(|watches| watches.remove(monitor));
        ended.map(|watch| Mine::<S, G, Scope>::forget(&watch.who, monitor)).is_some()
    }

    fn notify(joined: bool, entry: &Entry<Self>) {
        let Some(watches) = Self::meta::<Watches<S, G, Scope>>() else { return };
        for watch in watches.all() {
            if watch.group.as_ref().is_none_or(|group| group == entry.key()) {
                watch.take(joined, entry);
            }
        }
    }

    /// Who joins or leaves while this looks around is told once, too.
    fn watch<W: Accepts<GroupEvent<S, G>>>(
        ctx: &Ctx<W>,
        group: Option<G>,
        look: impl FnOnce() -> Vec<Entry<Self>>,
    ) -> Result<(MonitorRef, Vec<Entry<Self>>), RegistryError> {
        let not_running = RegistryError::NotRunning { registry: Self::NAME };
        let watches = Self::meta::<Watches<S, G, Scope>>().ok_or(not_running)?;
        let (monitor, to) = (ctx.node().next_ref(), ctx.address());
        let deliver = Box::new(move |event| {
            to.send(W::accept(event));
        });
        let state = Lock::new(State { known: HashSet::new(), held_back: Some(Vec::new()) });
        let watch = Arc::new(Watch { monitor, group, who: ctx.found(), state, deliver });
        watches.0.lock().push(watch.clone());
        Mine::note(&watches, &watch.who, monitor);
        let there = look();
        watch.begin(&there);
        Ok((monitor, there))
    }
}

// ===== Monitors =====

/// The monitors of one scope.
struct Watches<S: GenServer, G: GroupName, Scope: 'static>(Lock<Vec<Arc<Watch<S, G, Scope>>>>);

/// One monitor.
struct Watch<S: GenServer, G: GroupName, Scope: 'static> {
    monitor: MonitorRef,
    /// `None`: all groups.
    group: Option<G>,
    /// Who monitors.
    who: Found,
    state: Lock<State<S, G, Scope>>,
    deliver: Box<dyn Fn(GroupEvent<S, G>) + Send + Sync>,
}

/// Joined, or left.
type Change<S, G, Scope> = (bool, Entry<Pg<S, G, Scope>>);

struct State<S: GenServer, G: GroupName, Scope: 'static> {
    /// The memberships that who monitors knows of.
    known: HashSet<u64>,
    /// What happens while it is found out who is there.
    held_back: Option<Vec<Change<S, G, Scope>>>,
}

impl<S: GenServer, G: GroupName, Scope: 'static> Default for Watches<S, G, Scope> {
    fn default() -> Self {
        Self(Lock::new(Vec::new()))
    }
}

impl<S: GenServer, G: GroupName, Scope: 'static> Watches<S, G, Scope> {
    fn all(&self) -> Vec<Arc<Watch<S, G, Scope>>> {
        self.0.lock().clone()
    }

    fn remove(&self, monitor: MonitorRef) -> Option<Arc<Watch<S, G, Scope>>> {
        let mut watches = self.0.lock();
        let at = watches.iter().position(|watch| watch.monitor == monitor)?;
        Some(watches.swap_remove(at))
    }
}

impl<S: GenServer, G: GroupName, Scope: 'static> Watch<S, G, Scope> {
    fn begin(&self, there: &[Entry<Pg<S, G, Scope>>]) {
        let mut state = self.state.lock();
        state.known.extend(there.iter().map(Entry::number));
        for (joined, entry) in state.held_back.take().unwrap_or_default() {
            self.tell(&mut state, joined, &entry);
        }
    }

    fn take(&self, joined: bool, entry: &Entry<Pg<S, G, Scope>>) {
        let mut state = self.state.lock();
        match &mut state.held_back {
            Some(held_back) => held_back.push((joined, entry.clone())),
            None => self.tell(&mut state, joined, entry),
        }
    }

    /// In the order in which it happened, and only what is news.
    fn tell(&self, state: &mut State<S, G, Scope>, joined: bool, entry: &Entry<Pg<S, G, Scope>>) {
        let is_news = match joined {
            true => state.known.insert(entry.number()),
            false => state.known.remove(&entry.number()),
        };
        if !is_news {
            return;
        }
        let (monitor, group) = (self.monitor, entry.key().clone());
        let member = entry.member().clone();
        (self.deliver)(match joined {
            true => GroupEvent::Joined { monitor, group, member },
            false => GroupEvent::Left { monitor, group, member, pid: entry.pid() },
        });
    }
}

/// The monitors of one process: they end with it.
struct Mine<S: GenServer, G: GroupName, Scope: 'static> {
    watches: Weak<Watches<S, G, Scope>>,
    monitors: Vec<MonitorRef>,
}

impl<S: GenServer, G: GroupName, Scope: 'static> Mine<S, G, Scope> {
    fn note(watches: &Arc<Watches<S, G, Scope>>, who: &Found, monitor: MonitorRef) {
        let watches = Arc::downgrade(watches);
        let mut of_before = None; // Of a scope that has ended.
        who.process.held(who.pid, &mut |held| match of_kind::<Self>(held) {
            Some(mine) if mine.watches.ptr_eq(&watches) => mine.monitors.push(monitor),
            _ => {
                of_before = take_kind::<Self>(held);
                held.push(Box::new(Self { watches: watches.clone(), monitors: vec![monitor] }));
            }
        });
    }

    fn forget(who: &Found, monitor: MonitorRef) {
        who.process.held(who.pid, &mut |held| {
            if let Some(mine) = of_kind::<Self>(held) {
                mine.monitors.retain(|other| *other != monitor);
            }
        });
    }
}

impl<S: GenServer, G: GroupName, Scope: 'static> Hold for Mine<S, G, Scope> {
    fn release(self: Box<Self>) {
        if let Some(watches) = self.watches.upgrade() {
            self.monitors.iter().for_each(|monitor| drop(watches.remove(*monitor)));
        }
    }
}

impl<S, G, Scope> Debug for Pg<S, G, Scope> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pg")
    }
}
