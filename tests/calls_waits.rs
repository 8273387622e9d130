//! Which waits make a circle: a process that can do something else is in none.
use crate::calls_knot::*;
use crate::gen_server_support::{Gate, in_process, is_silent};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Client, Message, PlainClient, ServerStruct, gen_server};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

/// A calls B as `how` says, and B calls A: what A gets, and after how long.
async fn check_circle(how: How) {
    let [a, b] = knots().await;
    let began = Instant::now();
    let answer = go(&a, [Hop(b.clone(), how), Hop(a.clone(), How::Alone)]).await;
    assert!(is_circle(&answer), "{answer:?}");
    assert_eq!(began.elapsed(), std::time::Duration::ZERO);
    assert_eq!((a.ping().await, b.ping().await), (Ok(1), Ok(1)), "both live on");
}

#[cordial::test]
async fn circle_of_calls_without_a_limit_is_one() {
    check_circle(How::NoTimeout).await;
}

/// What A has asked somebody else and does not await cannot wake it.
#[cordial::test]
async fn call_that_nobody_awaits_does_not_hide_a_circle() {
    check_circle(How::BesideUnawaited(knot().await)).await;
}

/// The channel still has a waker of A's, and A does not look at the channel any more.
#[cordial::test]
async fn waker_that_was_left_behind_does_not_hide_a_circle() {
    let (_open, channel) = mpsc::channel(1);
    check_circle(How::AfterGlance(Arc::new(Mutex::new(channel)))).await;
}

#[cordial::test]
async fn wait_under_a_select_is_no_part_of_a_circle() {
    for (at, how) in (0..3).flat_map(|at| [(at, How::OrGate as fn(_) -> _), (at, How::OrGateApart)])
    {
        let (knots, gate) = (knots::<3>().await, Gate::default());
        let mut hops: Vec<Hop> = (1..=3).map(|to| Hop(knots[to % 3].clone(), How::Alone)).collect();
        hops[at].1 = how(gate.clone());
        let mut answer = Box::pin(go(&knots[0], hops));
        assert!(is_silent(&mut answer).await, "with one of them free, nobody waits for ever");
        gate.open();
        assert_eq!(answer.await, Ok(2));
    }
}

#[cordial::test]
async fn wait_within_a_timeout_is_no_part_of_a_circle() {
    let [a, b] = knots().await;
    let began = Instant::now();
    let hops = [Hop(b, How::Within(secs(2))), Hop(a.clone(), How::Alone)];
    assert_eq!(go(&a, hops).await, Ok(2));
    assert_eq!(began.elapsed(), secs(2));
}

#[cordial::test]
async fn call_with_a_limit_of_its_own_is_no_part_of_a_circle() {
    for at in 0..2 {
        let [a, b] = knots().await;
        let began = Instant::now();
        let mut hops = [Hop(b, How::Alone), Hop(a.clone(), How::Alone)];
        hops[at].1 = How::OwnLimit(secs(3));
        let answer = go(&a, hops).await;
        assert!(answer.as_ref().is_err_and(CallError::is_timeout), "{answer:?}");
        assert_eq!(began.elapsed(), secs(3));
    }
}

#[cordial::test]
async fn second_pending_call_hides_a_circle_until_one_is_left() {
    let ([a, b, c], gate) = (knots().await, Gate::default());
    let hops = [Hop(b, How::And(c, gate.clone())), Hop(a.clone(), How::Alone)];
    let mut answer = Box::pin(go(&a, hops));
    assert!(is_silent(&mut answer).await);
    let began = Instant::now();
    gate.open();
    let answer = answer.await;
    assert!(is_circle(&answer), "{answer:?}");
    assert_eq!(began.elapsed(), std::time::Duration::ZERO);
}

/// The message is sent when the method is called, and A waits for it much later: by then B, which
/// was idle, waits for C, and C for A. The one that closes the circle is A.
#[cordial::test]
async fn circle_that_is_closed_long_after_the_call_was_sent_is_found() {
    for _ in 0..2 {
        let ([a, b, c], gate) = (knots().await, Gate::default());
        let hops = [
            Hop(a.clone(), How::Alone),
            Hop(b, How::AfterGate(gate.clone())),
            Hop(c.clone(), How::Alone),
        ];
        let mut answer = Box::pin(go(&c, hops));
        assert!(is_silent(&mut answer).await);
        let began = Instant::now();
        gate.open();
        let answer = answer.await;
        let Err(CallError::Deadlock(path, _)) = &answer else { panic!("{answer:?}") };
        assert_eq!(Some(path.pids()[0]), gen_server::whereis(&a));
        assert_eq!(began.elapsed(), std::time::Duration::ZERO);
    }
}

#[cordial::test]
async fn call_that_closes_a_circle_gets_the_error_and_the_others_go_on() {
    let [a, b, c] = knots().await;
    let pids = [&c, &a, &b].map(|knot| gen_server::whereis(knot).unwrap());
    let path = [Hop(b, How::Alone), Hop(c, How::Alone), Hop(a.clone(), How::Alone)];
    let answer = go(&a, path).await;
    let Err(CallError::Deadlock(path, callee)) = answer else { panic!("{answer:?}") };
    assert_eq!(path.pids(), pids, "C calls A, which waits for B, which waits for C");
    assert_eq!((callee.pid(), callee.kind()), (Some(pids[1]), "hop"));
}

#[cordial::test]
async fn circle_of_a_thousand_is_found() {
    let knots = knots::<1000>().await;
    let hops = (1..=1000).map(|to| Hop(knots[to % 1000].clone(), How::Alone));
    let began = Instant::now();
    let answer = go(&knots[0], hops).await;
    let Err(CallError::Deadlock(path, _)) = answer else { panic!("{answer:?}") };
    assert_eq!((path.pids().len(), began.elapsed()), (1000, std::time::Duration::ZERO));
}

