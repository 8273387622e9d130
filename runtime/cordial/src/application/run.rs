//! A program of applications: signals, ordered shutdown, exit code.
//!
//! ```text
//! environments ─▶ start in order ─▶ ready ─┬─ SIGINT, SIGTERM ──────────▶ shutdown ─▶ code 0
//!      │ wrong: all of it told, code 1     └─ a permanent one has ended ─▶ shutdown ─▶ code 1
//! ```
//! A second signal during the shutdown ends the program at once.
use super::controller::Controller;
use super::{Application, Dependency, StartApplicationError};
use crate::env::{Config, EnvErrors};
use crate::gen_server::Restart;
use crate::process::Node;
use crate::rt::signals::Signals;
use crate::rt::{self, Raced, Workers, race};
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs `A` and all that it needs as a program; `HarborSup::run()` of `#[application]` is this.
///
/// See [`Runner::run`].
///
/// # Examples
/// ```no_run
/// # use cordial::application::{self, Application, StartType, Started};
/// # use cordial::supervisor::{Supervisor, SupervisorRef};
/// # struct Harbor;
/// # impl Application for Harbor {
/// #     const NAME: &'static str = "harbor";
/// #     type Env = ();
/// #     type Handle = SupervisorRef;
/// #     type State = ();
/// #     async fn start(_: StartType, _: ()) -> Started<Self> {
/// #         Ok((Supervisor::builder().start_link().await?, ()))
/// #     }
/// # }
/// fn main() -> std::process::ExitCode {
///     application::run::<Harbor>()
/// }
/// ```
pub fn run<A: Application>() -> ExitCode {
    Runner::new().application::<A>().run()
}

/// [`run`], inside a runtime that is there already.
///
/// # Cancel safety
/// Dropped, the applications go on.
pub async fn serve<A: Application>() -> ExitCode {
    Runner::new().application::<A>().serve().await
}

/// A program of several applications.
///
/// # Examples
/// ```no_run
/// # use cordial::application::{Application, Runner, StartType, Started};
/// # use cordial::supervisor::{Supervisor, SupervisorRef};
/// # struct Harbor;
/// # impl Application for Harbor {
/// #     const NAME: &'static str = "harbor";
/// #     type Env = ();
/// #     type Handle = SupervisorRef;
/// #     type State = ();
/// #     async fn start(_: StartType, _: ()) -> Started<Self> {
/// #         Ok((Supervisor::builder().start_link().await?, ()))
/// #     }
/// # }
/// # type Billing = Harbor;
/// use cordial::env::Config;
///
/// fn main() -> std::process::ExitCode {
///     Runner::new()
///         .application::<Harbor>()
///         .application::<Billing>()
///         .config(Config::new().file("fleet.toml"))
///         .run()
/// }
/// ```
#[derive(Debug)]
#[must_use = "a runner does nothing until it is run"]
pub struct Runner {
    applications: Vec<Dependency>,
    restart: Restart,
    config: Config,
    workers: Workers,
}

impl Default for Runner {
    fn default() -> Self {
        Self::new()
    }
}

impl Runner {
    /// A program of no application yet.
    pub fn new() -> Self {
        Self {
            applications: Vec::new(),
            restart: Restart::Permanent,
            config: Config::new(),
            workers: Workers::PerCore,
        }
    }

    /// Adds an application, to be started after those before it. What it needs comes by itself.
    pub fn application<A: Application>(mut self) -> Self {
        self.applications.push(Dependency::of::<A>());
        self
    }

    /// What the end of one of them means; permanent until this is said. See
    /// [`start_as`](super::start_as).
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Where their environments come from; the process's environment variables until this is said.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How many worker threads; one per core until this is said.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Workers::Many(workers);
        self
    }

    /// Runs them until SIGINT or SIGTERM, or until the node is [stopped](Node::stop).
    ///
    /// | end | code |
    /// |---|---|
    /// | a signal, and everything went down in order | 0 |
    /// | an environment is wrong, or one did not start: told on stderr | 1 |
    /// | the tree of a permanent one ended | 1 |
    /// | [`Node::stop`] | the one given there |
    /// | a second signal during the shutdown | 128 and the signal's number |
    ///
    /// # Panics
    /// Inside a runtime: there it is [`serve`](Self::serve).
    pub fn run(self) -> ExitCode {
        match rt::run(self.workers, self.serve()) {
            Ok(code) => code,
            Err(error) => tell("cannot start the runtime", &error),
        }
    }

    /// [`run`](Self::run), inside a runtime that is there already.
    ///
    /// # Cancel safety
    /// Dropped, the applications go on.
    pub async fn serve(self) -> ExitCode {
        let Some(node) = Node::current() else { return tell("cannot start", &"no runtime") };
        // Before anybody can know that the program is there.
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return tell("cannot listen for signals", &error),
        };
        let code = match race(self.until_stopped(&node), signals.next()).await {
            Raced::First(code) => code,
            Raced::Second(_) => 0,
        };
        match race(node.shutdown(), signals.next()).await {
            Raced::First(()) => ExitCode::from(node.exit_code().unwrap_or(code)),
            Raced::Second(number) => ExitCode::from(128 + number),
        }
    }

    /// Starts everything, and waits until the node is told to stop.
    async fn until_stopped(self, node: &Arc<Node>) -> u8 {
        let starting = self.start(node);
        match race(starting, node.stop_requested()).await {
            Raced::First(Ok(())) => node.stop_requested().await,
            Raced::First(Err(error)) => {
                tell("cannot start", &error);
                1
            }
            Raced::Second(code) => code,
        }
    }

    async fn start(self, node: &Arc<Node>) -> Result<(), StartApplicationError> {
        let controller = Controller::of(node);
        controller.configure(self.config);
        controller.load_wanted(&self.applications)?;
        controller.ensure(&self.applications, self.restart).await.map(drop)
    }
}

impl Controller {
    /// Loads everything, and finds what the configuration says of applications that are not there.
    fn load_wanted(&self, wanted: &[Dependency]) -> Result<(), StartApplicationError> {
        use super::LoadError::Env;
        let order = super::order::of_all(wanted).map_err(StartApplicationError::Cycle)?;
        let loaded = self.load_all(&order);
        let names: Vec<&str> = order.iter().map(Dependency::name).collect();
        let mistakes = self.config().strangers(&names);
        if mistakes.is_empty() {
            return Ok(loaded?);
        }
        let stranger = EnvErrors { application: "the program".into(), mistakes };
        match loaded {
            Ok(()) => Err(Env(vec![stranger]).into()),
            Err(Env(mut errors)) => {
                errors.push(stranger);
                Err(Env(errors).into())
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// Waits for SIGINT or SIGTERM: for a `main` of one's own that waits until it shall stop.
///
/// Signals count from the first poll on. From then on they no longer end the program by themselves.
///
/// # Errors
/// When the operating system does not let the program listen.
///
/// # Examples
/// ```no_run
/// #[cordial::main]
/// async fn main() -> std::io::Result<()> {
///     // … start what there is to start …
///     cordial::application::stop_signal().await
/// }
/// ```
pub async fn stop_signal() -> std::io::Result<()> {
    Signals::listen()?.next().await;
    Ok(())
}

#[expect(clippy::print_stderr, reason = "why a program does not run is told on stderr")]
fn tell(what: &str, why: &dyn Display) -> ExitCode {
    eprintln!("{what}: {why}");
    ExitCode::FAILURE
}
