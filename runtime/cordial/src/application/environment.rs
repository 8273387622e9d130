//! What applications of a node are configured with, typed and by key.
use super::controller::{self, Controller, Shared};
use super::errors::FetchEnvError;
use super::{Application, Dependency};
use crate::env::{Config, Env, EnvErrors, Mistake, Subject, Texts};
use crate::process::Node;
use std::sync::Arc;

fn controller() -> Option<Arc<Controller>> {
    Node::current().map(|node| Controller::of(&node))
}

/// Where the environments of this node's applications come from. What is loaded already keeps what
/// it has until [`reload_env`].
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::application;
/// use cordial::env::Config;
/// application::configure(Config::new().pairs("here", [("harbor.port", "80")]));
/// # }
/// ```
pub fn configure(config: Config) {
    if let Some(controller) = controller() {
        controller.configure(config);
    }
}

/// The environment of `A`, as it is now; `None` until it is loaded.
pub fn env<A: Application>() -> Option<A::Env> {
    let shared = controller()?.env(A::NAME)?;
    let env = shared.downcast::<A::Env>().ok()?;
    Some(A::Env::clone(&env))
}

/// The text of a key, such as `port` or `db.port`: what was set, or the default that was written.
/// A secret is `***`.
///
/// # Errors
/// [`FetchEnvError`] says whether the application or the key is missing.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// # use cordial::application::{self, Application, StartType, Started};
/// # use cordial::supervisor::{Supervisor, SupervisorRef};
/// #[derive(Clone, cordial::Env)]
/// struct HarborCfg {
///     #[env(default = 4040)]
///     port: u16,
/// }
/// struct Harbor;
/// impl Application for Harbor {
///     const NAME: &'static str = "harbor";
///     type Env = HarborCfg;
///     // …
/// #     type Handle = SupervisorRef;
/// #     type State = ();
/// #     async fn start(_: StartType, _: HarborCfg) -> Started<Self> {
/// #         Ok((Supervisor::builder().start_link().await?, ()))
/// #     }
/// }
///
/// application::load::<Harbor>().unwrap();
/// assert_eq!(application::fetch_env::<Harbor>("port").unwrap(), "4040");
/// application::put_env::<Harbor>("port", "80").unwrap();
/// assert_eq!(application::env::<Harbor>().unwrap().port, 80);
/// let error = application::put_env::<Harbor>("port", "eighty").unwrap_err();
/// assert!(error.to_string().contains("expected a whole number from 0 to 65535"));
/// # }
/// ```
pub fn fetch_env<A: Application>(key: &str) -> Result<String, FetchEnvError> {
    let texts = controller().and_then(|controller| controller.texts(A::NAME));
    controller::fetch(Dependency::of::<A>(), texts, key)
}

/// [`fetch_env`], or `default` where there is no text.
pub fn get_env<A: Application>(key: &str, default: &str) -> String {
    fetch_env::<A>(key).unwrap_or_else(|_| default.into())
}

/// Every key of `A` that has a text, in the order of the fields.
pub fn get_all_env<A: Application>() -> Vec<(String, String)> {
    let texts = controller().and_then(|controller| controller.texts(A::NAME));
    texts.map(|texts| texts.all(A::Env::KEYS)).unwrap_or_default()
}

/// Sets a key, above all sources. It may be put before `A` is loaded; it stays when `A` is stopped
/// and goes when it is unloaded.
///
/// A running application is not told; it sees the new value where it asks with [`env()`].
///
/// # Errors
/// There is no such key, or the text is no value of its type; nothing has changed then.
pub fn put_env<A: Application>(key: &str, value: impl Into<String>) -> Result<(), EnvErrors> {
    let (spec, text) = (Dependency::of::<A>(), value.into());
    change::<A>(|texts| controller::put(texts, spec, key, text.clone()))
}

/// Takes a key away, whoever set it; the typed environment has its default again.
///
/// # Errors
/// The key has no default, or there is no such key; nothing has changed then.
pub fn delete_env<A: Application>(key: &str) -> Result<(), EnvErrors> {
    change::<A>(|texts| {
        controller::put(texts, Dependency::of::<A>(), key, String::new())?;
        texts.delete(key);
        Ok(())
    })
}

fn change<A: Application>(
    change: impl Fn(&mut Texts) -> Result<(), EnvErrors>,
) -> Result<(), EnvErrors> {
    let controller = controller().ok_or_else(|| EnvErrors {
        application: A::NAME.into(),
        mistakes: vec![Mistake {
            key: String::new(),
            text: "no tokio runtime here, so there is no node to put it in".into(),
        }],
    })?;
    controller.put(Dependency::of::<A>(), change)
}

/// Which keys a [`reload_env`] changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvChange {
    /// They have another text than before, which is given.
    pub changed: Vec<(String, String)>,
    /// They had none before.
    pub new: Vec<(String, String)>,
    /// They have none any more.
    pub removed: Vec<String>,
}

impl EnvChange {
    /// Nothing has changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn between(before: &[(String, String)], after: &[(String, String)]) -> Self {
        let of = |all: &[(String, String)], key: &str| {
            all.iter().find(|(known, _)| known == key).map(|(_, text)| text.clone())
        };
        let mut change = Self::default();
        for (key, text) in after {
            match of(before, key) {
                None => change.new.push((key.clone(), text.clone())),
                Some(then) if then != *text => change.changed.push((key.clone(), text.clone())),
                Some(_) => {}
            }
        }
        let gone = before.iter().filter(|(key, _)| of(after, key).is_none());
        change.removed = gone.map(|(key, _)| key.clone()).collect();
        change
    }
}

/// Reads the sources of `A` anew: files that have changed, another [`configure`]. If it runs and a
/// key has changed, its [`config_change`](Application::config_change) is called before this
/// returns.
///
/// # Errors
/// Everything that is wrong with the new environment; the old one stays then.
pub fn reload_env<A: Application>() -> Result<EnvChange, EnvErrors> {
    let Some(controller) = controller() else { return Ok(EnvChange::default()) };
    let Some((before, after)) = controller.reload(Dependency::of::<A>())? else {
        return Ok(EnvChange::default());
    };
    let keys = A::Env::KEYS;
    let change = EnvChange::between(&before.all(keys), &after.all(keys));
    if !change.is_empty() && controller.handle(A::NAME).is_some() {
        A::config_change(&change);
    }
    Ok(change)
}

// ===== What a `Dependency` carries =====

/// The texts of the sources, and the environment with what was put over them.
pub(super) type Gathered = Result<(Texts, Shared), EnvErrors>;

pub(super) fn read<A: Application>(config: &Config, puts: &Texts) -> Gathered {
    let subject = Subject { application: A::NAME, keys: A::Env::KEYS, file: A::FILE };
    let (texts, mut mistakes) = config.gather(subject);
    match reread::<A>(&texts.under(puts)) {
        Ok(env) if mistakes.is_empty() => Ok((texts, env)),
        read => {
            mistakes.extend(read.err().into_iter().flat_map(|wrong| wrong.mistakes));
            Err(EnvErrors { application: A::NAME.into(), mistakes })
        }
    }
}

pub(super) fn reread<A: Application>(texts: &Texts) -> Result<Shared, EnvErrors> {
    let env: A::Env = texts.read(A::NAME)?;
    Ok(Arc::new(env))
}
