//! Under all lints that a careful crate turns on, nothing is said about what is generated.

#![deny(warnings, missing_docs, missing_debug_implementations, missing_copy_implementations)]
#![deny(unreachable_pub, unused_qualifications, unused_lifetimes, elided_lifetimes_in_paths)]
#![deny(unused_import_braces, single_use_lifetimes, trivial_casts, variant_size_differences)]
#![deny(clippy::pedantic, unsafe_code, non_ascii_idents)]

use cordial::prelude::*;

/// A door.
#[gen_statem(restart = Transient, shutdown = brutal_kill)]
#[derive(Clone, Debug)]
pub struct Door {
    code: Vec<u8>,
}

/// Somebody knocks.
#[derive(Clone, Copy, Debug)]
pub struct Knock;

#[gen_statem(Locked | Open | Broken, mailbox = 100)]
impl Door {
    /// Presses a button.
    #[on(Locked)]
    #[cast]
    pub fn button(&mut self, digit: u8) -> to![Locked | Open] {
        self.code.push(digit);
        goto(Open)
    }
    /// Does nothing.
    #[on(Open | Broken)]
    #[cast]
    pub fn button(&mut self, _digit: u8) {}
    /// Locks it.
    #[on(Open)]
    #[call(timeout = 2s)]
    pub fn lock(&mut self) -> (usize, to![Locked]) {
        (self.code.len(), goto(Locked))
    }
    #[on(Locked)]
    #[postpone]
    pub fn lock();
    #[on(Broken)]
    #[ignore]
    pub fn lock();
    #[on(Open)]
    #[after(secs(5))]
    fn relock(&mut self) -> to![Locked | Broken] {
        if self.code.is_empty() { goto(Locked) } else { goto(Broken) }
    }
    #[on(_)]
    #[idle(1min)]
    async fn boring(&mut self, ctx: &mut Ctx<Self>) {
        ctx.next_event(DoorMsg::Button { digit: 1 });
    }
    #[on(_)]
    #[info]
    fn knock(&mut self, _: Knock) -> Flow {
        Flow::Continue
    }
    /// What the state is.
    #[on(_)]
    #[call]
    #[deprecated = "look at the door"]
    pub fn look(&self, ctx: &mut Ctx<Self>) -> DoorState {
        ctx.state()
    }
    #[enter(Open)]
    fn entered(&mut self, old: DoorState, ctx: &mut EnterCtx<'_, Self>) {
        if old != ctx.state() {
            ctx.timeout(millis(3));
        }
    }
    #[terminate]
    fn terminate(&mut self, _reason: &ExitReason) {}
}

fn main() {
    let _ = Door::child_spec(Door { code: Vec::new() });
}
