//! Servers of different kinds that have the same behaviours.
use cordial::prelude::*;
use cordial_tests_contract::{Clock, NoRoom, Ring, Storage as Store};
use std::collections::HashMap;

/// It stores in memory, and tells the time since it began, too.
#[gen_server]
#[derive(Default, Debug)]
pub(crate) struct Heap {
    texts: HashMap<String, String>,
    waiting: Vec<(String, ReplyTo<String>)>,
}

#[gen_server(behaviours(Store, Clock))]
impl Heap {
    #[init]
    fn init() -> Self {
        Self::default()
    }
    #[call]
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
    #[cast]
    pub(crate) fn clear(&mut self) {
        self.texts.clear();
    }
    #[cast]
    pub(crate) fn crash(&mut self) {
        panic!("the heap is full");
    }
}

impl Store for Heap {
    fn get(&self, name: &str) -> Option<String> {
        assert_ne!(name, "bomb", "somebody asked for it");
        self.texts.get(name).cloned()
    }
    fn put(&mut self, name: &str, text: String) {
        let (told, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(wanted, _)| wanted == name);
        self.waiting = waiting;
        let told: Vec<(String, ReplyTo<String>)> = told;
        told.into_iter().for_each(|(_, from)| from.reply(text.clone()));
        self.texts.insert(name.to_owned(), text);
    }
    fn wait(&mut self, name: String, from: ReplyTo<String>) {
        match self.texts.get(&name) {
            Some(text) => from.reply(text.clone()),
            None => self.waiting.push((name, from)),
        }
    }
    fn size(&self) -> usize {
        self.texts.len()
    }
}

impl Clock for Heap {
    async fn now(&self) -> u64 {
        tokio::task::yield_now().await;
        7
    }
    fn name(&self, ctx: &mut Ctx<Self>) -> (&'static str, Pid) {
        ("heap", ctx.pid())
    }
}

/// It has room for one, and understands nothing but its behaviour.
#[gen_server]
#[derive(Clone, Default)]
pub(crate) struct Slot(Option<(String, String)>);

#[gen_server(behaviours(cordial_tests_contract::Storage))]
impl Slot {}

impl Store for Slot {
    fn get(&self, name: &str) -> Option<String> {
        self.0.as_ref().filter(|(stored, _)| stored == name).map(|(_, text)| text.clone())
    }
    fn put(&mut self, name: &str, text: String) {
        self.0 = Some((name.to_owned(), text));
    }
    fn try_put(&mut self, name: &str, text: String) -> Result<usize, NoRoom> {
        if self.0.is_some() {
            return Err(NoRoom { limit: 1 });
        }
        self.put(name, text);
        Ok(1)
    }
    async fn flush(&mut self) -> usize {
        std::future::pending().await
    }
    fn wait(&mut self, _: String, from: ReplyTo<String>) {
        drop(from);
    }
    fn size(&self) -> usize {
        usize::from(self.0.is_some())
    }
}

/// The last three of anything.
#[gen_server]
#[derive(Clone)]
pub(crate) struct Last<T>(pub(crate) Vec<T>);

#[gen_server(behaviours(Ring<T>))]
impl<T: Clone + Sync> Last<T> {}

impl<T: Clone + Send + Sync + 'static> Ring<T> for Last<T> {
    fn push(&mut self, value: T) {
        self.0.push(value);
        let extra = self.0.len().saturating_sub(3);
        self.0.drain(..extra);
    }
    fn all(&self) -> Vec<T> {
        self.0.clone()
    }
}
