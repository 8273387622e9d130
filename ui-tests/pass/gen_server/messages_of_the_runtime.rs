//! `Down`, `Exit` and `Timeout` are recognised by their types, under whatever name.

use cordial::prelude::*;

type Gone = Down;
type Quiet = cordial::Timeout;

#[gen_server]
#[derive(Default, Clone)]
struct Watcher {
    seen: Vec<String>,
}

#[gen_server]
impl Watcher {
    #[info]
    fn gone(&mut self, gone: Gone) {
        self.seen.push(format!("down {:?}", gone.reason));
    }

    #[info]
    async fn exited(&mut self, exit: Exit) -> Flow {
        self.seen.push(format!("exit {:?}", exit.reason));
        Flow::Continue
    }

    #[info]
    fn quiet(&mut self, _: Quiet) {
        self.seen.push("quiet".to_owned());
    }

    #[info]
    fn word(&mut self, word: String) {
        self.seen.push(word);
    }

    #[call]
    fn watch(&mut self, other: Pid, ctx: &mut Ctx<Self>) {
        ctx.monitor(&other);
        ctx.timeout(mins(5));
    }

    #[call]
    fn seen(&self) -> Vec<String> {
        self.seen.clone()
    }
}

#[gen_server]
#[derive(Clone)]
struct Deaf;

#[gen_server]
impl Deaf {
    #[info]
    fn word(&mut self, _: String) {}
}

#[cordial::main(current_thread)]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    assert!(Watcher::TRAP_EXIT && !Deaf::TRAP_EXIT);
    let watcher = Watcher::start(Watcher::default()).await?;
    let deaf = Deaf::start(Deaf).await?;
    let pid = cordial::gen_server::whereis(&deaf).ok_or("the server runs")?;
    watcher.watch(pid).await?;
    cordial::gen_server::stop(&deaf).await?;
    cordial::send(&watcher, "word".to_owned());
    assert_eq!(watcher.seen().await?, ["down Normal", "word"]);
    Ok(())
}
