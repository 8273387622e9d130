//! Who descends from whom.
use crate::supervisor_support::living;
use crate::support::*;
use cordial::DynamicSupervisor;
use cordial::prelude::*;
use cordial::process::{self, Ancestor, Mailbox};

fn pids(ancestors: &[Ancestor]) -> Vec<Pid> {
    ancestors.iter().map(Ancestor::pid).collect()
}

/// PROC-42: a process knows its parent and those before, youngest first.
// break: PROC-42 runtime/cordial/src/process/signals.rs
//     `let up = inner.lineage.clone();` => `let up = None;`
#[test]
fn process_knows_the_chain_of_those_it_descends_from() {
    check_everywhere(async || {
        assert_eq!(process::ancestors(), []);
        in_process(async |mail| {
            assert_eq!(process::ancestors(), []);
            let eldest = mail.pid();
            let (_, middle) = process::spawn_monitor(async move |mail: Mailbox<()>| {
                assert_eq!(pids(&process::ancestors()), [eldest]);
                let middle = mail.pid();
                in_process(async move |_| {
                    assert_eq!(pids(&process::ancestors()), [middle, eldest]);
                })
                .await;
            });
            check_ends(middle, ExitReason::Normal).await;
        })
        .await;
    });
}

/// PROC-42: an ancestor is told by the name that it had when it started its child.
#[test]
fn ancestor_is_called_as_it_was_called_then() {
    check_everywhere(async || {
        in_process(async |mail| {
            let me = mail.pid();
            in_process(async |_| {
                assert_eq!(process::ancestors()[0].name(), None);
            })
            .await;
            process::register("ancestor", &me).unwrap();
            let (child, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
                mail.next().await;
                let [parent] = &process::ancestors()[..] else { panic!("one parent") };
                assert_eq!(parent.name(), Some("ancestor"));
                assert_eq!(format!("{parent} {parent:?}"), "ancestor ancestor");
            });
            process::unregister("ancestor").unwrap();
            child.send(());
            check_ends(ends, ExitReason::Normal).await;
            in_process(async move |_| {
                assert_eq!(process::ancestors()[0].to_string(), me.to_string());
            })
            .await;
        })
        .await;
    });
}

/// PROC-42: what a dead ancestor leaves is its pid in the chain.
#[test]
fn ancestors_are_known_when_they_have_ended() {
    check_everywhere(async || {
        let (from, answer) = ReplyTo::pair();
        let (orphan, parent) = {
            let (orphan, is_orphan) = ReplyTo::pair();
            let (_, parent) = process::spawn_monitor(async |_: Mailbox<()>| {
                orphan.reply(process::spawn(async |mut mail: Mailbox<()>| {
                    mail.next().await;
                    from.reply(process::ancestors());
                }));
            });
            (is_orphan.await.unwrap(), parent.await.pid)
        };
        orphan.send(());
        assert_eq!(pids(&answer.await.unwrap()), [parent]);
    });
}

/// A server that tells whom it descends from, as known in `init`.
#[gen_server]
struct Heir(Vec<Ancestor>);

#[gen_server]
impl Heir {
    #[init]
    fn new() -> Self {
        Self(process::ancestors())
    }

    #[cast]
    fn crash(&mut self) {
        panic!("as it should");
    }

    #[call]
    fn ancestors(&self) -> Vec<Ancestor> {
        assert_eq!(process::ancestors(), self.0);
        self.0.clone()
    }
}

supervisor! {
    Inner {
        children: [one: Heir, other: Heir],
    }
}

supervisor! {
    Outer {
        children: [inner: Inner],
    }
}

/// PROC-42: who asks for a child is not its parent, the supervisor is.
#[test]
fn dynamic_child_descends_from_its_supervisor_and_not_from_who_asked() {
    check_everywhere(async || {
        let heirs = DynamicSupervisor::start::<Heir>().await.unwrap();
        in_process(async move |_| {
            let heir = heirs.start_child(Heir::child_spec()).await.unwrap();
            let supervisor = process::info(&heirs).unwrap().pid;
            assert_eq!(pids(&heir.ancestors().await.unwrap()), [supervisor]);
        })
        .await;
    });
}

/// PROC-42: as OTP's `$ancestors`, the same for every child, and after a restart.
#[test]
fn supervised_server_descends_from_its_supervisors() {
    check_everywhere(async || {
        let tree = Outer::start().name("outer").await.unwrap();
        let expected = [living(&tree).await[0].1, process::whereis("outer").unwrap()];
        for heir in [&tree.inner.one, &tree.inner.other] {
            let ancestors = heir.ancestors().await.unwrap();
            assert_eq!(pids(&ancestors), expected);
            assert_eq!(ancestors[1].name(), Some("outer"));
        }
        let ends = process::monitor(&tree.inner.one);
        tree.inner.one.crash();
        ends.await;
        let again = loop {
            if let Ok(ancestors) = tree.inner.one.ancestors().await {
                break ancestors;
            }
        };
        assert_eq!(pids(&again), expected);
    });
}
