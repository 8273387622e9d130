//! An `impl` for a type without a name.

use cordial::prelude::*;

trait Score {}

#[gen_server]
impl dyn Score {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

fn main() {}
