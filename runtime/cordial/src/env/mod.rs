//! Typed environments: what an application is configured with, read from texts that have sources.
//!
//! ```text
//! defaults in the code ◀ files ◀ pairs from anywhere ◀ environment variables ◀ put at run time
//!                         what stands further right wins, key by key
//! ```
//! `#[derive(cordial::Env)]` makes a struct an environment: each field is a key. All mistakes are
//! told at once, each with its key, its value, where it came from and what was expected.
//!
//! # Examples
//! ```
//! use cordial::env::{Config, Env};
//! use std::time::Duration;
//!
//! #[derive(Clone, Debug, cordial::Env)]
//! struct HarborCfg {
//!     /// Where to listen.
//!     #[env(default = 4040)]
//!     port: u16,
//!     #[env(default = 5s)]
//!     patience: Duration,
//!     berths: Vec<String>,
//!     pilot: Option<String>,
//! }
//!
//! let config = Config::new()
//!     .pairs("the example", [("harbor.berths", "north, south")])
//!     .variables([("HARBOR_PORT", "80")]);
//! let cfg: HarborCfg = config.read("harbor").unwrap();
//! assert_eq!((cfg.port, cfg.patience), (80, Duration::from_secs(5)));
//! assert_eq!((cfg.berths, cfg.pilot), (vec!["north".into(), "south".into()], None));
//!
//! let config = Config::new().variables([("HARBOR_PORT", "eighty")]);
//! let mistakes = config.read::<HarborCfg>("harbor").unwrap_err().to_string();
//! assert!(mistakes.contains("`port` is `eighty` (HARBOR_PORT)"), "{mistakes}");
//! assert!(mistakes.contains("`berths` is missing"), "{mistakes}");
//! ```
//!
//! # Differences from OTP
//! A key is a field with a type, so a misspelt one does not compile where it is read, and is an
//! error where it is set.
mod config;
mod describe;
mod errors;
mod file;
mod key;
mod reader;
mod secret;
mod texts;
mod value;

pub use config::Config;
pub(crate) use config::Subject;
pub use describe::describe;
pub use errors::{EnvErrors, Mistake};
pub use key::Key;
pub use reader::Reader;
pub use secret::Secret;
pub(crate) use texts::Texts;
pub use value::{FromText, Raw, duration, list, one, secret};

/// The configuration of an application: a struct whose fields are keys.
///
/// `#[derive(cordial::Env)]` implements it. Fields may be whatever is read [from text](FromText)
/// (numbers, `bool`, `String`, addresses, your own types with `FromStr`), `Duration` (`5s`,
/// `100ms`, `2min`, `1h`), `Option` of these, `Vec` of these, [`Secret`] of these, and structs that
/// are environments themselves, marked `#[env(nested)]`.
///
/// | attribute of a field | meaning |
/// |---|---|
/// | `#[env(default = 4040)]` | the value when nobody sets the key; any expression, or `5s` |
/// | `#[env(default)]` | the same with `Default::default()` |
/// | `#[env(nested)]` | the field is a struct of keys: a section |
/// | `#[env(compiled = "NAME")]` | fixed by the variable `NAME` when the program is built |
///
/// A field without `default` that is no `Option` must be set. A variable is called as the
/// application and the key: `HARBOR_PORT`, `HARBOR_DB_PORT` for `db.port`.
///
/// A `compiled` field has the value that `NAME` had when the program was built, or the default. A
/// program that is started with another one refuses to start: half of it would believe the old.
///
/// # Examples
/// See the [module](self).
pub trait Env: Clone + Send + Sync + 'static {
    /// Its keys, in the order of the fields.
    const KEYS: &'static [Key];

    /// Reads every key; what is wrong is kept by the reader, all of it.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
}

/// An application that is not configured.
impl Env for () {
    const KEYS: &'static [Key] = &[];

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}
