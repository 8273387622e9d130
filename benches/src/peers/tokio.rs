//! tokio by hand: unbounded `mpsc`, a oneshot per call; what the ratios of the tables refer to.
//!
//! What a framework would give is written as one writes it by hand: a supervisor is a task that
//! joins its child and starts it again, a name stands in a map, a timer is a task that sleeps, to
//! watch an actor is to wait until its channel closes, and an agent is an actor whose messages are
//! closures. Nobody takes a name away from an actor that is gone.

pub(crate) use bounded::ByHand as Bounded;
pub(crate) use unbounded::ByHand as Unbounded;

mod bounded {
    //! `mpsc` with a bound: a producer waits for room.
    use tokio::sync::mpsc::{Receiver, Sender, channel};

    use crate::peer::BOUND;
    use crate::peers::by_hand::actor;

    actor! {
        sender Sender, receiver Receiver,
        open channel(BOUND),
        send |channel, message| channel.send(message).await,
        receive |inbox| inbox.recv().await,
        abilities {}
    }
}

mod unbounded {
    //! `mpsc` without a bound.
    use std::collections::{HashMap, VecDeque};
    use std::future::{Future, poll_fn};
    use std::hint::black_box;
    use std::pin::pin;
    use std::sync::RwLock;
    use std::task::Poll;
    use std::time::Instant;

    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
    use tokio::sync::watch;
    use tokio::task::{JoinSet, yield_now};
    use tokio::time::sleep;

    use crate::peer::{AT_ONCE, CROWD, FAR, NAME, NAMES, UNWANTED};
    use crate::peers::by_hand::actor;

    actor! {
        sender UnboundedSender, receiver UnboundedReceiver,
        open unbounded_channel(),
        send |channel, message| channel.send(message),
        receive |inbox| inbox.recv().await,
        abilities {
            async fn crash(times: u64) -> Option<Duration> {
                let (publish, mut published) = watch::channel(None);
                tokio::spawn(keep_one::<WORDS>(publish));
                published.changed().await.ok()?;
                let start = Instant::now();
                for number in 0..times {
                    let actor = published.borrow_and_update().clone()?;
                    actor.send(Message::Crash).await;
                    published.changed().await.ok()?;
                    let actor = published.borrow().clone()?;
                    <Self as Consumer<WORDS>>::call(&actor, Payload::new(number)).await;
                }
                Some(start.elapsed())
            }

            async fn supervised(times: u64) -> Option<Duration> {
                let supervisor = Supervisor::<WORDS>::start();
                let start = Instant::now();
                for _ in 0..times {
                    let child = supervisor.start_child().await?;
                    <Self as Peer<WORDS>>::stop(child).await;
                }
                Some(start.elapsed())
            }

            async fn dynamic(children: u64) -> Option<Duration> {
                let supervisor = Supervisor::<WORDS>::start();
                let mut all = Vec::new();
                let start = Instant::now();
                for _ in 0..children {
                    all.push(supervisor.start_child().await?);
                }
                Some(start.elapsed())
            }

            async fn named(times: u64) -> Option<Duration> {
                let mut names = HashMap::new();
                for number in 0..NAMES {
                    let actor = <Self as Consumer<WORDS>>::start().await;
                    names.insert(format!("actor-{number}"), actor);
                }
                let names = RwLock::new(names);
                let start = Instant::now();
                for number in 0..times {
                    let found = names.read().expect("nobody panics").get(NAME).cloned();
                    <Self as Consumer<WORDS>>::call(&found?, Payload::new(number)).await;
                }
                Some(start.elapsed())
            }

            async fn keyed(times: u64) -> Option<Duration> {
                <Self as Peer<WORDS>>::named(times).await
            }

            async fn registered(times: u64) -> Option<Duration> {
                let mut names = HashMap::new();
                for number in 0..NAMES {
                    let actor = <Self as Consumer<WORDS>>::start().await;
                    names.insert(format!("actor-{number}"), actor);
                }
                let names = RwLock::new(names);
                let actor = <Self as Consumer<WORDS>>::start().await;
                let start = Instant::now();
                for _ in 0..times {
                    let taken = names.read().expect("nobody panics").contains_key("mine");
                    if !taken {
                        let mut names = names.write().expect("nobody panics");
                        names.insert("mine".to_owned(), actor.clone());
                    }
                    names.write().expect("nobody panics").remove("mine")?;
                }
                Some(start.elapsed())
            }

            async fn tasks(times: u64) -> Option<Duration> {
                let start = Instant::now();
                for number in 0..times {
                    black_box(tokio::spawn(async move { number }).await.ok()?);
                }
                Some(start.elapsed())
            }

            async fn streamed(times: u64) -> Option<Duration> {
                let mut inputs = 0..times;
                let mut running = VecDeque::new();
                let start = Instant::now();
                loop {
                    let room = AT_ONCE - running.len();
                    running.extend(inputs.by_ref().take(room).map(|number| {
                        tokio::spawn(async move {
                            yield_once().await;
                            number
                        })
                    }));
                    let Some(oldest) = running.pop_front() else { break };
                    black_box(oldest.await.ok()?);
                }
                Some(start.elapsed())
            }

            async fn agent_get(times: u64) -> Option<Duration> {
                let agent = agent();
                let start = Instant::now();
                for _ in 0..times {
                    black_box(ask(&agent, |value| *value).await?);
                }
                Some(start.elapsed())
            }

            async fn agent_update(times: u64) -> Option<Duration> {
                let agent = agent();
                let start = Instant::now();
                for number in 0..times {
                    ask(&agent, move |value| *value = value.wrapping_add(number)).await?;
                }
                Some(start.elapsed())
            }

            async fn publish(times: u64) -> Option<Duration> {
                let mut crowd = Vec::new();
                for _ in 0..CROWD {
                    crowd.push(<Self as Consumer<WORDS>>::start().await);
                }
                let topics = RwLock::new(HashMap::from([("news".to_owned(), crowd)]));
                let end = Latch::new(CROWD);
                let start = Instant::now();
                for number in 0..times {
                    let crowd = topics.read().expect("nobody panics").get("news").cloned()?;
                    for actor in &crowd {
                        <Self as Consumer<WORDS>>::cast(actor, Payload::new(number)).await;
                    }
                    yield_now().await;
                }
                let crowd = topics.read().expect("nobody panics").get("news").cloned()?;
                for actor in &crowd {
                    <Self as Consumer<WORDS>>::report(actor, end.clone()).await;
                }
                end.opened().await;
                Some(start.elapsed())
            }

            async fn timers(times: u64) -> Option<Duration> {
                let actor = <Self as Consumer<WORDS>>::start().await;
                let start = Instant::now();
                for number in 0..times {
                    let to = actor.clone();
                    let timer = tokio::spawn(async move {
                        sleep(FAR).await;
                        to.send(Message::Add(Payload::new(number))).await;
                    });
                    timer.abort();
                }
                Some(start.elapsed())
            }

            async fn monitors(times: u64) -> Option<Duration> {
                let actor = <Self as Consumer<WORDS>>::start().await;
                let start = Instant::now();
                for _ in 0..times {
                    let mut closed = pin!(actor.0.closed());
                    poll_fn(|cx| Poll::Ready(closed.as_mut().poll(cx).is_ready())).await;
                }
                Some(start.elapsed())
            }

            async fn selective(times: u64) -> Option<Duration> {
                let (letters, inbox) = unbounded_channel();
                let reads = tokio::spawn(read(inbox, times));
                for _ in 0..UNWANTED {
                    letters.send(None).ok()?;
                }
                let start = Instant::now();
                for number in 0..times {
                    letters.send(Some(number)).ok()?;
                    if number % 256 == 255 {
                        yield_now().await;
                    }
                }
                reads.await.ok()??;
                Some(start.elapsed())
            }
        }
    }

