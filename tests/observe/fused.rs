//! Calls behind a fuse: `#[call(fuse = ..)]`.
use cordial::fuse::{Fuse, FuseError, Fused};
use cordial::prelude::*;
use cordial::test::advance;
use cordial::{Node, process};

/// A partner that can be out of reach, and how often it was asked.
#[gen_server]
#[derive(Clone, Default)]
struct Partner {
    is_down: bool,
    asked: u32,
}

impl Partner {
    const SHORT: std::time::Duration = secs(1);
}

#[gen_server]
impl Partner {
    #[cast]
    fn set_down(&mut self, is_down: bool) {
        self.is_down = is_down;
    }
    #[call]
    fn asked(&self) -> u32 {
        self.asked
    }
    #[call(fuse = Fuse::new("price").bears(1, secs(10)).reset_after(secs(30)))]
    fn price(&mut self, of: &str) -> Result<usize, String> {
        self.asked += 1;
        if self.is_down { Err(format!("no price of {of}")) } else { Ok(of.len()) }
    }
    #[call(timeout = 1s, fuse = Fuse::new("slow").bears(0, Self::SHORT))]
    async fn slow(&mut self) -> u32 {
        self.asked += 1;
        process::sleep(secs(2)).await;
        self.asked
    }
}

async fn partner() -> PartnerRef {
    Partner::start(Partner::default()).await.unwrap()
}

#[cordial::test]
async fn call_is_not_sent_while_its_fuse_is_blown() {
    let partner = partner().await;
    assert_eq!(partner.price("tea").await, Ok(3));
    partner.set_down(true);
    for _ in 0..2 {
        let failed = partner.price("tea").await.unwrap_err();
        let FuseError::Failed(TryCallError::Handler(error)) = failed else { panic!("{failed}") };
        assert_eq!(error, "no price of tea");
    }
    advance(secs(10)).await;
    let call = partner.price("tea");
    assert!(call.is_blown());
    let blown = call.await.unwrap_err();
    assert_eq!(blown.to_string(), "the fuse `price` is blown; it resets in 20s");
    assert_eq!(partner.asked().await, Ok(3));

    partner.set_down(false);
    advance(secs(20)).await;
    assert_eq!(partner.price("milk").await, Ok(4));
}

#[cordial::test]
async fn fuse_is_that_of_the_handler_whichever_instance_is_called() {
    let (one, other) = (partner().await, partner().await);
    gen_server::stop(&one).await.unwrap();
    for _ in 0..2 {
        let failed = one.price("tea").await.unwrap_err();
        assert!(matches!(failed, FuseError::Failed(TryCallError::Call(CallError::NoProc(_)))));
    }
    assert!(matches!(other.price("tea").await, Err(FuseError::Blown(_))));
    assert!(!other.slow().is_blown(), "another handler has another fuse");
    assert_eq!(other.asked().await, Ok(1));
}

#[cordial::test]
async fn late_answer_is_a_failure_and_a_call_that_is_dropped_is_none() {
    let partner = partner().await;
    drop(partner.slow());
    let slow: Fused<cordial::Call<u32>> = partner.slow();
    let late = slow.await.unwrap_err();
    assert!(matches!(late, FuseError::Failed(CallError::Timeout(limit, _)) if limit == secs(1)));
    assert!(partner.slow().is_blown());
    advance(secs(30)).await;
    assert_eq!(partner.slow().timeout(secs(10)).await, Ok(3));
    assert_eq!(partner.slow().no_timeout().await, Ok(4));
}

#[cordial::test]
async fn each_node_has_fuses_of_its_own() {
    let partner = partner().await;
    gen_server::stop(&partner).await.unwrap();
    for _ in 0..2 {
        assert!(partner.price("tea").await.is_err());
    }
    assert!(partner.price("tea").is_blown());
    #[expect(clippy::disallowed_methods, reason = "a node of its own needs a thread of its own")]
    let elsewhere = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let there = self::partner().await;
            let answer = there.price("tea").await;
            Node::current().unwrap().shutdown().await;
            answer
        })
    });
    assert_eq!(elsewhere.join().unwrap(), Ok(3));
}