#[cordial::test]
async fn circle_through_a_name_is_found() {
    let [a, b] = knots().await;
    process::register("tied", &a).unwrap();
    let named = gen_server::named::<Knot>("tied");
    let answer = go(&a, [Hop(b, How::Alone), Hop(named, How::Alone)]).await;
    assert!(is_circle(&answer), "{answer:?}");
}

/// A waits for a process that it has spawned, and that calls A: this is no call, and nothing of
/// A's calls is inherited. It ends when the spawned one's call does.
#[cordial::test]
async fn process_that_a_caller_spawned_is_no_part_of_its_calls() {
    let knot = knot().await;
    let began = Instant::now();
    in_process(async move |_| {
        let (me, mut mail) = (process::self_pid(), mpsc::channel::<()>(1));
        let spawned = process::spawn_monitor(async move |_: Mailbox<()>| {
            let gate = Gate::default();
            let error = knot.pass(gate).timeout(secs(1)).await.unwrap_err();
            assert!(error.is_timeout() && process::is_alive(&me).await);
        });
        assert_eq!(spawned.1.await.reason, ExitReason::Normal);
        mail.1.close();
    })
    .await;
    assert_eq!(began.elapsed(), secs(1));
}

// ===== What takes whole messages =====

/// Asks for a number, and says where the question is to go.
struct Question(ReplyTo<u32>);

impl Message for Question {
    fn kind(&self) -> &'static str {
        "question"
    }
}

/// Calls a server that calls back, which is all it does.
#[gen_server(restart = Temporary)]
struct Back(PlainClient<Question>);

#[gen_server]
impl Back {
    #[init]
    fn new(to: PlainClient<Question>) -> Self {
        Self(to)
    }
    #[call]
    async fn call_back(&self) -> Result<u32, CallError> {
        self.0.call("question", Question).await
    }
}

fn client(mail: &Mailbox<Question>) -> PlainClient<Question> {
    PlainClient::from_raw(mail.address())
}

/// The question is in the mailbox of a plain process, which waits for who asks it.
#[cordial::test]
async fn circle_through_a_plain_process_is_found() {
    let (tell, told) = tokio::sync::oneshot::channel();
    process::spawn(async move |mail: Mailbox<Question>| {
        let back = Back::start(client(&mail)).await.unwrap();
        let _ = tell.send(back.call_back().await);
    });
    let error = told.await.unwrap().unwrap_err();
    let error = error.handler().expect("the call back closes the circle");
    assert!(matches!(error, CallError::Deadlock(ref path, _) if path.pids().len() == 2), "{error}");
}

/// It has taken the question out of its mailbox and given it away before it waits.
#[cordial::test]
async fn question_that_a_plain_process_has_taken_leaves_no_circle() {
    let (give, mut given) = mpsc::channel(1);
    let (address, ends) = process::spawn_monitor(async move |mut mail: Mailbox<Question>| {
        let back = Back::start(client(&mail)).await.unwrap();
        let asks = Back::start(client(&mail)).await.unwrap();
        let asked = asks.call_back();
        give.send(mail.next().await.0).await.unwrap();
        // Now `back` is stuck behind us, and we behind `asks`, which anybody may answer.
        let behind = back.call_back();
        assert_eq!(asked.await, Ok(7));
        mail.next().await.0.reply(8);
        assert_eq!(behind.await, Ok(8));
    });
    let from = given.recv().await.unwrap();
    assert!(is_silent(async { process::monitor(&address).await }).await);
    from.reply(7);
    assert_eq!(ends.await.reason, ExitReason::Normal);
}

type Given = mpsc::Sender<(ReplyTo<u32>, Ref<Back>)>;

/// A server by hand: it gives each question away, and waits after the second for
/// one that asks.
struct ByHand {
    give: Given,
    asks: Ref<Back>,
    questions: u32,
}

impl ServerStruct for ByHand {
    type Replay = supervisor::Once;
}

impl GenServer for ByHand {
    type Msg = Question;
    type Args = Given;
    type Client = PlainClient<Question>;
    async fn init(give: Self::Args, ctx: &mut Ctx<Self>) -> Init<Self> {
        let me = PlainClient::clone(&ctx.me());
        Init::run(Self { give, asks: Back::start(me).await.expect("it starts"), questions: 0 })
    }
    async fn handle(&mut self, Question(from): Question, _: &mut Ctx<Self>) -> Flow {
        self.give.send((from, self.asks.clone())).await.expect("the test takes it");
        self.questions += 1;
        if self.questions == 2 {
            let answer = self.asks.call_back().await;
            assert!(!matches!(answer, Err(TryCallError::Call(_))), "no circle: {answer:?}");
        }
        Flow::Continue
    }
}

#[cordial::test]
async fn question_that_a_server_by_hand_has_taken_leaves_no_circle() {
    let (give, mut given) = mpsc::channel(1);
    let by_hand: Ref<ByHand> = Start::new(give).await.unwrap();
    let outside = by_hand.call("question", Question);
    let (from, asks) = given.recv().await.unwrap();
    from.reply(1);
    assert_eq!(outside.await, Ok(1));
    let mut asked = Box::pin(async { asks.call_back().await });
    let (from, _) = tokio::select! {
        answer = &mut asked => panic!("{answer:?}"),
        given = given.recv() => given.unwrap(),
    };
    // It has given the question of `asks` away, and waits for `asks`.
    assert!(is_silent(&mut asked).await);
    from.reply(7);
    assert_eq!(asked.await, Ok(7));
    assert!(process::is_alive(&by_hand).await, "it was told of no circle");
}
