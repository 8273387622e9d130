//! The end of a life, against those who tie themselves to it at that moment: links, monitors and
//! names see it before or after, never in between.
use super::rig::{World, begin, block_on, explore, spawn};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::{self, Mailbox, Received, Spawned};

fn victim() -> Spawned<()> {
    process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await).1
}

fn killer(of: Pid) -> super::rig::thread::JoinHandle<()> {
    spawn(move || process::exit(&of, ExitReason::Kill))
}

/// It is told under the lock under which the other's list is read, or that there is nobody (C6).
#[test]
fn monitor_of_who_dies_fires() {
    explore(2, || {
        let world = World::new(1);
        let victim = victim();
        begin();
        let killer = killer(victim.pid());
        let down = block_on(process::monitor(&victim.pid()));
        assert_eq!(down.pid, victim.pid());
        assert!(matches!(down.reason, ExitReason::Killed | ExitReason::NoProc), "{}", down.reason);
        assert_eq!(block_on(victim).reason, ExitReason::Killed);
        killer.join().expect("killing does not fail");
        drop(world);
    });
}

/// As a message, once.
#[test]
fn monitor_of_who_dies_sends_one_down() {
    explore(1, || {
        let world = World::new(2);
        let victim = victim();
        let pid = victim.pid();
        begin();
        let watcher = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            let monitor = process::monitor_message(&pid);
            let Received::Down(down) = mail.receive().await else { return Err("no DOWN") };
            if down.monitor != monitor {
                return Err("the DOWN of another");
            }
            mail.send_self(());
            match mail.receive().await {
                Received::Message(()) => Ok(()),
                _ => Err("a second DOWN"),
            }
        });
        process::exit(&pid, ExitReason::Kill);
        assert_eq!(block_on(watcher.1).reason, ExitReason::Normal);
        drop(world);
    });
}

/// Who links to one that dies goes with it, or is told that it is gone.
#[test]
fn link_to_who_dies_carries_its_end() {
    explore(1, || {
        let world = World::new(2);
        let victim = victim();
        let pid = victim.pid();
        begin();
        let friend = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            process::link(&pid).map_err(|_| "gone")?;
            mail.next().await;
            Ok::<(), &str>(())
        });
        process::exit(&pid, ExitReason::Kill);
        let down = block_on(friend.1);
        assert_ne!(down.reason, ExitReason::Normal);
        drop(world);
    });
}

/// Two that are linked while both are killed.
#[test]
fn link_between_two_that_die_leaves_nobody() {
    explore(2, || {
        let world = World::new(1);
        let victim = victim();
        let pid = victim.pid();
        let friend = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            let _ = process::link(&pid);
            mail.next().await;
        });
        begin();
        let killer = killer(friend.1.pid());
        process::exit(&pid, ExitReason::Kill);
        assert_ne!(block_on(friend.1).reason, ExitReason::Normal);
        assert_ne!(block_on(victim).reason, ExitReason::Normal);
        killer.join().expect("killing does not fail");
        drop(world);
    });
}

/// A name given to one that dies is free when its end is known.
#[test]
fn name_given_to_who_dies_is_free_afterwards() {
    explore(2, || {
        let world = World::new(1);
        let victim = victim();
        begin();
        let killer = killer(victim.pid());
        let given = process::register("storm", &victim.pid());
        let pid = victim.pid();
        assert_eq!(block_on(victim).reason, ExitReason::Killed);
        // Who was there in time has had it, who was not is told.
        drop(given);
        assert_eq!(process::whereis("storm").filter(|owner| *owner == pid), None);
        killer.join().expect("killing does not fail");
        drop(world);
    });
}

/// Two want one name.
#[test]
fn name_has_one_owner() {
    explore(2, || {
        let world = World::new(1);
        let (one, two) = (victim(), victim());
        let (first, second) = (one.pid(), two.pid());
        begin();
        let other = spawn(move || process::register("storm", &first).is_ok());
        let own = process::register("storm", &second).is_ok();
        let theirs = other.join().expect("registering does not fail");
        assert!(own != theirs, "one of the two has it");
        let owner = process::whereis("storm");
        assert_eq!(owner, Some(if own { second } else { first }));
        drop(world);
    });
}
