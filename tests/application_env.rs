//! What applications are configured with: sources, keys, mistakes.
use crate::application_support::{Base, Log};
use cordial::application::{
    self, Application, Dependency, FetchEnvError, LoadError, StartApplicationError, StartType,
    Started,
};
use cordial::env::{Config, Env, Secret};
use cordial::prelude::*;
use cordial::supervisor::SupervisorRef;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, cordial::Env)]
struct PoolCfg {
    #[env(default = 4)]
    size: u8,
    #[env(default = 100ms)]
    patience: Duration,
}

#[derive(Clone, Debug, cordial::Env)]
struct PortCfg {
    /// Where to listen.
    #[env(default = "127.0.0.1:4040")]
    listen: SocketAddr,
    name: String,
    #[env(default = ["north", "south"])]
    berths: Vec<String>,
    pilot: Option<String>,
    token: Option<Secret<String>>,
    #[env(default = -1.5)]
    depth: f32,
    #[env(default)]
    is_open: bool,
    #[env(nested)]
    pool: PoolCfg,
    #[env(compiled = "NO_SUCH_VARIABLE_OF_THE_BUILD", default = "disk")]
    backend: String,
}

struct Port;

impl Application for Port {
    const NAME: &'static str = "port";
    const DEPENDS: &'static [Dependency] = &[];
    type Env = PortCfg;
    type Handle = SupervisorRef;
    type State = ();

    async fn start(_: StartType, env: PortCfg) -> Started<Self> {
        Ok((Supervisor::builder().id(env.name).start_link().await?, ()))
    }
    fn config_change(change: &application::EnvChange) {
        crate::application_support::say(format!("{change:?}"));
    }
}

/// A file that is gone when the test is over.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("cordial-{}-{name}.toml", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }
    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn mistakes<E: Env>(config: &Config) -> Vec<String> {
    let error = config.read::<E>("port").err().unwrap();
    error.mistakes().iter().map(ToString::to_string).collect()
}

/// APP-12: defaults, then files, then pairs, then variables; each key by itself.
#[test]
fn the_last_source_wins_key_by_key() {
    let file = File::new(
        "layers",
        "# all of them\n[port]\nname = \"from the file\"\nis_open = true\n\
         berths = [\"east\"]\n[port.pool]\nsize = 9\npatience = \"2min\"\n",
    );
    let config = Config::new()
        .file(file.path())
        .pairs("pairs", [("port.pilot", "ann"), ("port.pool.size", "10"), ("other.x", "1")])
        .variables([("PORT_POOL_SIZE", "11"), ("PORT_LISTEN", "[::1]:80"), ("OTHER_X", "1")]);
    let cfg: PortCfg = config.read("port").unwrap();
    assert_eq!(cfg.listen, "[::1]:80".parse().unwrap());
    assert_eq!((cfg.name.as_str(), cfg.is_open), ("from the file", true));
    assert_eq!((cfg.berths, cfg.pilot), (vec!["east".to_owned()], Some("ann".to_owned())));
    assert_eq!((cfg.pool.size, cfg.pool.patience), (11, mins(2)));
    assert!((cfg.depth + 1.5).abs() < f32::EPSILON);
    assert_eq!((cfg.backend.as_str(), cfg.token.is_none()), ("disk", true));
}

/// APP-12: a file of its own, which `PORT_CONFIG` names, has the keys without the name.
#[test]
fn a_variable_names_a_file() {
    let file = File::new("own", "name = 'mine'\npool.size = 3\n");
    let config = Config::new().variables([("PORT_CONFIG", file.path()), ("PORT_POOL_SIZE", "4")]);
    let cfg: PortCfg = config.read("port").unwrap();
    assert_eq!((cfg.name.as_str(), cfg.pool.size), ("mine", 4));
    let config = Config::new().variables([("PORT_CONFIG", "/nowhere.toml")]);
    let mistakes = mistakes::<PortCfg>(&config);
    assert!(mistakes[0].starts_with("/nowhere.toml cannot be read: "), "{mistakes:?}");
}

