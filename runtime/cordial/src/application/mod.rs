//! Applications: trees with a name, an environment and others that they need; started in order,
//! stopped in reverse.
//!
//! ```text
//! environment ─▶ start ─▶ top supervisor ─▶ children …
//!
//! harbor ── needs ──▶ billing     started: billing, harbor · stopped: harbor, billing
//! ```
//! `#[application]` on a `supervisor!` item makes its tree an application, and gives it a `run`
//! that is a whole `main`: environment, signals, ordered shutdown, exit code.
//!
//! ```no_run
//! use cordial::prelude::*;
//! # #[gen_server]
//! # #[derive(Clone)]
//! # struct Quay(u16);
//! # #[gen_server]
//! # impl Quay {
//! #     #[call]
//! #     fn port(&self) -> u16 {
//! #         self.0
//! #     }
//! # }
//!
//! #[derive(Clone, Debug, cordial::Env)]
//! pub struct HarborCfg {
//!     /// Where to listen: HARBOR_PORT.
//!     #[env(default = 4040)]
//!     port: u16,
//! }
//!
//! supervisor! {
//!     #[application(name = "harbor", env = HarborCfg)]
//!     pub HarborSup(cfg: HarborCfg) {
//!         children: [quay: Quay(Quay(cfg.port))],
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     HarborSup::run()
//! }
//! ```
//!
//! | to | read |
//! |---|---|
//! | make a tree an application | [`Application`] |
//! | start and stop it in a node that runs | [`start`], [`ensure_all_started`], [`stop`] |
//! | run a program of one or several | [`run`], [`Runner`] |
//! | say what it is configured with | [`env`](mod@crate::env) |
//! | tell the outside whether it works | [`health`], [`ready`] |
//!
//! # Differences from OTP
//! - What an application is is a type, so it cannot be missing when it is named.
//! - Starts are bounded by 60 s, and so are `prep_stop` and `stop`.
//! - A node that goes down stops its applications first; until then it can start processes, but no
//!   application.
mod controller;
mod environment;
mod errors;
mod health;
mod master;
mod order;
mod report;
mod run;

use crate::env::{Config, Env, EnvErrors, Key, Texts};
use crate::error::StartError;
use crate::gen_server::Restart;
use crate::mailbox::Answer;
use crate::process::{Node, Target};
use crate::supervisor::Supervised;
use controller::{Controller, Seat, Shared};
use std::any::TypeId;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

pub use environment::{
    EnvChange, configure, delete_env, env, fetch_env, get_all_env, get_env, put_env, reload_env,
};
pub use errors::{FetchEnvError, LoadError, NotStarted, StartApplicationError, UnloadError};
pub use health::{Condition, Health, health, ready};
pub use run::{Runner, run, serve, stop_signal};

/// A tree with a name, an environment, others that it needs, and callbacks around its life.
///
/// `#[application]` writes this for a `supervisor!` item.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::application::{self, Application, StartType, Started};
/// use cordial::supervisor::{Supervisor, SupervisorRef};
///
/// struct Billing;
/// impl Application for Billing {
///     const NAME: &'static str = "billing";
///     type Env = ();
///     type Handle = SupervisorRef;
///     type State = ();
///     async fn start(_: StartType, _: ()) -> Started<Self> {
///         Ok((Supervisor::builder().start_link().await?, ()))
///     }
/// }
///
/// application::start::<Billing>().await?;
/// assert_eq!(application::which_applications(), ["billing"]);
/// application::stop::<Billing>().await?;
/// assert!(application::which_applications().is_empty());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no application",
    label = "not an application",
    note = "`#[application(name = \"..\")]` on its `supervisor!` makes it one"
)]
pub trait Application: Sized + 'static {
    /// What it is called: in errors, in files, and in front of its variables (`HARBOR_PORT`).
    const NAME: &'static str;
    /// The applications that have to run before it starts.
    const DEPENDS: &'static [Dependency] = &[];
    /// More than that of any application that it needs: `#[application]` computes it, so that
    /// declared applications that need each other do not compile.
    #[doc(hidden)]
    const RANK: usize = 0;
    /// A file of its own, whose keys stand there without its name. It may be missing.
    const FILE: Option<&'static str> = None;
    /// What it is configured with.
    type Env: Env;
    /// The handle of its tree.
    type Handle: Supervised + Clone + Send + Sync + 'static;
    /// What `start` hands to `prep_stop` and `stop`.
    type State: Send + 'static;

    /// Starts the tree, linked to the process that this runs in.
    ///
    /// # Errors
    /// Whatever kept it from starting; it goes into [`StartApplicationError::Failed`].
    fn start(kind: StartType, env: Self::Env) -> impl Future<Output = Started<Self>> + Send;

    /// Runs before the tree is stopped, and after it ended by itself.
    fn prep_stop(
        handle: &Self::Handle,
        state: &mut Self::State,
    ) -> impl Future<Output = ()> + Send {
        let _ = (handle, state);
        async {}
    }

    /// Runs when the tree is down.
    fn stop(state: Self::State) -> impl Future<Output = ()> + Send {
        drop(state);
        async {}
    }

    /// Its environment has changed while it runs ([`reload_env`]).
    fn config_change(change: &EnvChange) {
        let _ = change;
    }
}

