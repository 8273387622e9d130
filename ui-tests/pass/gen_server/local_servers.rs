//! Local servers: every kind of handler, generic ones, in trees.
#![deny(warnings)]

use cordial::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone)]
struct Job(u32);

#[gen_server(local, name = "engine", restart = Transient)]
pub struct Engine {
    script: Rc<RefCell<Vec<u32>>>,
}

#[gen_server(local, mailbox = 100, on_full = drop_oldest)]
impl Engine {
    #[init]
    async fn init(first: u32, ctx: &mut Ctx<Self>) -> Result<Self, std::fmt::Error> {
        ctx.continue_with(first);
        Ok(Self { script: Rc::new(RefCell::new(vec![first])) })
    }
    #[call(timeout = 2s)]
    pub async fn run(&mut self, ctx: &mut cordial::Ctx<Self>) -> Result<u32, std::fmt::Error> {
        let script = self.script.clone();
        self.note(ctx);
        std::future::ready(()).await;
        script.borrow().first().copied().ok_or(std::fmt::Error)
    }
    #[call(shed)]
    pub fn size(&self) -> usize {
        self.script.borrow().len()
    }
    #[call]
    pub fn later(&mut self, from: ReplyTo<u32>, _ctx: &mut Ctx<cordial::Local<Self>>) {
        from.reply(1);
    }
    #[cast(on_err = log)]
    pub async fn push(&mut self, #[into] what: u64, by: &str) -> Result<(), std::fmt::Error> {
        self.script.borrow_mut().push(u32::try_from(what).unwrap_or(0) + by.len() as u32);
        Ok(())
    }
    #[info]
    fn job(&mut self, job: Job) {
        self.script.borrow_mut().push(job.0);
    }
    #[info]
    fn down(&mut self, _: Down) {}
    #[info]
    fn exit(&mut self, _: Exit) -> Flow {
        Flow::Continue
    }
    #[handle_continue]
    fn more(&mut self, first: u32) {
        self.script.borrow_mut().push(first);
    }
    #[every(1s)]
    async fn tick(&mut self, ctx: &mut Ctx<Self>) {
        self.note(ctx);
    }
    #[idle(1min)]
    async fn idle(&mut self) {}
    #[format_status]
    fn shown(&self) -> usize {
        self.size()
    }
    #[terminate]
    async fn bye(&mut self, _: &ExitReason, _: &mut Ctx<Self>) {}

    fn note(&self, ctx: &mut Ctx<Self>) {
        let _ = (ctx.me(), ctx.pid());
    }
}

#[gen_server(local)]
pub struct Shelf<T>(Rc<Vec<T>>);

#[gen_server(local)]
impl<T: Clone> Shelf<T> {
    #[init]
    fn init(first: T) -> Self {
        Self(Rc::new(vec![first]))
    }
    #[call]
    pub fn first(&self) -> Option<T> {
        self.0.first().cloned()
    }
}

supervisor! {
    pub Tree {
        children: [
            engine: Engine(3),
            shelf: Shelf<String>("a".to_owned()),
            shelves: dynamic cordial::Local<Shelf<u8>>,
            user: User(engine, late shelf_of_words),
            shelf_of_words: Words(),
        ],
    }
}

#[gen_server(local)]
pub struct Words(Rc<RefCell<Vec<String>>>);
#[gen_server(local)]
impl Words {
    #[init]
    fn init() -> Self {
        Self(Rc::default())
    }
    #[cast]
    pub fn add(&mut self, word: String) {
        self.0.borrow_mut().push(word);
    }
}

#[gen_server]
pub struct User(EngineRef, Late<WordsRef>);
#[gen_server]
impl User {
    #[init]
    fn init(engine: EngineRef, words: Late<WordsRef>) -> Self {
        Self(engine, words)
    }
    #[call]
    pub async fn ask(&self) -> usize {
        self.1.add("one".to_owned());
        self.0.size().await.unwrap_or(0)
    }
}

#[cordial::main]
async fn main() {
    let tree = Tree::start().await.expect("it starts");
    let _ = tree.engine.push(4u32, "me");
    cordial::send(&tree.engine, Job(5));
    assert_eq!(tree.engine.run().await.ok(), Some(3));
    assert_eq!(tree.engine.size().await, Ok(4));
    assert_eq!(tree.engine.later().await, Ok(1));
    assert_eq!(tree.user.ask().await, Ok(4));
    assert_eq!(tree.shelf.first().await, Ok(Some("a".to_owned())));
    let shelf = tree.shelves.start_child((7u8,)).await.expect("it starts");
    assert_eq!(shelf.first().await, Ok(Some(7)));
    let spec = Shelf::child_spec(8u8);
    let shelf = tree.shelves.start_child(spec).await.expect("it starts");
    assert_eq!(shelf.first().await, Ok(Some(8)));
}
