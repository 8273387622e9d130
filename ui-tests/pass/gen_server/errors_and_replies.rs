//! Results are flat, errors crash or are logged, replies come later, ticks look at the state.

use std::fmt;
use std::time::Duration;

use cordial::prelude::*;

#[derive(Debug, Clone, PartialEq)]
struct Full(u32);

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "full at {}", self.0)
    }
}

impl std::error::Error for Full {}

type Answer<T> = Result<T, Full>;

#[gen_server(restart = Temporary)]
struct Jar {
    sweets: u32,
    waiting: Vec<ReplyTo<u32>>,
    window: Duration,
    log: Vec<String>,
}

#[gen_server]
impl Jar {
    const PATIENCE: Duration = secs(3);

    #[init]
    async fn init(sweets: u32) -> Result<Init<Self>, Full> {
        match sweets {
            0 => Ok(Init::Ignore),
            100.. => Err(Full(sweets)),
            _ => Ok(Init::run(Self {
                sweets,
                waiting: Vec::new(),
                window: mins(60),
                log: Vec::new(),
            })),
        }
    }

    #[call]
    async fn put(&mut self, sweets: u32) -> Result<u32, Full> {
        if self.sweets + sweets > 10 {
            return Err(Full(self.sweets));
        }
        self.sweets += sweets;
        for from in self.waiting.drain(..) {
            from.reply(self.sweets);
        }
        Ok(self.sweets)
    }

    #[call(flat)]
    fn flat(&self) -> Answer<u32> {
        Ok(self.sweets)
    }

    #[call(raw, timeout = Self::PATIENCE)]
    fn raw(&self) -> Result<u32, Full> {
        Ok(self.sweets)
    }

    #[call(or_crash)]
    fn break_it(&self) -> Result<(), Full> {
        Err(Full(self.sweets))
    }

    #[call(timeout = infinity)]
    fn next(&mut self, from: ReplyTo<u32>) {
        self.waiting.push(from);
    }

    #[call]
    fn next_or(&mut self, from: ReplyTo<Result<u32, Full>>) -> Flow {
        from.reply(Err(Full(self.sweets)));
        Flow::Continue
    }

    #[cast(on_err = log)]
    fn shake(&mut self) -> Result<Flow, Full> {
        Err(Full(self.sweets))
    }

    #[handle_continue]
    fn begin(&mut self, ctx: &mut Ctx<Self>) -> Result<(), Full> {
        ctx.continue_with("then");
        Ok(())
    }

    #[handle_continue]
    async fn then(&mut self, word: &'static str) {
        self.log.push(word.to_owned());
    }

    #[every(self.window)]
    async fn tick(&mut self, _: &mut Ctx<Self>) {
        self.log.push("tick".to_owned());
    }

    #[idle(self.window * 100)]
    fn quiet(&mut self) {}

    #[call]
    fn log(&self) -> Vec<String> {
        self.log.clone()
    }
}

#[cordial::main(current_thread)]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    assert!(matches!(Jar::start(0).await, Err(StartError::Ignore)));
    assert!(matches!(Jar::start(100).await, Err(StartError::Init(_))));
    let jar = Jar::start(3).await?;
    let next = jar.next();
    assert_eq!(jar.put(2).await?, 5);
    assert_eq!(next.await?, 5);
    assert_eq!(jar.put(6).await.err().and_then(|error| error.handler()), Some(Full(5)));
    assert_eq!(jar.next_or().await.err().and_then(|error| error.handler()), Some(Full(5)));
    assert_eq!(jar.flat().await?, 5);
    assert_eq!(jar.raw().await?, Ok(5));
    jar.shake();
    assert_eq!(jar.log().await?, ["then"]);
    let broken = jar.break_it().await;
    assert_eq!(broken.err().and_then(|error| error.handler()), Some(Full(5)));
    assert!(matches!(jar.flat().await, Err(TryCallError::Call(_))));
    Ok(())
}
