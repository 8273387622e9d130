//! A word that there is not, of a server and of a derive.

use cordial::Inspect;
use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Mailer {
    #[inspect(redacted)]
    password: String,
}

#[derive(Inspect)]
struct Login {
    #[inspect(skipp)]
    token: String,
    #[inspect(hide)]
    code: String,
}

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
