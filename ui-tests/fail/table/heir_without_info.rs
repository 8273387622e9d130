//! An heir that does not take what it would get.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, protected, heir = Keeper }

#[gen_server]
struct Keeper;

#[gen_server]
impl Keeper {
    #[call]
    fn nothing(&self) {}
}

fn main() {}
