//! Handlers as plain methods, with `ReplyTo::pair` and `Ctx::detached`.
use cordial::Node;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{advance, expect_cast, refute_receive};

#[derive(Debug, PartialEq)]
struct Bell(u32);

#[gen_server]
#[derive(Default)]
struct Desk {
    log: Vec<String>,
}

#[gen_server]
impl Desk {
    #[cast]
    fn ring_later(&mut self, ctx: &mut Ctx<Self>) {
        ctx.send_after(mins(5), Bell(1));
        ctx.me().ring_later();
    }
    #[cast]
    fn watch(&mut self, whom: Pid, ctx: &mut Ctx<Self>) {
        ctx.monitor(&whom);
    }
    #[cast]
    fn tidy_up(&mut self, ctx: &mut Ctx<Self>) -> Flow {
        ctx.continue_with(2_u32);
        Flow::Continue
    }
    #[call]
    async fn leave(&mut self, word: &str, from: ReplyTo<String>, ctx: &mut Ctx<Self>) {
        std::future::ready(()).await;
        from.reply(word.to_uppercase());
        ctx.stop(ExitReason::custom("gone"));
    }
    #[info]
    fn bell(&mut self, _: Bell) {}
    #[info]
    fn down(&mut self, _: Down) {}
    #[info]
    fn exit(&mut self, _: Exit) {}
    #[handle_continue]
    fn more(&mut self, left: u32, ctx: &mut Ctx<Self>) -> Flow {
        self.log.push(format!("{left} left"));
        match left.checked_sub(1) {
            Some(left) => {
                ctx.continue_with(left);
                Flow::Continue
            }
            None => Flow::Stop(ExitReason::Normal),
        }
    }
}

#[cordial::test]
async fn handler_answers_and_asks_to_stop_as_a_method() {
    let (mut desk, mut ctx) = (Desk::default(), Ctx::detached());
    let (from, answer) = ReplyTo::pair();
    desk.leave("bye", from, &mut ctx).await;
    assert_eq!(answer.await.as_deref(), Some("BYE"));
    assert_eq!(ctx.asked_to_stop(), Some(ExitReason::custom("gone")));
    assert_eq!(ctx.asked_to_stop(), None);
}

#[cordial::test]
async fn what_a_server_sends_itself_comes_to_the_inbox_of_its_context() {
    let (mut desk, mut ctx) = (Desk::default(), Ctx::detached());
    desk.ring_later(&mut ctx);
    expect_cast!(ctx.inbox(), DeskMsg::RingLater);
    refute_receive!(ctx.inbox(), DeskMsg::Bell, within secs(299));
    advance(secs(1)).await;
    expect_cast!(ctx.inbox(), DeskMsg::Bell { msg: Bell(1) });
}

#[cordial::test]
async fn down_and_exit_come_as_the_handlers_take_them() {
    let (mut desk, mut ctx) = (Desk::default(), Ctx::detached());
    let sleeper = process::spawn(async |mut mail: Mailbox<()>| mail.next().await);
    desk.watch(sleeper.pid().unwrap(), &mut ctx);
    process::exit(&sleeper, ExitReason::Kill);
    let down = expect_cast!(ctx.inbox(), DeskMsg::Down { msg } => msg);
    assert_eq!(down.reason, ExitReason::Killed);
    process::exit(&ctx.me(), ExitReason::custom("hey"));
    let exit = expect_cast!(ctx.inbox(), DeskMsg::Exit { msg } => msg);
    assert_eq!(exit.reason, ExitReason::custom("hey"));
}

#[cordial::test]
async fn run_continue_runs_what_was_asked_for_to_its_end() {
    let (mut desk, mut ctx) = (Desk::default(), Ctx::detached());
    assert!(matches!(desk.tidy_up(&mut ctx), Flow::Continue));
    let last = ctx.run_continue(&mut desk).await;
    assert!(matches!(last, Some(Flow::Stop(ExitReason::Normal))));
    assert_eq!(desk.log, ["2 left", "1 left", "0 left"]);
    assert!(ctx.run_continue(&mut desk).await.is_none());
}

#[cordial::test]
async fn process_that_stands_in_ends_with_its_context() {
    let ctx = Ctx::<Desk>::detached();
    let (me, pid) = (ctx.me(), ctx.pid());
    let down = process::monitor(&pid);
    assert_eq!(gen_server::whereis(&me), Some(pid));
    drop(ctx);
    cordial::test::expect_down(down, ExitReason::Killed).await;
    assert_eq!(Node::current().unwrap().processes(), 0);
}

#[cordial::test]
async fn answer_of_a_pair_that_is_dropped_is_none() {
    let (from, answer) = ReplyTo::<u32>::pair();
    drop(from);
    assert_eq!(answer.await, None);
}
