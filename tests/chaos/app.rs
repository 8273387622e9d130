//! A tree under all faults: one server asks another, both tick, and they are restarted together.

use cordial::chaos::{Chaos, Faults, Phase, any_process, per_second};
use cordial::prelude::*;
use cordial::test::random;

#[gen_server]
#[derive(Clone, Default)]
pub(crate) struct Store {
    sum: u64,
}

#[gen_server(mailbox = 8, on_full = reject)]
impl Store {
    #[cast]
    pub(crate) fn add(&mut self, by: u64) {
        self.sum += by;
    }
    #[call]
    pub(crate) fn echo(&mut self, word: u64) -> u64 {
        word
    }
}

#[gen_server]
#[derive(Clone)]
pub(crate) struct Front {
    store: StoreRef,
}

#[gen_server]
impl Front {
    /// 0: the store did not answer.
    #[call]
    pub(crate) async fn ask(&mut self, word: u64) -> u64 {
        self.store.echo(word).await.unwrap_or(0)
    }
    #[cast]
    pub(crate) fn pass(&mut self, by: u64) {
        let _ = self.store.add(by).sent();
    }
    #[every(50ms)]
    fn tick(&mut self) {
        let _ = self.store.add(1).sent();
    }
    #[terminate]
    async fn good_bye(&mut self) {
        let _ = self.store.add(1).sent();
    }
}

supervisor! {
    pub(crate) App {
        strategy: RestForOne,
        max_restarts: 100_000 in 1s,
        children: [store: Store(Store::default()), front: Front(Front { store })],
    }
}

pub(crate) fn everything() -> Faults {
    let phases = [Phase::Init, Phase::Handle, Phase::Terminate, Phase::Drop];
    Faults::swarm()
        .crash(any_process().under("App"), per_second(5.0))
        .panic_in(&phases, 0.02)
        .block(any_process(), 0.02, millis(1)..millis(200))
        .slow_consumer(0.1, millis(5))
        .mailbox_full(0.05)
}

/// Five processes and forty operations; every answer is the one to its own question, or none.
pub(crate) async fn workload(mut c: Chaos) {
    let app = c.local(async || App::start().await).await;
    c.faults(everything());
    for word in 1..=40 {
        match random() % 5 {
            0 => {
                let answer = app.front.ask(word).await;
                assert!(matches!(answer, Ok(0) | Err(_)) || answer == Ok(word), "{answer:?}");
            }
            1 => {
                let answer = app.store.echo(word).await;
                assert!(answer.is_err() || answer == Ok(word), "{answer:?} to {word}");
            }
            2 => drop(app.front.ask(word)),
            3 => drop(app.store.echo(word).timeout(millis(3)).await),
            _ => drop(app.front.pass(word)),
        }
        if random().is_multiple_of(8) {
            c.run_for(millis(20)).await;
        }
    }
    c.heal().await;
    assert_eq!(app.front.ask(7).await, Ok(7));
}

#[cordial::chaos_test(seeds = 300, steps = 400)]
async fn tree_is_whole_again_after_every_fault(c: Chaos) {
    workload(c).await;
}

#[cordial::chaos_test(seeds = 100, steps = 300)]
async fn no_name_has_two_owners_and_nobody_is_left_behind(mut c: Chaos) {
    let app = c.local(async || App::start().await).await;
    c.always("one store and one front", |w| w.alive("Store") <= 1 && w.alive("Front") <= 1);
    c.always("one owner per name", |w| w.names().all(|name| name.owners() <= 1));
    c.faults(everything());
    for _ in 0..10 {
        app.front.pass(1);
        c.run_for(millis(100)).await;
    }
    c.heal().await;
    c.eventually(secs(10), "both are back", |w| w.alive("Store") + w.alive("Front") == 2).await;
    assert_eq!(app.front.ask(3).await, Ok(3));
}

/// The intensity is kept, and exceeded ends the tree, which is no failure of the runtime.
#[cordial::chaos_test(seeds = 100, steps = 300)]
async fn tree_that_crashes_too_often_gives_up_in_order(mut c: Chaos) {
    let tree = c
        .local(async || {
            let mut tree = Supervisor::builder().max_restarts(2, secs(1));
            let stores: Vec<_> = (0..4)
                .map(|at| tree.add(Store::child_spec(Store::default()).id(format!("s{at}"))))
                .collect();
            tree.start().await.map(|tree| (tree, stores))
        })
        .await;
    let down = cordial::process::monitor(&tree.0);
    c.faults(Faults::all().crash(any_process(), per_second(20.0)));
    c.run_for(secs(20)).await;
    assert_eq!(down.await.reason, ExitReason::Shutdown);
}
