//! Which mail an arm is chosen for, and what the arm may do with it.
use crate::support::*;
use crate::{Post, post, rest, text};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};

/// Runs `body` as a process that gets its post.
async fn with_post<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<Post>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    check_ends(process::spawn_monitor(body).1, ExitReason::Normal).await;
}

/// PROC-9, TYP-9: of all mail the oldest that some arm takes, whichever arm; the rest stays.
// break: PROC-9 macros/src/receive.rs `Option::Some(#at) });` => `Option::Some(0) });`
#[test]
fn oldest_mail_that_an_arm_takes_is_taken_and_the_rest_keeps_its_order() {
    check_everywhere(async || {
        with_post(async |mut mail| {
            let all = [Post::Stop, text("a"), Post::Number(1), text("b"), Post::Number(5)];
            post(&mail, all);
            let first = receive! {
                mail,
                Post::Number(n) if n > 3 => format!("big {n}"),
                Post::Number(n) => format!("small {n}"),
            };
            assert_eq!(first, "small 1");
            let text = receive!(mail, Post::Text(text) if text != "a" => text);
            assert_eq!(text, "b");
            let left = [Post::Stop, crate::text("a"), Post::Number(5)];
            assert_eq!(rest(&mut mail).await, left);
        })
        .await;
    });
}

/// PROC-9: of the arms that would take the same mail it is the first.
#[test]
fn of_several_arms_the_first_in_the_list_is_chosen() {
    check_everywhere(async || {
        with_post(async |mut mail| {
            post(&mail, [Post::Number(3), Post::Number(3)]);
            let by = receive!(mail, Post::Number(3) => 1, Post::Number(_) => 2, _ => 3);
            assert_eq!(by, 1);
            let by = receive!(mail, Post::Stop => 1, Post::Number(_) => 2, Post::Number(3) => 3);
            assert_eq!(by, 2);
        })
        .await;
    });
}

/// PROC-9: what a pattern binds is moved out of the mail that is taken, and out of no other.
#[test]
fn bindings_are_moved_and_a_guard_only_looks_at_them() {
    struct Owned(Box<str>);
    impl cordial::Message for Owned {
        fn kind(&self) -> &'static str {
            "owned"
        }
    }
    check_everywhere(async || {
        in_process(async |_| {
            let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Owned>| {
                for name in ["ann", "bob", "cid"] {
                    mail.send_self(Owned(name.into()));
                }
                let wish = String::from("bob");
                let bob: Box<str> = receive!(mail, Owned(name) if *name == *wish => name);
                assert_eq!((&*bob, &*wish), ("bob", "bob"));
                let first: Owned = receive!(mail, owned => owned);
                assert_eq!(&*first.0, "ann");
                let cid = receive!(mail, Owned(mut name) => { name.make_ascii_uppercase(); name });
                assert_eq!(&*cid, "CID");
            });
            check_ends(ends, ExitReason::Normal).await;
        })
        .await;
    });
}

/// PROC-9: in a pattern with cases the guard decides which of them it is.
#[test]
fn guard_chooses_among_the_cases_of_a_pattern() {
    check_everywhere(async || {
        with_post(async |mut mail| {
            post(&mail, [Post::Pair(1, 2), Post::Pair(1, 9), Post::Stop]);
            let big = receive!(mail, Post::Pair(n, _) | Post::Pair(_, n) if n > 5 => n);
            assert_eq!(big, 9);
            let either = receive!(mail, Post::Stop | Post::Number(_) => "stop");
            assert_eq!(either, "stop");
            assert_eq!(rest(&mut mail).await, [Post::Pair(1, 2)]);
        })
        .await;
    });
}

