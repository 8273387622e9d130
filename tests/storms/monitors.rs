//! Monitors that are set while the other dies: each fires once, unless it is taken away.
use crate::full_length::so_many;
use crate::{Dice, Marker, a_while, over, player, storm, victim};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::{MonitorRef, Pid, RawRef};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const RACES: u64 = so_many(1_000_000, 20_000) as u64;
const WATCHERS: u64 = 4;
/// Monitors that are outstanding at once.
const BATCH: u64 = 64;

/// Who is to be killed, by somebody who is not its watcher.
pub(crate) struct Kill(pub(crate) Pid);

impl cordial::Message for Kill {
    fn kind(&self) -> &'static str {
        "kill"
    }
}

pub(crate) fn killer() -> RawRef<Kill> {
    process::spawn(async |mut mail: Mailbox<Kill>| {
        loop {
            let Kill(pid) = mail.next().await;
            process::exit(&pid, ExitReason::Kill);
        }
    })
}

#[derive(Default)]
struct Seen {
    downs: AtomicU64,
    taken_away: AtomicU64,
    of_the_dead: AtomicU64,
    killed: AtomicU64,
}

struct Watcher {
    mail: Mailbox<Marker>,
    dice: Dice,
    killer: RawRef<Kill>,
    outstanding: HashSet<MonitorRef>,
    seen: Arc<Seen>,
}

impl Watcher {
    async fn run(mut self) {
        for _ in 0..RACES / WATCHERS / BATCH {
            for _ in 0..BATCH {
                self.race().await;
            }
            while !self.outstanding.is_empty() {
                self.take_down().await;
            }
        }
        // Nothing comes that was not awaited.
        self.mail.send_self(Marker);
        assert!(
            matches!(self.mail.receive().await, Received::Message(Marker)),
            "one DOWN too many"
        );
    }

    async fn race(&mut self) {
        let other = victim(self.dice.below(3));
        if self.dice.below(3) == 0 {
            let _ = self.killer.send(Kill(other.pid()));
        }
        a_while(self.dice.below(3)).await;
        if self.dice.below(8) == 0 {
            let down = process::monitor(&other.pid()).await;
            assert_eq!(down.pid, other.pid());
            return self.note(&down.reason);
        }
        let monitor = process::monitor_message(&other.pid());
        if self.dice.below(8) == 0 {
            process::demonitor_flush(monitor);
            self.seen.taken_away.fetch_add(1, Relaxed);
        } else {
            assert!(self.outstanding.insert(monitor), "a reference is given once");
        }
    }

    async fn take_down(&mut self) {
        let Received::Down(down) = self.mail.receive().await else { panic!("not a DOWN") };
        assert!(self.outstanding.remove(&down.monitor), "a second DOWN, or one taken away");
        self.note(&down.reason);
    }

    fn note(&self, reason: &ExitReason) {
        self.seen.downs.fetch_add(1, Relaxed);
        match reason {
            ExitReason::NoProc => _ = self.seen.of_the_dead.fetch_add(1, Relaxed),
            ExitReason::Killed => _ = self.seen.killed.fetch_add(1, Relaxed),
            ExitReason::Normal => {}
            other => panic!("{other}"),
        }
    }
}

/// PROC-28, PROC-29, PROC-32: a million races in full length.
#[test]
fn monitor_fires_once_however_the_other_dies() {
    storm(async || {
        let (killer, seen) = (killer(), Arc::new(Seen::default()));
        over((1..=WATCHERS).map(|number| {
            let (killer, seen, dice) = (killer.clone(), seen.clone(), Dice::new(number));
            player(|mail| Watcher { mail, dice, killer, outstanding: HashSet::new(), seen }.run())
        }))
        .await;
        process::exit(&killer, ExitReason::Kill);
        let read = |count: &AtomicU64| count.load(Relaxed);
        let (downs, taken_away) = (read(&seen.downs), read(&seen.taken_away));
        let (dead, killed) = (read(&seen.of_the_dead), read(&seen.killed));
        println!("storm of monitors: {downs} DOWN ({dead} of the dead, {killed} killed)");
        println!("storm of monitors: {taken_away} taken away");
        assert_eq!(downs + taken_away, RACES / WATCHERS / BATCH * BATCH * WATCHERS);
        assert!(dead > 0 && killed > 0 && dead + killed < downs, "each side wins now and then");
    });
}
