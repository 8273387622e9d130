//! A field that does not say what becomes of it, and one that says it twice.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Mailer {
    #[inspect]
    password: String,
    #[inspect(skip)]
    #[inspect(redact)]
    code: String,
}

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
