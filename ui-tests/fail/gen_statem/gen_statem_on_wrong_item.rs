//! A state machine that is no struct.

use cordial::prelude::*;

#[gen_statem]
fn door() {}

fn main() {}
