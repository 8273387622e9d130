//! A small world, too large for every order: a supervisor whose children are killed while others
//! call them, watch them and look for their name.
use super::rig::{World, begin, block_on, explore, spawn};
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Ctx, Flow, GenServer, Init, PlainClient, Ref, ServerStruct, Shutdown,
};
use crate::process::{self, Message};
use crate::rt::sync::counts::AtomicUsize;
use crate::supervisor::{self, Replayed, Strategy, Supervisor};
use crate::{CallError, Child, ChildSpec, ReplyTo, secs};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

const NAME: &str = "keeper";
const KILLS: usize = 3;

/// There is one at each address.
struct Keeper(Arc<AtomicUsize>);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

struct Ask(ReplyTo<usize>);

impl Message for Ask {
    fn kind(&self) -> &'static str {
        "ask"
    }
}

impl ServerStruct for Keeper {
    type Replay = Replayed;
}

impl Child for Keeper {
    type Handle = Ref<Self>;
}

impl GenServer for Keeper {
    type Msg = Ask;
    type Args = (Arc<AtomicUsize>, bool);
    type Client = PlainClient<Ask>;

    async fn init((living, has_name): Self::Args, ctx: &mut Ctx<Self>) -> Init<Self> {
        living.fetch_add(1, SeqCst);
        if has_name && process::register(NAME, &ctx.pid()).is_err() {
            return Init::error("its name is taken");
        }
        Init::run(Self(living))
    }

    async fn handle(&mut self, Ask(from): Ask, _: &mut Ctx<Self>) -> Flow {
        from.reply(self.0.load(SeqCst));
        Flow::Continue
    }
}

/// How often a child is killed, and who notices.
fn kill(child: &Ref<Keeper>) {
    for _ in 0..KILLS {
        if let Some(pid) = gen_server::whereis(child) {
            let down = process::monitor(&pid);
            process::exit(&pid, ExitReason::Kill);
            assert_eq!(block_on(down).pid, pid);
            // Its own name, or that of its successor.
            assert_ne!(process::whereis(NAME), Some(pid));
        }
    }
}

fn call(child: &Ref<Keeper>) {
    for _ in 0..KILLS {
        match block_on(child.call("ask", Ask).no_timeout()) {
            Ok(living) => assert_eq!(living, 1, "two live at one address"),
            Err(CallError::Down(..) | CallError::NoProc(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

fn check(strategy: Strategy) {
    explore(0, move || {
        let world = World::new(2);
        let mut tree = Supervisor::builder().strategy(strategy).max_restarts(100, secs(5));
        let add = |has_name: bool| {
            let spec = ChildSpec::<Keeper>::new((Arc::default(), has_name));
            tree.add(spec.id(format!("{has_name}")).shutdown(Shutdown::BrutalKill))
        };
        let children: Vec<_> = [true, false].map(add).into();
        let root = block_on(async { tree.start().await }).expect("the tree starts");
        begin();
        let kills = children.clone().into_iter().map(|child| spawn(move || kill(&child)));
        let calls = children.clone().into_iter().map(|child| spawn(move || call(&child)));
        for thread in kills.chain(calls).collect::<Vec<_>>() {
            thread.join().expect("each thread holds its claims");
        }
        // Whoever was killed last may not have been missed yet.
        loop {
            let count = block_on(supervisor::count_children(&root).no_timeout());
            let count = count.expect("the supervisor lives");
            assert_eq!(count.specs, 2);
            let owner = process::whereis(NAME);
            if count.active == 2 && owner.is_some() && owner == gen_server::whereis(&children[0]) {
                break;
            }
        }
        block_on(supervisor::stop(&root)).expect("the tree stops");
        drop(world);
    });
}

/// Each child by itself.
#[test]
fn children_that_are_killed_are_restarted_one_by_one() {
    check(Strategy::OneForOne);
}

/// All with each.
#[test]
fn children_that_are_killed_are_restarted_together() {
    check(Strategy::OneForAll);
}
