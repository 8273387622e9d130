//! What can be seen of a process from outside.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Status};

/// PROC-41
// break: PROC-41 runtime/cordial/src/process/signals.rs `ext.doom.is_none().then(|| Info {`
//     => `Some(Info {`
#[test]
fn info_of_the_dead_is_none() {
    check_everywhere(async || {
        let (address, pid) = dead().await;
        assert_eq!(process::info(&address), None);
        assert_eq!(process::info(&pid), None);
        assert_eq!(process::info("nobody"), None);
        let (doomed, ends) = idler();
        process::exit(&doomed, ExitReason::Kill);
        assert_eq!(process::info(&doomed), None);
        ends.await;
    });
}

/// PROC-41: all that there is of a process that has nothing.
#[test]
fn info_of_a_fresh_process_is_empty() {
    check_everywhere(async || {
        let (idle, ends) = idler();
        let info = process::info(&idle).unwrap();
        assert_eq!((info.pid, info.registered_name, info.label), (ends.pid(), None, None));
        assert_eq!((info.links, info.monitors, info.monitored_by), (vec![], vec![], vec![]));
        assert_eq!((info.message_queue_len, info.trap_exit), (0, false));
        assert_eq!(info.ancestors, []);
    });
}

/// PROC-41: links, monitors, name and parent, seen from both sides.
#[test]
fn info_tells_whom_a_process_is_tied_to() {
    check_everywhere(async || {
        in_process(async |mail| {
            let me = mail.pid();
            process::register("tied", &me).unwrap();
            process::trap_exit(true);
            let child = process::spawn_link(async |mut mail: Mailbox<()>| mail.next().await);
            let monitors = [(); 2].map(|()| process::monitor_message(&child));
            let other = child.pid().unwrap();

            let mine = process::info("tied").unwrap();
            assert_eq!(mine.registered_name.as_deref(), Some("tied"));
            assert_eq!((mine.links, mine.monitors), (vec![other], vec![other; 2]));
            assert!(mine.trap_exit && mine.status == Status::Running);
            let theirs = process::info(&child).unwrap();
            assert_eq!((theirs.parent(), &theirs.links), (Some(me), &vec![me]));
            assert_eq!(theirs.monitored_by, [me; 2]);
            assert_eq!(theirs.ancestors[0].name(), Some("tied"));

            process::unlink(&child);
            process::demonitor(monitors[0]);
            let mine = process::info(&me).unwrap();
            assert_eq!((mine.links, mine.monitors), (vec![], vec![other]));
            process::exit(&child, ExitReason::Kill);
        })
        .await;
    });
}

/// PROC-41: a process that waits for something else counts all its mail, skipped mail too.
#[test]
fn info_counts_the_mail_that_waits() {
    check_everywhere(async || {
        let (reader, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<u32>>| {
            mail.receive_if(|n| n.0 == 9).await;
            assert_eq!(mail.next().await, Note(0));
            std::future::pending::<()>().await;
        });
        let waits_with = async |mail| loop {
            dead().await;
            let info = process::info(&reader).unwrap();
            if info.status == Status::Waiting && info.message_queue_len == mail {
                break;
            }
        };
        (0..5).for_each(|n| _ = reader.send(Note(n)));
        waits_with(5).await;
        (5..10).for_each(|n| _ = reader.send(Note(n)));
        reader.send(Note(10));
        dead().await;
        process::exit(&reader, ExitReason::Kill);
        ends.await;
    });
}

/// PROC-41
#[test]
fn label_is_none_until_it_is_set() {
    check_everywhere(async || {
        in_process(async |mail| {
            let me = mail.address();
            assert_eq!(process::label(&me), None);
            process::set_label("import of may");
            assert_eq!(process::label(&me).as_deref(), Some("import of may"));
            process::set_label(7);
            assert_eq!(process::info(&me).unwrap().label.as_deref(), Some("7"));
        })
        .await;
        let (_, gone) = dead().await;
        assert_eq!(process::label(&gone), None);
    });
}
