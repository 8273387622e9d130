//! Waits that would last for ever, and do not.
use cordial::prelude::*;
use cordial::{Task, TaskError};

#[gen_server]
#[derive(Clone, Default)]
struct Desk;

#[gen_server]
impl Desk {
    /// Awaits a task that asks this very desk.
    #[call]
    async fn circle(&mut self, ctx: &mut Ctx<Self>) -> (bool, bool) {
        let me = ctx.me();
        let task = Task::spawn(async move { me.ready().no_timeout().await });
        match task.no_timeout().await {
            Ok(answer) => (false, matches!(answer, Err(CallError::Deadlock(..)))),
            Err(error) => (matches!(error, TaskError::Deadlock(..)), false),
        }
    }

    /// The same with a bound of its own: that ends it.
    #[call]
    async fn bounded(&mut self, ctx: &mut Ctx<Self>) -> bool {
        let me = ctx.me();
        let task = Task::spawn(async move { me.ready().await.is_ok() });
        task.timeout(millis(50)).await.is_err_and(|error| error.is_timeout())
    }

    #[call]
    fn ready(&self) -> bool {
        true
    }
}

/// TASK-2: who awaits a task that calls him is told at once, and so is only one of the two.
#[cordial::test]
async fn circle_of_an_owner_and_its_task_is_told_at_once() {
    let desk = Desk::start(Desk).await.unwrap();
    let began = cordial::process::now();
    let (task_told, call_told) = desk.circle().await.unwrap();
    assert!(task_told != call_told, "{task_told} {call_told}");
    assert_eq!(cordial::process::now() - began, millis(0));
    assert_eq!(desk.bounded().await, Ok(true));
    assert_eq!(desk.ready().await, Ok(true));
}
