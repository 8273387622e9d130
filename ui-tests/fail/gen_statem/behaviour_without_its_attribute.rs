//! A machine that has what is no behaviour.

use cordial::prelude::*;

pub trait Counted {
    fn count(&self) -> usize;
}

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open, behaviours(Counted))]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[ignore]
    fn push();
}

impl Counted for Door {
    fn count(&self) -> usize {
        0
    }
}

fn main() {}
