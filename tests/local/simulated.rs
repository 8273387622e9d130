//! Local servers under the simulation: in many orders, with faults.
use cordial::chaos::{Chaos, Faults, Phase, any_process, per_second};
use cordial::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// Two halves of a state that cannot leave its thread.
#[gen_server(local)]
struct Stock {
    pieces: Rc<RefCell<u32>>,
    same: Rc<RefCell<u32>>,
}

#[gen_server(local)]
impl Stock {
    #[init]
    fn init() -> Self {
        let pieces = Rc::default();
        Self { same: Rc::clone(&pieces), pieces }
    }

    #[cast]
    async fn deliver(&mut self, pieces: u32) {
        let same = self.same.clone();
        cordial::process::sleep(millis(5)).await;
        *same.borrow_mut() += pieces;
    }

    #[call]
    fn pieces(&self) -> u32 {
        *self.pieces.borrow()
    }

    #[call]
    async fn of_both(&self, other: StockRef) -> Option<u32> {
        let own = self.pieces.clone();
        let theirs = other.pieces().await.ok()?;
        Some(*own.borrow() + theirs)
    }

    #[terminate]
    async fn bye(&mut self) {
        cordial::process::sleep(millis(1)).await;
    }
}

supervisor! {
    Warehouse {
        max_restarts: 1000 in 1s,
        children: [first: Stock(), second: Stock()],
    }
}

#[cordial::chaos_test(seeds = 60, steps = 200)]
async fn local_servers_are_there_again_after_every_fault(mut c: Chaos) {
    let warehouse = c.local(async || Warehouse::start().await).await;
    c.always("two at most", |w| w.alive("Stock") <= 2);
    c.faults(
        Faults::swarm()
            .crash(any_process(), per_second(2.0))
            .panic_in(&[Phase::Init, Phase::Handle, Phase::Terminate, Phase::Drop], 0.02)
            .block(any_process(), 0.01, millis(50)..secs(2)),
    );
    for _ in 0..10 {
        warehouse.first.deliver(1);
        // An answer or an error, and never a hang.
        let _ = warehouse.first.of_both(warehouse.second.clone()).await;
        c.run_for(millis(100)).await;
    }
    c.heal().await;
    c.eventually(secs(1), "both are back", |w| w.alive("Stock") == 2).await;
    assert!(warehouse.first.of_both(warehouse.second.clone()).await.is_ok());
}
