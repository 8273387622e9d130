//! `start` and `child_spec` that the user wrote take the place of ours; so do client functions
//! beside the client's methods.

use cordial::prelude::*;

#[gen_server]
struct Job {
    left: u32,
}

#[gen_server]
impl Job {
    fn start(left: u32) -> Start<Self> {
        Start::new((left.max(1),)).name("job")
    }

    fn child_spec() -> ChildSpec<Self> {
        ChildSpec::new((3,)).id("job").restart(Restart::Transient)
    }

    #[init]
    fn init(left: u32) -> Self {
        Self { left }
    }

    #[cast]
    fn step(&mut self, ctx: &mut Ctx<Self>) {
        self.left -= 1;
        if self.left == 0 {
            ctx.stop(ExitReason::Normal);
        }
    }

    #[call]
    fn left(&self) -> u32 {
        self.left
    }
}

impl JobClient {
    async fn steps(&self, count: u32) -> Result<u32, CallError> {
        for _ in 0..count {
            self.step();
        }
        self.left().await
    }
}

supervisor! {
    Jobs {
        children: [
            first: Job(),
        ],
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let job = Job::start(3).await?;
    println!("{}", job.steps(2).await?);
    let _ = Job::start_link(3);
    let _ = Job::child_spec_with(|| (3,));
    let jobs = Jobs::start().await?;
    println!("{}", jobs.first.left().await?);
    Ok(())
}

fn main() {
    let _ = play;
}
