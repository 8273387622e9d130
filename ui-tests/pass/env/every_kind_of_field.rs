//! Every kind of field, with every kind of default.
#![deny(warnings)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use cordial as otp;
use otp::env::{Config, Secret};

#[derive(Clone, Debug, PartialEq)]
enum Level {
    Low,
    High,
}

impl std::str::FromStr for Level {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "low" => Ok(Self::Low),
            "high" => Ok(Self::High),
            _ => Err("`low` or `high`"),
        }
    }
}

#[derive(Clone, Debug, otp::Env)]
#[env(crate = otp)]
struct Inner {
    #[env(default = 4)]
    r#type: u8,
}

#[derive(Clone, Debug, otp::Env)]
struct Cfg {
    /// A number.
    ///
    /// Another paragraph.
    #[env(default = 80)]
    port: u16,
    #[env(default = "0.0.0.0:80")]
    address: SocketAddr,
    #[env(default = 1min)]
    patience: Duration,
    #[env(default = Duration::from_secs(3))]
    computed: Duration,
    #[env(default)]
    folder: PathBuf,
    #[env(default = Level::High)]
    level: Level,
    #[env(default = ["a", "b"])]
    names: Vec<String>,
    #[env(default = [1s, 2s])]
    steps: Vec<Duration>,
    #[env(default = Vec::new())]
    levels: Vec<Level>,
    #[env(default = "hunter2")]
    token: Secret<String>,
    tokens: Option<Vec<Secret<String>>>,
    wait: std::option::Option<std::time::Duration>,
    #[env(nested)]
    inner: Inner,
    #[cfg(any())]
    missing: Missing,
    #[env(compiled = "NOWHERE", default = "low")]
    built: Level,
}

fn main() {
    let config =
        Config::new().variables([("X_LEVEL", "low"), ("X_WAIT", "1h"), ("X_TOKENS", "a,b")]);
    let cfg: Cfg = config.read("x").unwrap();
    assert_eq!((cfg.port, cfg.patience, cfg.computed.as_secs()), (80, Duration::from_secs(60), 3));
    assert_eq!((cfg.level, cfg.built, cfg.inner.r#type), (Level::Low, Level::Low, 4));
    assert_eq!((cfg.names.len(), cfg.steps[1].as_secs(), cfg.levels.len()), (2, 2, 0));
    assert_eq!(
        (cfg.token.expose().as_str(), cfg.tokens.map(|all| all.len())),
        ("hunter2", Some(2))
    );
    assert_eq!(
        (cfg.address.port(), cfg.folder, cfg.wait),
        (80, PathBuf::new(), Some(Duration::from_secs(3600)))
    );
}
