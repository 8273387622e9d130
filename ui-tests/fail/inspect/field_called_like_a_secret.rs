//! Fields that are shown and called like secrets: of a `Debug`, and beside one that is redacted.

#![deny(deprecated)]

use cordial::prelude::*;

#[gen_server]
#[derive(Clone, Debug)]
struct Mailer {
    host: String,
    password: String,
}

#[gen_statem]
#[derive(Clone)]
struct Lock {
    #[inspect(redact)]
    code: String,
    api_key: Option<String>,
}

#[gen_statem(Locked)]
impl Lock {
    #[on(Locked)]
    #[cast]
    fn knock(&self) {}
}

#[derive(cordial::Inspect)]
struct Login {
    user: String,
    tokens: Vec<String>,
}

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