/// APP-13: everything that is wrong is told at once, with key, value, source and way out.
#[test]
fn every_mistake_is_told_with_its_source() {
    let file =
        File::new("mistakes", "[port]\nnaem = 'x'\npool.size = 256\nis_open = 1\nzebra = 2\n");
    let config = Config::new()
        .file(file.path())
        .pairs("pairs", [("port.token", "hunter2"), ("port.pool.szie", "1")])
        .variables([("PORT_LISTEN", "here"), ("PORT_POOL_PATIENCE", "5")]);
    let at = |line: u8| format!("{}:{line}", file.path());
    assert_eq!(
        mistakes::<PortCfg>(&config),
        [
            format!("`naem` ({}) is no key; did you mean `name`?", at(2)),
            format!("`zebra` ({}) is no key", at(5)),
            "`pool.szie` (pairs) is no key; did you mean `pool.size`?".into(),
            "`listen` is `here` (PORT_LISTEN): expected a `SocketAddr`: invalid socket address \
             syntax"
                .into(),
            "`name` is missing; set the variable PORT_NAME".into(),
            format!(
                "`is_open` is `1` ({}): expected `true` or `false`: provided string was not `true` \
                 or `false`",
                at(4)
            ),
            format!(
                "`pool.size` is `256` ({}): expected a whole number from 0 to 255: number too \
                 large to fit in target type",
                at(3)
            ),
            "`pool.patience` is `5` (PORT_POOL_PATIENCE): expected a duration: a whole number \
             with a unit, `5s`, `100ms`, `2min` or `1h`"
                .into(),
        ]
    );
}

#[derive(Clone, Debug, cordial::Env)]
struct SecretCfg {
    token: Secret<u32>,
}

/// APP-13: a secret is shown nowhere, and may be in a file.
#[test]
fn a_secret_is_never_shown() {
    let read = |name: &str, text: &str| Config::new().variables([(name, text)]).read("port");
    let cfg: SecretCfg = read("PORT_TOKEN", "42").unwrap();
    assert_eq!((format!("{cfg:?}"), *cfg.token.expose()), ("SecretCfg { token: *** }".into(), 42));
    let file = File::new("secret", "43\n");
    let cfg: SecretCfg = read("PORT_TOKEN_FILE", file.path()).unwrap();
    assert_eq!(*cfg.token.expose(), 43);
    let error = read("PORT_TOKEN", "hunter2").map(|_: SecretCfg| ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the environment of `port` is wrong\n  `token` is `***` (PORT_TOKEN): expected a whole \
         number from 0 to 4294967295"
    );
}

fn configured() {
    application::configure(Config::new().variables([("PORT_NAME", "rotterdam")]));
}

/// APP-12: get, fetch, put and delete by key; the typed environment says the same.
// break: APP-12 runtime/cordial/src/application/controller.rs
//     `(state.loaded.remove(at), state.puts.remove(name))` => `(state.loaded.remove(at), ())`
#[cordial::test]
async fn keys_are_put_and_deleted_and_unload_forgets_them() {
    configured();
    application::load::<Port>().unwrap();
    let fetch = application::fetch_env::<Port>;
    assert_eq!(fetch("name").unwrap(), "rotterdam");
    assert_eq!(fetch("pool.size").unwrap(), "4");
    assert_eq!(application::get_env::<Port>("pilot", "nobody"), "nobody");
    application::put_env::<Port>("pool.size", "5").unwrap();
    application::put_env::<Port>("token", "hunter2").unwrap();
    assert_eq!(application::env::<Port>().unwrap().pool.size, 5);
    let all = application::get_all_env::<Port>();
    let all: Vec<(&str, &str)> = all.iter().map(|(key, text)| (&**key, &**text)).collect();
    assert_eq!(
        all,
        [
            ("listen", "127.0.0.1:4040"),
            ("name", "rotterdam"),
            ("berths", "north, south"),
            ("token", "***"),
            ("depth", "-1.5"),
            ("pool.size", "5"),
            ("pool.patience", "100ms"),
            ("backend", "disk"),
        ]
    );

    // It survives a stop, and not an unload.
    application::start::<Port>().await.unwrap();
    application::stop::<Port>().await.unwrap();
    assert_eq!(fetch("pool.size").unwrap(), "5");
    application::delete_env::<Port>("pool.size").unwrap();
    assert!(matches!(fetch("pool.size"), Err(FetchEnvError::NotSet { .. })));
    assert_eq!(application::env::<Port>().unwrap().pool.size, 4);
    application::put_env::<Port>("pool.size", "6").unwrap();
    application::unload::<Port>().unwrap();
    assert!(matches!(fetch("pool.size"), Err(FetchEnvError::NotLoaded { .. })));
    application::load::<Port>().unwrap();
    assert_eq!(fetch("pool.size").unwrap(), "4");
}