    /// What an agent does with its value.
    type Change = Box<dyn FnOnce(&mut u64) + Send>;

    /// An actor whose messages are closures.
    fn agent() -> UnboundedSender<Change> {
        let (agent, mut inbox) = unbounded_channel::<Change>();
        tokio::spawn(async move {
            let mut value = 0;
            while let Some(change) = inbox.recv().await {
                change(&mut value);
            }
        });
        agent
    }

    async fn ask<T: Send + 'static>(
        agent: &UnboundedSender<Change>,
        look: impl FnOnce(&mut u64) -> T + Send + 'static,
    ) -> Option<T> {
        let (from, answer) = oneshot::channel();
        let change = move |value: &mut u64| drop(from.send(look(value)));
        agent.send(Box::new(change)).ok()?;
        answer.await.ok()
    }

    /// Starts an actor, publishes its address, and does so again when it has panicked.
    async fn keep_one<const WORDS: usize>(publish: watch::Sender<Option<Address<WORDS>>>) {
        loop {
            let (channel, inbox) = unbounded_channel();
            let child = tokio::spawn(actor(inbox));
            if publish.send(Some(Address(channel))).is_err() || child.await.is_ok() {
                return;
            }
        }
    }

    /// Looks through what was put aside before it asks the channel, as a mailbox does; a letter
    /// that is wanted has a number.
    async fn read(mut inbox: UnboundedReceiver<Option<u64>>, times: u64) -> Option<()> {
        let mut aside = VecDeque::new();
        let mut state = State::<()>::default();
        for _ in 0..times {
            let kept = aside.iter().position(Option::is_some);
            let mut letter = kept.and_then(|at| aside.remove(at)).flatten();
            while letter.is_none() {
                letter = inbox.recv().await?;
                if letter.is_none() {
                    aside.push_back(letter);
                }
            }
            state.add(Payload::<1>::new(letter?));
        }
        Some(())
    }

    /// A task that owns its children, and hears of their ends.
    struct Supervisor<const WORDS: usize>(UnboundedSender<oneshot::Sender<Address<WORDS>>>);

    impl<const WORDS: usize> Supervisor<WORDS> {
        fn start() -> Self {
            let (starts, asked) = unbounded_channel();
            tokio::spawn(Self::supervise(asked));
            Self(starts)
        }

        async fn supervise(mut asked: UnboundedReceiver<oneshot::Sender<Address<WORDS>>>) {
            let mut children = JoinSet::new();
            loop {
                tokio::select! {
                    from = asked.recv() => {
                        let Some(from) = from else { return };
                        let (channel, inbox) = unbounded_channel();
                        children.spawn(actor(inbox));
                        let _ = from.send(Address(channel));
                    }
                    Some(_) = children.join_next() => {}
                }
            }
        }

        async fn start_child(&self) -> Option<Address<WORDS>> {
            let (from, started) = oneshot::channel();
            self.0.send(from).ok()?;
            started.await.ok()
        }
    }
}
