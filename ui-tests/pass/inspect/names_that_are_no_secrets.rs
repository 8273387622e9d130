//! What nobody is warned of: what is shown on purpose or not at all, counts, and keys of maps.

#![deny(warnings)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cordial::inspect::{Inspect, Inspected};
use cordial::prelude::*;

/// Each says what becomes of it, or is none.
#[gen_server]
#[derive(Clone, Debug)]
struct Said {
    #[inspect(redact)]
    password: String,
    #[inspect(skip)]
    secret: String,
    #[inspect(show)]
    public_key: String,
    keys: HashMap<String, u8>,
    key: String,
    tokens: u32,
    token_age: Option<Duration>,
    token_since: Instant,
    #[allow(deprecated)]
    session_token: String,
}

#[gen_server]
impl Said {
    #[call]
    fn all(&self) -> String {
        let Self { password, secret, public_key, keys, key, session_token, .. } = self;
        let times = (self.tokens, self.token_age, self.token_since);
        format!("{password}{secret}{public_key}{keys:?}{key}{session_token}{times:?}")
    }
}

/// It has no `Debug`.
#[gen_server]
#[derive(Clone)]
struct Silent {
    password: String,
}

#[gen_server]
impl Silent {
    #[call]
    fn all(&self) -> String {
        self.password.clone()
    }
}

/// It says itself what is shown.
#[gen_server]
#[derive(Clone, Debug)]
struct ByHand {
    token: String,
}

impl Inspect for ByHand {
    fn inspect(&self) -> Inspected {
        Inspected::text("nothing")
    }
}

#[gen_server]
impl ByHand {
    #[call]
    fn all(&self) -> String {
        self.token.clone()
    }
}

/// Nothing is shown of it.
#[gen_server(inspect = type_name)]
#[derive(Clone, Debug)]
struct Shut {
    token: String,
}

#[gen_server]
impl Shut {
    #[call]
    fn all(&self) -> String {
        self.token.clone()
    }
}

/// Of a state machine, and of any type.
#[derive(Clone, Debug, Inspect)]
struct Part {
    #[inspect(redact)]
    token: String,
}

#[gen_statem]
#[derive(Clone, Debug)]
struct Lock {
    #[inspect(skip)]
    secret: String,
    part: Part,
}

#[gen_statem(Locked)]
impl Lock {
    #[on(Locked)]
    #[call]
    fn all(&self) -> String {
        format!("{}{}", self.secret, self.part.token)
    }
}

fn main() {}