/// PROC-9: a DOWN and an EXIT are taken by arms of their own, and by no other.
#[test]
fn down_and_exit_have_arms_of_their_own() {
    check_everywhere(async || {
        with_post(async |mut mail| {
            process::trap_exit(true);
            let (_, gone) = dead().await;
            let [one, other] = [gone; 2].map(|gone| process::monitor_message(&gone));
            process::exit(&mail.pid(), custom());
            post(&mail, [Post::Number(1)]);
            assert_eq!(receive!(mail, any => any), Post::Number(1));
            let reason = receive! {
                mail,
                Post::Stop => None,
                Down { monitor, reason, .. } if monitor == other => Some(reason),
            };
            assert_eq!(reason, Some(ExitReason::NoProc));
            let exit = receive!(mail, exit @ Exit { .. } => exit, after 0s => unreachable!());
            assert_eq!(exit.reason, custom());
            let monitor = receive!(mail, Down { monitor, .. } => monitor);
            assert_eq!(monitor, one);
        })
        .await;
    });
}

/// PROC-32: a DOWN that was flushed after it had been passed over is nobody's.
#[test]
fn flushed_down_is_not_taken() {
    check_everywhere(async || {
        with_post(async |mut mail| {
            let (_, gone) = dead().await;
            let monitor = process::monitor_message(&gone);
            post(&mail, [Post::Stop]);
            receive!(mail, Post::Stop => {});
            process::demonitor_flush(monitor);
            assert!(receive!(mail, Down { .. } => false, after 0s => true));
        })
        .await;
    });
}

/// TYP-9: an arm's value is code of the function around it.
#[test]
fn an_arm_may_return_break_wait_and_receive() {
    async fn numbers(mut mail: Mailbox<Post>, limit: u32) -> Result<(), String> {
        let mut sum = 0;
        let text = loop {
            let number = receive! {
                mail,
                Post::Number(n) => n,
                Post::Text(text) => break text,
                Post::Stop => return Err(format!("stopped at {sum}")),
                Post::Pair(a, b) => {
                    dead().await;
                    receive!(mail, Post::Number(n) if n > a.max(b) => n)
                }
            };
            if number == limit {
                continue;
            }
            sum += number;
        };
        let number: u32 = text.parse::<u32>().map_err(|error| error.to_string())?;
        assert_eq!(sum, number);
        Ok(())
    }
    check_everywhere(async || {
        let run = async |all: Vec<Post>| {
            let body = async |mail| {
                post(&mail, all);
                numbers(mail, 3).await
            };
            process::spawn_monitor(body).1.await.reason
        };
        let fine = vec![Post::Pair(1, 2), Post::Number(2), Post::Number(4), text("6")];
        assert_eq!(run(fine).await, ExitReason::Normal);
        let stopped = run(vec![Post::Number(3), Post::Number(1), Post::Stop]).await;
        assert_eq!(stopped.to_string(), "stopped at 1");
        assert_eq!(run(vec![text("x")]).await.to_string(), "invalid digit found in string");
    });
}

/// PROC-9: who has a `&mut` of the mailbox receives as its owner does.
#[test]
fn mailbox_may_be_borrowed_or_a_field() {
    struct Reader {
        mail: Mailbox<Post>,
    }
    impl Reader {
        async fn number(&mut self) -> u32 {
            receive!(self.mail, Post::Number(n) => n)
        }
    }
    async fn next_text(mail: &mut Mailbox<Post>) -> String {
        receive!(mail, Post::Text(text) => text)
    }
    check_everywhere(async || {
        with_post(async |mail| {
            post(&mail, [text("a"), Post::Number(1), text("b")]);
            let mut reader = Reader { mail };
            assert_eq!(reader.number().await, 1);
            assert_eq!(next_text(&mut reader.mail).await, "a");
            assert_eq!(receive!(&mut reader.mail, Post::Text(text) => text), "b");
        })
        .await;
    });
}

/// PROC-9: a guard that panics ends its process as any panic does.
#[test]
fn panic_in_a_guard_is_contained() {
    fn bad(_: u32) -> bool {
        panic!("no guard")
    }
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Post>| {
            post(&mail, [Post::Number(1)]);
            receive!(mail, Post::Number(n) if bad(n) => {});
        });
        assert_eq!(ends.await.reason.panic().unwrap().message(), "no guard");
    });
}
