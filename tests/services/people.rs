//! Who is who in a scenario: processes by their names, and those that do what they are told.
use cordial::prelude::*;
use cordial::process;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Processes by the names that a scenario gives them.
#[derive(Clone, Default)]
pub(crate) struct People(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    pids: HashMap<String, Pid>,
    puppets: HashMap<String, PuppetRef>,
}

impl People {
    pub(crate) fn add(&self, name: &str, pid: Pid) {
        self.0.lock().unwrap().pids.insert(name.to_owned(), pid);
    }

    pub(crate) fn pid(&self, name: &str) -> Pid {
        let known = self.0.lock().unwrap();
        *known.pids.get(name).unwrap_or_else(|| panic!("nobody is called `{name}`"))
    }

    pub(crate) fn name_of(&self, pid: Pid) -> String {
        let known = self.0.lock().unwrap();
        let found = known.pids.iter().find(|(_, its)| **its == pid);
        found.unwrap_or_else(|| panic!("{pid} has no name")).0.clone()
    }

    pub(crate) fn is_alive(&self, name: &str) -> bool {
        process::info(&self.pid(name)).is_some()
    }

    /// It is nobody any more when this returns.
    pub(crate) async fn kill(&mut self, name: &str) {
        let pid = self.pid(name);
        let down = process::monitor(&pid);
        process::exit(&pid, ExitReason::Kill);
        down.await;
        let mut known = self.0.lock().unwrap();
        known.pids.remove(name);
        known.puppets.remove(name);
    }

    /// The one of this name, made at its first time.
    pub(crate) async fn puppet(&self, name: &str) -> PuppetRef {
        if let Some(puppet) = self.0.lock().unwrap().puppets.get(name) {
            return puppet.clone();
        }
        let puppet = Puppet::start(Puppet).await.unwrap();
        self.add(name, gen_server::whereis(&puppet).unwrap());
        self.0.lock().unwrap().puppets.insert(name.to_owned(), puppet.clone());
        puppet
    }

    /// Does something as this puppet, and gives what came of it.
    pub(crate) async fn be<T: Send + 'static>(
        &self,
        name: &str,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let (from, answer) = ReplyTo::pair();
        let job = Job(Box::new(move || from.reply(job())));
        self.puppet(name).await.run(job).await.unwrap();
        answer.await.unwrap()
    }
}

/// What a puppet is to do.
pub(crate) struct Job(Box<dyn FnOnce() + Send>);

/// It does what it is told.
#[gen_server]
#[derive(Clone)]
pub(crate) struct Puppet;

#[gen_server]
impl Puppet {
    #[call]
    fn run(&mut self, job: Job) {
        (job.0)();
    }
}