/// APP-12: what would make the environment wrong is not put.
#[cordial::test]
async fn a_put_that_is_wrong_changes_nothing() {
    configured();
    application::load::<Port>().unwrap();
    let error = |key: &str, text: &str| {
        application::put_env::<Port>(key, text).unwrap_err().mistakes()[0].to_string()
    };
    assert_eq!(
        error("pool.size", "many"),
        "`pool.size` is `many` (put): expected a whole number from 0 to 255: invalid digit found \
         in string"
    );
    assert_eq!(error("pool.siez", "1"), "`pool.siez` (put) is no key; did you mean `pool.size`?");
    let error = application::delete_env::<Port>("name").unwrap_err();
    assert!(error.to_string().contains("`name` is missing"), "{error}");
    assert_eq!(application::fetch_env::<Port>("name").unwrap(), "rotterdam");
    assert_eq!(application::env::<Port>().unwrap().pool.size, 4);
}

/// APP-13: an application that is not there is told apart from a key that is not set.
// break: APP-13 runtime/cordial/src/application/controller.rs
//     `return Err(FetchEnvError::NotLoaded { application, key: asked });`
//     => `return Err(FetchEnvError::NotSet { application, key: asked, hint: String::new() });`
#[cordial::test]
async fn a_missing_application_is_told_apart_from_a_missing_key() {
    let error = || application::fetch_env::<Port>("pilto").unwrap_err().to_string();
    assert_eq!(
        error(),
        "could not fetch `pilto` of `port`: the application is neither loaded nor configured"
    );
    application::put_env::<Port>("name", "x").unwrap();
    assert_eq!(
        error(),
        "could not fetch `pilto` of `port`: the application is there, and this key is not set; \
         did you mean `pilot`?"
    );
}

/// APP-14: a key that was fixed when the program was built cannot be another one now.
// break: APP-14 runtime/cordial/src/env/reader.rs `if now.is_none_or(|now| now == then) {`
//     => `if now.is_none_or(|_| true) {`
#[cordial::test]
async fn a_compiled_key_cannot_differ_at_boot() {
    configured();
    application::put_env::<Port>("backend", "disk").unwrap();
    application::load::<Port>().unwrap();
    assert_eq!(application::env::<Port>().unwrap().backend, "disk");
    application::unload::<Port>().unwrap();
    application::put_env::<Port>("backend", "memory").unwrap();
    let error = application::start::<Port>().await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the environment of `port` is wrong\n  `backend` is `memory` (put), and the program was \
         built with `disk`; build it again, or take the setting back"
    );
}

/// APP-14: what the build had is what counts, in sections too.
#[test]
fn a_compiled_key_has_the_value_of_the_build() {
    #[derive(Clone, cordial::Env)]
    struct Inner {
        #[env(compiled = "CARGO_PKG_NAME", default = "none")]
        package: String,
    }
    #[derive(Clone, cordial::Env)]
    struct Outer {
        #[env(nested)]
        inner: Inner,
    }
    let read = |text: &str| {
        let config = Config::new().variables([("PORT_INNER_PACKAGE", text)]);
        config.read::<Outer>("port").map(|cfg| cfg.inner.package)
    };
    assert_eq!(read("cordial-tests").unwrap(), "cordial-tests");
    assert!(read("another").unwrap_err().to_string().contains("`inner.package`"));
    assert_eq!(Config::new().read::<Outer>("x").unwrap().inner.package, "cordial-tests");
}

