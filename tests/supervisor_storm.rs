//! Many crashes at once, on real threads: in whatever order, nothing is lost, nothing is double.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, Flags, Replayed, TreeSpec};
use cordial::{Message, PlainClient, ServerStruct, SupervisorRef, gen_server, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

/// Counts itself: there is never a second incarnation at one address.
struct Single(Arc<AtomicUsize>);

impl Drop for Single {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

enum SingleMsg {
    Crash,
    Ping(ReplyTo<()>),
}

impl Message for SingleMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Ping(_) => "ping",
        }
    }
}

impl ServerStruct for Single {
    type Replay = Replayed;
}

impl GenServer for Single {
    type Msg = SingleMsg;
    /// How many live at this address.
    type Args = Arc<AtomicUsize>;
    type Client = PlainClient<SingleMsg>;

    async fn init(living: Arc<AtomicUsize>, _: &mut Ctx<Self>) -> Init<Self> {
        assert_eq!(living.fetch_add(1, SeqCst), 0, "two incarnations live at once");
        Init::run(Self(living))
    }

    async fn handle(&mut self, msg: SingleMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            SingleMsg::Crash => Flow::Stop(ExitReason::shutdown_with("crash")),
            SingleMsg::Ping(from) => {
                from.reply(());
                Flow::Continue
            }
        }
    }
}

type Branch = (SupervisorRef, Vec<Ref<Single>>);

fn branch(strategy: Strategy, id: &'static str) -> TreeSpec<Branch> {
    let flags = Flags { strategy, max_restarts: 1_000_000, ..Flags::default() };
    TreeSpec::new(flags, id, |tree| {
        let add = |n: u8| tree.add(ChildSpec::<Single>::new(Arc::default()).id(format!("{n}")));
        let children = (0..5).map(add).collect();
        (tree.supervisor(), children)
    })
}

/// SUP-13, SUP-14, SUP-15
#[cordial::test(workers = 2)]
async fn storm_of_crashes_leaves_every_child_alive_once() {
    let mut tree = Supervisor::builder().max_restarts(1_000_000, secs(5));
    let ids = ["one for one", "one for all", "rest for one"];
    let branches = STRATEGIES.into_iter().zip(ids);
    let branches: Vec<_> = branches.map(|(s, id)| tree.add(branch(s, id))).collect();
    let root = tree.start().await.unwrap();

    // Crashes and kills of children in a fixed pattern, and now and then of a whole branch.
    for n in 0_usize..3_000 {
        let (supervisor, children) = &branches[n % 3];
        let child = &children[n * 7 % 5];
        match n % 50 {
            49 => process::exit(supervisor, ExitReason::Kill),
            turn if turn % 2 == 0 => process::exit(child, ExitReason::Kill),
            _ => drop(child.cast(SingleMsg::Crash)),
        }
        if n % 10 == 0 {
            settle(&root).await;
        }
    }

    for (supervisor, children) in &branches {
        while counts_or_none(supervisor).await != Some((5, 5)) {}
        for child in children {
            while child.call("ping", SingleMsg::Ping).await.is_err() {}
            assert!(gen_server::whereis(child).is_some());
        }
    }
    assert_eq!(counts(&root).await, (3, 3));
}

async fn counts_or_none(of: &SupervisorRef) -> Option<(usize, usize)> {
    let counts = supervisor::count_children(of).await.ok()?;
    Some((counts.specs, counts.active))
}
