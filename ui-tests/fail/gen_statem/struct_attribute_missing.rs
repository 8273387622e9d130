//! The struct of a machine is not marked.

use cordial::prelude::*;

struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn open(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[ignore]
    fn open();

    #[on(Open)]
    #[info]
    fn wind(&mut self, _force: u32) -> to![Locked] {
        goto(Locked)
    }
    #[on(Locked)]
    #[ignore]
    fn wind();
}

fn main() {}
