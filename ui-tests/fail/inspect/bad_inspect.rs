//! A rendering that there is not.

use cordial::prelude::*;

#[gen_server(inspect = Display)]
#[derive(Clone)]
struct Mailer;

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
