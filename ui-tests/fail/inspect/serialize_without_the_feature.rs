//! JSON without the feature that makes it.

use cordial::prelude::*;

#[gen_server(inspect = Serialize)]
#[derive(Clone)]
struct Mailer;

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
