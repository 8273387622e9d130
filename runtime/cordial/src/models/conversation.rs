//! The line of a conversation: what is said, and that somebody leaves, reaches who waits.
use super::rig::{World, begin, block_on, explore, spawn};
use crate::protocol::line::{Gone, Line, Role};
use std::future::poll_fn;
use std::sync::Arc;

fn hear(line: &Line<u8>, role: Role) -> Result<u8, Gone> {
    block_on(poll_fn(|cx| line.hear(role, cx)))
}

fn line(world: &World) -> Arc<Line<u8>> {
    Line::new(world.node.clone())
}

/// Who waits has said so before he sleeps, or finds what was said (S1).
#[test]
fn what_is_said_wakes_who_waits() {
    explore(4, || {
        let world = World::new(0);
        let line = line(&world);
        begin();
        let speaks = {
            let line = line.clone();
            spawn(move || {
                line.say(Role::First, 1);
                line.say(Role::First, 2);
                hear(&line, Role::First)
            })
        };
        assert_eq!(hear(&line, Role::Second), Ok(1));
        assert_eq!(hear(&line, Role::Second), Ok(2));
        line.say(Role::Second, 3);
        assert_eq!(speaks.join().expect("it hears"), Ok(3));
    });
}

/// Who leaves is told of behind what he said (S2), and wakes who waits for him (S3).
#[test]
fn who_leaves_wakes_who_waits() {
    explore(4, || {
        let world = World::new(0);
        let line = line(&world);
        begin();
        let leaves = {
            let line = line.clone();
            spawn(move || {
                line.say(Role::First, 1);
                line.leave(Role::First, Gone::Left);
            })
        };
        assert_eq!(hear(&line, Role::Second), Ok(1));
        assert_eq!(hear(&line, Role::Second), Err(Gone::Left));
        leaves.join().expect("leaving does not fail");
    });
}

/// What is said to who leaves meanwhile is heard by nobody, and who said it learns that.
#[test]
fn speaking_races_with_leaving() {
    explore(4, || {
        let world = World::new(0);
        let line = line(&world);
        begin();
        let leaves = {
            let line = line.clone();
            spawn(move || line.leave(Role::Second, Gone::Left))
        };
        line.say(Role::First, 1);
        assert_eq!(hear(&line, Role::First), Err(Gone::Left));
        leaves.join().expect("leaving does not fail");
    });
}
