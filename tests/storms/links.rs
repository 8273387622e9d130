//! Links that are made while the other dies: who traps exits learns of it once, who does not goes
//! with it.
use crate::full_length::so_many;
use crate::monitors::{Kill, killer};
use crate::{Dice, Marker, a_while, over, player, storm, victim};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::{Pid, RawRef};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const RACES: u64 = so_many(1_000_000, 20_000) as u64;
const PLAYERS: u64 = 4;
/// Links that are there at once.
const BATCH: u64 = 64;

#[derive(Default)]
struct Seen {
    exits: AtomicU64,
    unlinked: AtomicU64,
    gone_along: AtomicU64,
    too_late: AtomicU64,
}

struct Linked {
    mail: Mailbox<Marker>,
    dice: Dice,
    killer: RawRef<Kill>,
    outstanding: HashSet<Pid>,
    /// Their exit may be in the mailbox already, once.
    unlinked: HashSet<Pid>,
    seen: Arc<Seen>,
}

impl Linked {
    async fn run(mut self) {
        process::trap_exit(true);
        for _ in 0..RACES / PLAYERS / BATCH {
            for _ in 0..BATCH {
                match self.dice.below(2) {
                    0 => self.learn().await,
                    _ => self.take_along().await,
                }
            }
            while !self.outstanding.is_empty() {
                let received = self.mail.receive().await;
                self.take(received);
            }
        }
        self.mail.send_self(Marker);
        loop {
            match self.mail.receive().await {
                Received::Message(Marker) => return,
                received => self.take(received),
            }
        }
    }

    /// This process traps exits.
    async fn learn(&mut self) {
        let other = self.doomed().await;
        process::link(&other).expect("who traps exits is told by a message");
        if self.dice.below(8) == 0 {
            process::unlink(&other);
            self.seen.unlinked.fetch_add(1, Relaxed);
            assert!(self.unlinked.insert(other), "a pid is given once");
        } else {
            assert!(self.outstanding.insert(other), "a pid is given once");
        }
    }

    /// Another process does not: it goes along with one that is killed.
    async fn take_along(&mut self) {
        let other = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await).1.pid();
        let (_, friend) = process::spawn_monitor(async move |mut mail: Mailbox<Marker>| {
            process::link(&other).map_err(|_| "it was gone")?;
            mail.next().await;
            Ok::<(), &str>(())
        });
        a_while(self.dice.below(3)).await;
        if self.dice.below(2) == 0 {
            process::exit(&other, ExitReason::Kill);
        } else {
            let _ = self.killer.send(Kill(other));
        }
        let went = match friend.await.reason {
            ExitReason::Killed => &self.seen.gone_along,
            _ => &self.seen.too_late,
        };
        went.fetch_add(1, Relaxed);
    }

    async fn doomed(&mut self) -> Pid {
        let other = victim(self.dice.below(3)).pid();
        if self.dice.below(3) == 0 {
            let _ = self.killer.send(Kill(other));
        }
        a_while(self.dice.below(3)).await;
        other
    }

    fn take(&mut self, received: Received<Marker>) {
        let Received::Exit(exit) = received else { panic!("not an EXIT") };
        let was_awaited = self.outstanding.remove(&exit.from);
        assert!(was_awaited || self.unlinked.remove(&exit.from), "a second EXIT of {}", exit.from);
        self.seen.exits.fetch_add(u64::from(was_awaited), Relaxed);
    }
}

/// PROC-13, PROC-15, PROC-24: a million races in full length.
#[test]
fn link_carries_one_exit_however_the_other_dies() {
    storm(async || {
        let (killer, seen) = (killer(), Arc::new(Seen::default()));
        over((1..=PLAYERS).map(|number| {
            let (killer, seen, dice) = (killer.clone(), seen.clone(), Dice::new(number));
            let (outstanding, unlinked) = (HashSet::new(), HashSet::new());
            player(|mail| Linked { mail, dice, killer, outstanding, unlinked, seen }.run())
        }))
        .await;
        process::exit(&killer, ExitReason::Kill);
        let read = |count: &AtomicU64| count.load(Relaxed);
        let (exits, unlinked) = (read(&seen.exits), read(&seen.unlinked));
        let (along, late) = (read(&seen.gone_along), read(&seen.too_late));
        println!("storm of links: {exits} EXIT, {unlinked} unlinked, {along} gone along");
        println!("storm of links: {late} linked to who was killed already");
        assert_eq!(exits + unlinked + along + late, RACES / PLAYERS / BATCH * BATCH * PLAYERS);
        assert!(exits > 0 && unlinked > 0 && along > 0);
    });
}
