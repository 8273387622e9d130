//! What the state is shown by, on the `impl`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone, Debug)]
struct Mailer;

#[gen_server(inspect = Debug)]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
