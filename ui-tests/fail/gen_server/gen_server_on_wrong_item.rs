//! `#[gen_server]` on something else.

use cordial::prelude::*;

#[gen_server]
fn score() {}

fn main() {}
