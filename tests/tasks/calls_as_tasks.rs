//! `#[call(task)]`: handlers that run beside their server.
use crate::support::{check_everywhere, custom};
use crate::{exits_with, never};
use cordial::prelude::*;
use cordial::process;

#[gen_server]
#[derive(Clone, Default)]
struct Archive {
    pages: Vec<String>,
}

#[gen_server]
impl Archive {
    #[cast]
    fn add(&mut self, page: &str) {
        self.pages.push(page.to_owned());
    }

    #[call(task)]
    async fn search(&self, word: &str, gate: Gate) -> Result<usize, String> {
        gate.0.await;
        let found = self.pages.iter().position(|page| page == word);
        found.ok_or_else(|| format!("no {word} on {} pages", self.pages.len()))
    }

    #[call(task)]
    fn who(&self) -> (Pid, Pid) {
        (process::self_pid(), process::ancestors()[0].pid())
    }

    #[call(task)]
    async fn lost(&self) -> u32 {
        exits_with(custom()).await
    }

    #[call(task, timeout = infinity)]
    async fn endless(&self) -> u32 {
        never().await
    }

    #[call]
    fn len(&self) -> usize {
        self.pages.len()
    }
}

/// What a search waits for.
struct Gate(cordial::Answer<()>);

/// The server goes on while the task looks at the state as it was.
#[test]
fn task_looks_at_the_state_of_its_turn() {
    check_everywhere(async || {
        let archive = Archive::start(Archive::default()).await.unwrap();
        archive.add("tea");
        let (open, gate) = ReplyTo::pair();
        let found = archive.search("milk", Gate(gate));
        archive.add("milk");
        assert_eq!(archive.len().await, Ok(2));
        open.reply(());
        let missing = found.await.unwrap_err().handler();
        assert_eq!(missing.as_deref(), Some("no milk on 1 pages"));
        let (open, gate) = ReplyTo::pair();
        open.reply(());
        assert_eq!(archive.search("milk", Gate(gate)).await, Ok(1));
        let (task, server) = archive.who().await.unwrap();
        assert_eq!(gen_server::whereis(&archive), Some(server));
        assert_ne!(task, server);
    });
}

/// A crash of the task is its caller's error, and not the server's; the server's is both's.
#[test]
fn crash_of_the_task_is_told_to_its_caller_alone() {
    check_everywhere(async || {
        let archive = Archive::start(Archive::default()).await.unwrap();
        let error = archive.lost().await.unwrap_err();
        assert_eq!(error.reason(), Some(custom()));
        assert_eq!(archive.len().await, Ok(0));
        let endless = archive.endless();
        assert_eq!(archive.len().await, Ok(0));
        process::exit(&archive, custom());
        assert_eq!(endless.await.unwrap_err().reason(), Some(custom()));
    });
}
