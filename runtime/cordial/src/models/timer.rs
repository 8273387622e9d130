//! Timers: a message is delivered or taken back, and goes with its process.
use super::rig::{World, begin, block_on, explore, spawn};
use crate::exit::ExitReason;
use crate::process::{self, Mailbox, Message};
use std::time::Duration;

enum Tick {
    Due,
    Last,
}

impl Message for Tick {
    fn kind(&self) -> &'static str {
        "tick"
    }
}

/// It fires while it is cancelled.
#[test]
fn timer_is_cancelled_or_delivers() {
    explore(2, || {
        let world = World::new(1);
        let reader = process::spawn_monitor(async |mut mail: Mailbox<Tick>| {
            let mut due = 0_u8;
            while let Tick::Due = mail.next().await {
                due += 1;
            }
            ExitReason::custom(due)
        });
        let address = reader.1.address().clone();
        let timer = process::send_after(&address, Duration::ZERO, Tick::Due).expect("it lives");
        begin();
        let driver = {
            let node = world.node.clone();
            spawn(move || node.timers.fire_due())
        };
        let was_cancelled = process::cancel_timer(&timer).is_some();
        if !was_cancelled {
            // Then it is in the mailbox already.
            let _ = address.send(Tick::Last);
        }
        driver.join().expect("firing does not fail");
        if was_cancelled {
            let _ = address.send(Tick::Last);
        }
        let expected = ExitReason::custom(u8::from(!was_cancelled));
        assert_eq!(block_on(reader.1).reason, expected);
        drop(world);
    });
}

/// Its process dies while it is armed.
#[test]
fn timer_goes_with_its_process() {
    explore(2, || {
        let world = World::new(1);
        let reader = process::spawn_monitor(
            async |mut mail: Mailbox<Tick>| {
                while let Tick::Due = mail.next().await {}
            },
        );
        let address = reader.1.address().clone();
        begin();
        let killer = {
            let pid = reader.1.pid();
            spawn(move || process::exit(&pid, ExitReason::Kill))
        };
        let far = process::send_after(&address, Duration::from_secs(3_600), Tick::Due);
        assert_eq!(block_on(reader.1).reason, ExitReason::Killed);
        killer.join().expect("killing does not fail");
        drop(far);
        assert_eq!(world.node.timers(), 0);
        drop(world);
    });
}