/// APP-18: a running application hears what has changed, what is new and what is gone.
#[cordial::test]
async fn a_changed_configuration_is_told() {
    let log = Log::start();
    let configure = |pairs: &[(&str, &str)]| {
        application::configure(Config::new().variables(pairs.to_vec()));
        application::reload_env::<Port>()
    };
    configure(&[("PORT_NAME", "a"), ("PORT_PILOT", "ann")]).unwrap();
    application::start::<Port>().await.unwrap();
    let change = configure(&[("PORT_NAME", "b"), ("PORT_TOKEN", "hunter2")]).unwrap();
    let pair = |key: &str, text: &str| (key.to_owned(), text.to_owned());
    assert_eq!(change.changed, [pair("name", "b")]);
    assert_eq!(
        (change.new.clone(), change.removed.clone()),
        (vec![pair("token", "***")], vec!["pilot".to_owned()])
    );
    log.check(&[&format!("{change:?}")]).await;
    assert!(configure(&[("PORT_NAME", "b"), ("PORT_TOKEN", "hunter2")]).unwrap().is_empty());
    let error = configure(&[]).unwrap_err();
    assert!(error.to_string().contains("`name` is missing"), "{error}");
    assert_eq!(application::env::<Port>().unwrap().name, "b");
    log.check(&[]).await;
}

/// APP-2: the environments of all are read before any starts, and all mistakes are told.
#[cordial::test]
async fn nothing_starts_while_an_environment_is_wrong() {
    struct Both;
    impl Application for Both {
        const NAME: &'static str = "both";
        const DEPENDS: &'static [Dependency] =
            &[Dependency::of::<Base>(), Dependency::of::<Port>()];
        type Env = SecretCfg;
        type Handle = SupervisorRef;
        type State = ();
        async fn start(_: StartType, _: SecretCfg) -> Started<Self> {
            Ok((Supervisor::builder().start_link().await?, ()))
        }
    }
    let log = Log::start();
    application::configure(Config::new().variables([("BOTH_TOKEN", "x")]));
    let error = application::ensure_all_started::<Both>().await.unwrap_err();
    assert!(matches!(&error, StartApplicationError::Load(LoadError::Env(all)) if all.len() == 2));
    assert_eq!(
        error.to_string(),
        "the environment of `port` is wrong\n  `name` is missing; set the variable PORT_NAME\n\
         the environment of `both` is wrong\n  `token` is `***` (BOTH_TOKEN): expected a \
         whole number from 0 to 4294967295"
    );
    log.check(&[]).await;
}

/// Asks its application when it is dropped.
#[derive(Clone, cordial::Env)]
struct Asking {
    #[env(default = 1)]
    size: u8,
    #[env(default = "")]
    #[expect(dead_code, reason = "it is there to be read from its text")]
    hook: Hook,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let _ = application::ready();
    }
}

thread_local! {
    static UNLOADS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Unloads its application while it is read, if that was asked for.
#[derive(Clone)]
struct Hook;

impl std::str::FromStr for Hook {
    type Err = std::convert::Infallible;
    fn from_str(_: &str) -> Result<Self, Self::Err> {
        if UNLOADS.replace(false) {
            application::unload::<Quay>().unwrap();
        }
        Ok(Self)
    }
}

struct Quay;

impl Application for Quay {
    const NAME: &'static str = "quay";
    const DEPENDS: &'static [Dependency] = &[];
    type Env = Asking;
    type Handle = SupervisorRef;
    type State = ();

    async fn start(_: StartType, _: Asking) -> Started<Self> {
        Ok((Supervisor::builder().start_link().await?, ()))
    }
}

/// APP-12: what is replaced is dropped where it may ask for anything.
#[cordial::test]
async fn an_environment_that_is_replaced_may_ask_when_it_is_dropped() {
    application::load::<Quay>().unwrap();
    application::put_env::<Quay>("size", "5").unwrap();
    assert_eq!(application::env::<Quay>().unwrap().size, 5);
}

/// APP-12: what was put before an unload is forgotten, also by a put that began before it.
#[cordial::test]
async fn an_unload_in_the_middle_of_a_put_forgets_what_was_put_before() {
    application::load::<Quay>().unwrap();
    application::put_env::<Quay>("size", "5").unwrap();
    UNLOADS.set(true);
    application::put_env::<Quay>("hook", "x").unwrap();
    assert!(!UNLOADS.get());
    application::load::<Quay>().unwrap();
    assert_eq!(application::env::<Quay>().unwrap().size, 1);
}