/// What [`Application::start`] gives: the tree's handle and a state, or what went wrong.
pub type Started<A> =
    Result<(<A as Application>::Handle, <A as Application>::State), Box<dyn Error + Send + Sync>>;

/// Why an application is started here (APP-18).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartType {
    /// It was asked for.
    Normal,
    /// This node takes it over from the named one, where it still runs. Only a cluster says so.
    Takeover(String),
    /// It ran on the named node, which is gone. Only a cluster says so.
    Failover(String),
}

/// An application as another one names it.
///
/// # Examples
/// See [`ensure_all_started`].
#[derive(Clone, Copy)]
pub struct Dependency {
    name: &'static str,
    rank: usize,
    id: fn() -> TypeId,
    callback: fn() -> &'static str,
    depends: fn() -> &'static [Self],
    keys: fn() -> &'static [Key],
    read: fn(&Config, &Texts) -> environment::Gathered,
    reread: fn(&Texts) -> Result<Shared, EnvErrors>,
    begin: fn(Seat, Restart) -> Result<Answer<master::Begun>, StartError>,
}

impl Dependency {
    /// The application `A`.
    pub const fn of<A: Application>() -> Self {
        Self {
            name: A::NAME,
            rank: A::RANK,
            id: TypeId::of::<A>,
            callback: std::any::type_name::<A>,
            depends: depends::<A>,
            keys: keys::<A>,
            read: environment::read::<A>,
            reread: environment::reread::<A>,
            begin: master::begin::<A>,
        }
    }

    /// One more than the largest rank of those.
    #[doc(hidden)]
    pub const fn rank(depends: &[Self]) -> usize {
        let (mut most, mut at) = (0, 0);
        while at < depends.len() {
            if depends[at].rank > most {
                most = depends[at].rank;
            }
            at += 1;
        }
        most + 1
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl std::fmt::Debug for Dependency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn depends<A: Application>() -> &'static [Dependency] {
    A::DEPENDS
}

fn keys<A: Application>() -> &'static [Key] {
    A::Env::KEYS
}

fn controller() -> Result<Arc<Controller>, StartError> {
    Node::current().map(|node| Controller::of(&node)).ok_or(StartError::NoRuntime)
}

fn refused(error: StartError) -> StartApplicationError {
    StartApplicationError::Refused(error)
}

// ===== Load =====

/// Reads the environment of `A` and makes it known; it does not start.
///
/// Starting loads what is not loaded yet.
///
/// # Errors
/// [`LoadError`]; everything that is wrong with the environment is told at once.
pub fn load<A: Application>() -> Result<(), LoadError> {
    let controller = controller().map_err(|_| LoadError::NoRuntime)?;
    controller.load(Dependency::of::<A>())
}

/// Forgets `A` and its environment, what was put included.
///
/// # Errors
/// [`UnloadError::Running`] while it runs, starts or stops, [`UnloadError::NotLoaded`].
pub fn unload<A: Application>() -> Result<(), UnloadError> {
    let controller = controller().map_err(|_| UnloadError::NotLoaded(A::NAME))?;
    controller.unload(A::NAME)
}

// ===== Start =====

/// Starts `A`, whose dependencies must run, and gives its handle. Its end does not end the node:
/// it is [`Temporary`](Restart::Temporary).
///
/// # Errors
/// [`StartApplicationError`], which says who did not start and why. Nothing is left of it.
///
/// # Cancel safety
/// Dropped, the application starts all the same.
pub async fn start<A: Application>() -> Result<A::Handle, StartApplicationError> {
    start_as::<A>(Restart::Temporary).await
}

/// [`start`], with what the end of its tree means for the node.
///
/// | restart type | the tree ends by itself |
/// |---|---|
/// | `Permanent` | the node ends in order, exit code 1 |
/// | `Transient` | the same, unless the reason is `Normal` |
/// | `Temporary` | it is told, no more |
///
/// An application that is [stopped](stop) ends nothing.
///
/// # Errors
/// As [`start`].
///
/// # Cancel safety
/// As [`start`].
pub async fn start_as<A: Application>(
    restart: Restart,
) -> Result<A::Handle, StartApplicationError> {
    let controller = controller().map_err(refused)?;
    controller.start(Dependency::of::<A>(), restart).await.map(handle_of::<A>)
}

