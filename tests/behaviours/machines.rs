//! State machines that have behaviours: as servers do, and in every state.
use cordial::ExitReason;
use cordial::prelude::*;

/// What can be counted.
#[behaviour]
pub(crate) trait Counted {
    #[call]
    fn count(&self) -> usize;
    /// Whether it is open, and how often it was asked.
    #[call]
    async fn is_open(&mut self, ctx: &mut Ctx<Self>) -> (bool, usize);
    #[cast]
    fn add(&mut self, more: usize);
    #[cast]
    fn close(&mut self) -> Flow;
}

#[gen_statem]
#[derive(Clone, Default)]
pub(crate) struct Door {
    count: usize,
    asked: usize,
}

#[gen_statem(Locked | Open, behaviours(Counted))]
impl Door {
    #[on(Locked)]
    #[cast]
    pub(crate) fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[ignore]
    pub(crate) fn push();
    #[on(Locked)]
    #[postpone]
    pub(crate) fn pass();
    #[on(Open)]
    #[call]
    pub(crate) fn pass(&mut self) -> (usize, to![Locked]) {
        self.count += 1;
        (self.count, goto(Locked))
    }
}

impl Counted for Door {
    fn count(&self) -> usize {
        self.count
    }
    async fn is_open(&mut self, ctx: &mut Ctx<Self>) -> (bool, usize) {
        tokio::task::yield_now().await;
        self.asked += 1;
        (ctx.state() == DoorState::Open, self.asked)
    }
    fn add(&mut self, more: usize) {
        self.count += more;
    }
    fn close(&mut self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

async fn door() -> (DoorRef, CountedRef) {
    let door = Door::start(Door::default()).await.unwrap();
    (door.clone(), door.into())
}

/// The callbacks are of no state: they run in each, see it, and leave it as it is.
#[cordial::test]
async fn callbacks_run_in_every_state_and_leave_it() {
    let (door, counted) = door().await;
    counted.add(2);
    assert_eq!(counted.is_open().await, Ok((false, 1)));
    door.push();
    assert_eq!(counted.is_open().await, Ok((true, 2)));
    assert_eq!(counted.count().await, Ok(2));
    assert_eq!(door.pass().await, Ok(3));
    assert_eq!(counted.is_open().await, Ok((false, 3)));
}

/// What is postponed stays so while callbacks run: only another state brings it back.
#[cordial::test]
async fn callbacks_bring_nothing_back_that_was_postponed() {
    let (door, counted) = door().await;
    let passes = door.pass();
    counted.add(5);
    assert_eq!(counted.count().await, Ok(5));
    door.push();
    assert_eq!(passes.await, Ok(6));
}

/// A callback that returns `Flow::Stop` ends the machine.
#[cordial::test]
async fn callback_may_end_its_machine() {
    let (door, counted) = door().await;
    let down = cordial::process::monitor(&door);
    counted.close();
    assert_eq!(down.await.reason, ExitReason::Shutdown);
}
