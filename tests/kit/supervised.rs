//! `start_supervised!` and `stop_supervised!`: what a test starts ends in order and leaves nothing.
use crate::support::{Lamp, Notes, check_failure, failure_of, failure_on, text_of};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{probe, restarted, start_supervised, stop_supervised};
use cordial::{DynamicSpec, Node};

#[gen_server]
#[derive(Clone)]
struct Part {
    name: &'static str,
    notes: Notes,
}

#[gen_server]
impl Part {
    #[init]
    fn init(name: &'static str, notes: Notes) -> Result<Self, String> {
        if name == "broken" { Err("no light".to_owned()) } else { Ok(Self { name, notes }) }
    }
    #[cast]
    fn spawn(&self) {
        process::spawn(async |mut mail: Mailbox<()>| mail.next().await);
    }
    #[cast]
    fn spawn_link(&self) {
        process::spawn_link(async |mut mail: Mailbox<()>| mail.next().await);
    }
    #[info]
    fn exit(&self, _: Exit) {}
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.notes.write(format!("{}: {reason}", self.name));
    }
}

supervisor! {
    Parts(notes: Notes) {
        children: [
            left: Part("left", notes),
        ],
    }
}

#[cordial::test]
async fn start_supervised_gives_the_handle_of_every_kind_of_child() {
    let notes = Notes::default();
    let part = start_supervised!(Part::child_spec("one", notes.clone()));
    let tree = start_supervised!(Parts::child_spec(notes.clone()));
    let parts = start_supervised!(DynamicSpec::<Part>::new().id("parts"));
    let more = parts.start_child(("more", notes.clone())).await.unwrap();
    assert_eq!(notes.take(), [""; 0]);
    cordial::test::sync(&part).await;
    cordial::test::sync(&tree.left).await;
    cordial::test::sync(&more).await;
}

#[cordial::test]
async fn supervised_process_is_restarted_as_often_as_it_crashes() {
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()));
    for _ in 0..20 {
        lamp.burst();
        restarted(&lamp).await;
    }
}

#[cordial::test]
async fn stop_supervised_stops_the_last_one_first() {
    let notes = Notes::default();
    for name in ["a", "b", "c"] {
        start_supervised!(Part::child_spec(name, notes.clone()).id(name));
    }
    stop_supervised!();
    assert_eq!(notes.take(), ["c: shutdown", "b: shutdown", "a: shutdown"]);
    assert_eq!(Node::current().unwrap().processes(), 0);
    stop_supervised!();
    start_supervised!(Part::child_spec("again", notes));
}

#[cordial::test]
async fn stop_supervised_stops_one_and_its_id_is_free() {
    let notes = Notes::default();
    let one = start_supervised!(Part::child_spec("one", notes.clone()));
    let two = start_supervised!(Part::child_spec("two", notes.clone()).id("two").temporary());
    stop_supervised!(one);
    stop_supervised!(two);
    assert_eq!(notes.take(), ["one: shutdown", "two: shutdown"]);
    start_supervised!(Part::child_spec("one again", notes.clone()));
    start_supervised!(Part::child_spec("two again", notes).id("two"));
}

/// What the probe stands in for may be called to the last.
#[test]
fn supervised_processes_end_before_all_others_of_the_test() {
    let notes = Notes::default();
    cordial::__private::run_test(None, async {
        start_supervised!(Part::child_spec("first", notes.clone()));
        Part::start("later", notes.clone()).await.unwrap();
        start_supervised!(Part::child_spec("last", notes.clone()).id("last"));
    });
    assert_eq!(notes.take(), ["last: shutdown", "first: shutdown", "later: shutdown"]);
}

#[test]
fn start_supervised_says_what_did_not_start_and_why() {
    check_failure(
        async || {
            start_supervised!(Part::child_spec("broken", Notes::default()));
        },
        "start_supervised!: expected `Part::child_spec(\"broken\", Notes::default())` to start: \
         the child did not start: `init` failed: no light",
    );
    check_failure(
        async || {
            start_supervised!(Lamp::child_spec(Lamp::default()));
            start_supervised!(Lamp::child_spec(Lamp::default()));
        },
        "start_supervised!: expected `Lamp::child_spec(Lamp::default())` to start: \
         a child with this id runs as <pid>",
    );
}

#[test]
fn stop_supervised_says_that_it_was_not_started_so() {
    check_failure(
        async || {
            let (lamp, _probe) = probe::<Lamp>();
            start_supervised!(Lamp::child_spec(Lamp::default()));
            stop_supervised!(lamp);
        },
        "stop_supervised!(lamp): it is no child that `start_supervised!` has started",
    );
}

#[test]
fn stop_supervised_names_the_process_that_is_left() {
    let text = failure_of(async || {
        let part = start_supervised!(Part::child_spec("part", Notes::default()));
        part.spawn();
        cordial::test::sync(&part).await;
        stop_supervised!();
    });
    let expected = "stop_supervised!: expected no process to be left, but alive are `()` <";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("what should end with its starter is linked to it or supervised"));
    assert!(text.contains("(started by <"), "{text}");
}

#[test]
fn stop_supervised_of_one_finds_what_that_one_has_left() {
    let text = failure_of(async || {
        let part = start_supervised!(Part::child_spec("part", Notes::default()));
        part.spawn();
        cordial::test::sync(&part).await;
        stop_supervised!(part);
    });
    let expected = "stop_supervised!(part): expected no process to be left, but alive are `()`";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn end_of_the_test_finds_what_is_left_too() {
    let leak = async || {
        let part = start_supervised!(Part::child_spec("part", Notes::default()));
        part.spawn();
        cordial::test::sync(&part).await;
    };
    for workers in [None, Some(2)] {
        let text = failure_on(workers, leak);
        let expected = "at the end of the test: expected no process to be left";
        assert!(text.starts_with(expected), "{text}");
    }
}

#[cordial::test]
async fn linked_process_ends_with_who_started_it() {
    let part = start_supervised!(Part::child_spec("part", Notes::default()));
    part.spawn_link();
    cordial::test::sync(&part).await;
    stop_supervised!();
}

#[test]
fn start_supervised_needs_a_test() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            start_supervised!(Lamp::child_spec(Lamp::default()));
        });
    });
    let text = text_of(std::panic::catch_unwind(started).unwrap_err());
    assert!(text.starts_with("only a `#[cordial::test]` has a supervisor of its own"), "{text}");
}
