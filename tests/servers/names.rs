//! Names and the types behind them.
use cordial::test::{advance, sync};
use cordial::{CallError, RegisterError, StartError, gen_server, process, secs};

#[gen_server]
#[derive(Clone)]
struct Counter(u32);

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, by: u32) {
        self.0 += by;
    }
    #[call]
    fn value(&self) -> u32 {
        self.0
    }
}

/// It takes messages of the same shape, and they are others.
#[gen_server]
#[derive(Clone)]
struct Other(u32);

#[gen_server]
impl Other {
    #[cast]
    fn add(&mut self, by: u32) {
        self.0 += by;
    }
    #[call]
    fn value(&self) -> u32 {
        self.0
    }
}

/// TYP-11: that a name is another server's is told, and nothing is delivered to it.
// break: TYP-11 runtime/cordial/src/process/named.rs
//     `process.into_any().downcast::<Self>().is_err()` =>
//     `process.into_any().downcast::<Self>().is_err() && false`
#[cordial::test]
async fn name_of_a_server_that_takes_other_messages_is_told_apart() {
    let other = Other::start(Other(1)).name("desk").await.unwrap();
    let desk = gen_server::named::<Counter>("desk");
    desk.add(5);
    let error = desk.value().await.unwrap_err();
    assert!(matches!(error, CallError::Unsupported(_)), "{error}");
    let pid = gen_server::whereis(&other).unwrap();
    let sent = process::send("desk", CounterMsg::Add { by: 5 });
    assert_eq!(sent, Err(RegisterError::OtherMessages(pid)));
    sync(&other).await;
    assert_eq!(other.value().await, Ok(1));

    gen_server::stop(&other).await.unwrap();
    assert!(matches!(desk.value().await, Err(CallError::NoProc(_))));
    assert_eq!(process::send("desk", CounterMsg::Add { by: 5 }), Err(RegisterError::Unknown));
    Counter::start(Counter(3)).name("desk").await.unwrap();
    assert_eq!(desk.value().await, Ok(3));
}

/// Who is refused a name learns who has it, and since when.
#[cordial::test]
async fn name_that_is_taken_tells_since_when() {
    let other = Other::start(Other(1)).name("desk").await.unwrap();
    let pid = gen_server::whereis(&other).unwrap();
    advance(secs(7)).await;
    let error = Counter::start(Counter(1)).name("desk").await.unwrap_err();
    let StartError::AlreadyStarted(holder) = &error else { panic!("{error}") };
    assert_eq!((holder.pid(), holder.held_for()), (pid, Some(secs(7))));
    assert_eq!(
        error.to_string(),
        format!("already started as {pid}, which has had the name for 7s")
    );
    let counter = Counter::start(Counter(1)).await.unwrap();
    let error = process::register("desk", &counter).unwrap_err();
    assert_eq!(error, RegisterError::Taken(pid.into()));
    assert_eq!(
        error.to_string(),
        format!("the name belongs to {pid}, which has had the name for 7s")
    );
}