/// [`start`], or the handle of `A` if it runs.
///
/// # Errors
/// As [`start`], except that running is none.
///
/// # Cancel safety
/// As [`start`].
pub async fn ensure_started<A: Application>() -> Result<A::Handle, StartApplicationError> {
    loop {
        match start::<A>().await {
            Err(StartApplicationError::AlreadyStarted(_)) => {}
            started => return started,
        }
        // It may have ended in between.
        if let Some(handle) = whereis::<A>() {
            return Ok(handle);
        }
    }
}

/// Starts `A` and before it all that it needs; gives the names of those that were started by this,
/// in order.
///
/// All environments are read before anything starts. If one does not start, those that were
/// started by this are stopped again, in reverse; those that ran before stay.
///
/// # Errors
/// As [`start`]; the error says which application it was.
///
/// # Cancel safety
/// Dropped, those that have started stay.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use cordial::supervisor::{Supervisor, SupervisorRef};
/// use cordial::application::{self, Application, Dependency, StartType, Started};
///
/// # struct Billing;
/// # impl Application for Billing {
/// #     const NAME: &'static str = "billing";
/// #     type Env = ();
/// #     type Handle = SupervisorRef;
/// #     type State = ();
/// #     async fn start(_: StartType, _: ()) -> Started<Self> {
/// #         Ok((Supervisor::builder().start_link().await?, ()))
/// #     }
/// # }
/// struct Harbor;
/// impl Application for Harbor {
///     const NAME: &'static str = "harbor";
///     const DEPENDS: &'static [Dependency] = &[Dependency::of::<Billing>()];
/// #     type Env = ();
/// #     type Handle = SupervisorRef;
/// #     type State = ();
/// #     async fn start(_: StartType, _: ()) -> Started<Self> {
/// #         Ok((Supervisor::builder().start_link().await?, ()))
/// #     }
///     // …
/// }
///
/// assert_eq!(application::ensure_all_started::<Harbor>().await?, ["billing", "harbor"]);
/// assert!(application::ensure_all_started::<Harbor>().await?.is_empty());
/// # Ok(()) }
/// ```
pub async fn ensure_all_started<A>() -> Result<Vec<&'static str>, StartApplicationError>
where
    A: Application,
{
    ensure_all_started_as::<A>(Restart::Temporary).await
}

/// [`ensure_all_started`], with what the end of any of them means for the node.
///
/// # Errors
/// As [`ensure_all_started`].
///
/// # Cancel safety
/// As [`ensure_all_started`].
pub async fn ensure_all_started_as<A: Application>(
    restart: Restart,
) -> Result<Vec<&'static str>, StartApplicationError> {
    controller().map_err(refused)?.ensure(&[Dependency::of::<A>()], restart).await
}

fn handle_of<A: Application>(handle: Shared) -> A::Handle {
    let handle: Arc<A::Handle> = handle.downcast().expect("its master keeps this type");
    A::Handle::clone(&handle)
}

// ===== Stop =====

/// Stops `A`: `prep_stop`, then its tree, then `stop`. Those that need it go on.
///
/// # Errors
/// [`NotStarted`] when it does not run.
///
/// # Cancel safety
/// Dropped, the application is stopped all the same.
pub async fn stop<A: Application>() -> Result<(), NotStarted> {
    controller().map_err(|_| NotStarted(A::NAME))?.stop(A::NAME).await
}

// ===== Look =====

/// The handle of `A`, if it runs.
pub fn whereis<A: Application>() -> Option<A::Handle> {
    controller().ok()?.handle(A::NAME).map(handle_of::<A>)
}

/// The names of those that run, the one that was started last first.
pub fn which_applications() -> Vec<&'static str> {
    controller().map(|controller| controller.running()).unwrap_or_default()
}

/// The names of those that are loaded, in the order in which they were.
pub fn loaded_applications() -> Vec<&'static str> {
    let all = controller().map(|controller| controller.all()).unwrap_or_default();
    all.into_iter().map(|(name, _)| name).collect()
}

/// The application to which a process belongs: the one whose top supervisor is nearest above it.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{application, process};
/// assert_eq!(application::get_application(&process::self_pid()), None);
/// # }
/// ```
pub fn get_application(process: &(impl Target + ?Sized)) -> Option<&'static str> {
    let found = process.find()?;
    let controller = Controller::of(found.process.node());
    let above = found.process.ancestors(found.pid).into_iter();
    let mut pids = std::iter::once(found.pid).chain(above.map(|ancestor| ancestor.pid()));
    pids.find_map(|pid| controller.owner(pid))
}
