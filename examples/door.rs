//! Run with `cargo run -p cordial-examples --example door`: a door with a code lock, as a state
//! machine. It checks what happens and exits non-zero when that is wrong.

use std::error::Error;
use std::time::Duration;

use cordial::gen_statem;
use cordial::prelude::*;
use cordial::process;

/// A door that opens for its code, and locks itself again.
#[gen_statem(restart = Transient)]
pub struct Door {
    code: Vec<u8>,
    entered: Vec<u8>,
    grace: Duration,
    tries: usize,
}

#[gen_statem(Locked | Open)]
impl Door {
    #[init]
    fn init(code: Vec<u8>, grace: Duration) -> Self {
        Self { code, entered: Vec::new(), grace, tries: 0 }
    }

    /// Presses a button of the lock.
    #[on(Locked)]
    #[cast]
    pub fn button(&mut self, digit: u8) -> to![Locked | Open] {
        self.entered.push(digit);
        if self.entered.len() < self.code.len() {
            return keep_state();
        }
        self.tries += 1;
        if self.entered == self.code {
            return goto(Open);
        }
        self.entered.clear();
        keep_state()
    }
    #[on(Open)]
    #[ignore]
    pub fn button();

    /// Whoever takes too long to type begins anew.
    #[on(Locked)]
    #[idle(10s)]
    fn forgotten(&mut self) {
        self.entered.clear();
    }

    /// Locks the door, and tells how often somebody has tried to open it. While it is locked this
    /// waits until somebody has opened it.
    #[on(Open)]
    #[call]
    pub fn lock(&mut self) -> (usize, to![Locked]) {
        (self.tries, goto(Locked))
    }
    #[on(Locked)]
    #[postpone]
    pub fn lock();

    #[on(Open)]
    #[after(self.grace)]
    fn relock(&mut self) -> to![Locked] {
        goto(Locked)
    }

    #[enter(_)]
    fn entered(&mut self, ctx: &mut EnterCtx<'_, Self>) {
        self.entered.clear();
        println!("the door is {:?}", ctx.state());
    }

    /// How often somebody has typed a whole code.
    #[on(_)]
    #[call]
    pub fn tries(&self) -> usize {
        self.tries
    }
}

/// Types a code.
fn enter(door: &DoorRef, code: [u8; 4]) {
    for digit in code {
        door.button(digit);
    }
}

async fn state(door: &DoorRef) -> Result<DoorState, Box<dyn Error>> {
    Ok(gen_statem::with_state(door, |state, _| *state).await?)
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let door = Door::start(vec![1, 2, 3, 4], millis(50)).await?;
    assert_eq!(state(&door).await?, DoorState::Locked);

    enter(&door, [1, 1, 1, 1]);
    assert_eq!((door.tries().await?, state(&door).await?), (1, DoorState::Locked));

    // Whoever wants to lock the locked door waits until somebody has opened it.
    let locked = door.lock();
    enter(&door, [1, 2, 3, 4]);
    let tries = locked.await?;
    println!("locked again, after {tries} tries");
    assert_eq!((tries, state(&door).await?), (2, DoorState::Locked));

    // Left open, it locks itself.
    enter(&door, [1, 2, 3, 4]);
    assert_eq!(state(&door).await?, DoorState::Open);
    while state(&door).await? == DoorState::Open {
        process::sleep(millis(10)).await;
    }
    assert_eq!(door.tries().await?, 3);
    println!("it has locked itself");
    Ok(())
}
