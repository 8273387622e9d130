//! Handles and probes of behaviours live across awaits in futures that go to other threads.

use cordial::prelude::*;

#[behaviour]
trait Clock {
    #[call]
    async fn now(&self) -> u64 {
        std::future::ready(()).await;
        7
    }
}

#[gen_server]
#[derive(Clone)]
struct Watch;

#[gen_server(behaviours(Clock))]
impl Watch {}

impl Clock for Watch {}

async fn ask(clock: ClockRef) -> u64 {
    let first = clock.now().await.unwrap_or(0);
    first + clock.now().await.unwrap_or(0)
}

#[cordial::main(workers = 1)]
async fn main() {
    let watch = Watch::start(Watch).await.unwrap();
    let task = cordial::Task::spawn(ask(watch.into()));
    assert_eq!(task.await, Ok(14));
}
