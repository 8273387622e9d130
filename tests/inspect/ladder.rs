//! Which rendering is taken: the first that a type has, or the one that the attribute names.
use cordial::inspect::{Form, Inspect, Inspected};
use cordial::prelude::*;
use cordial::sys;
use std::fmt::Debug;

/// Shown by its own words, though it has a `Debug`.
#[gen_server]
#[derive(Clone, Debug)]
struct Words(u32);

impl Inspect for Words {
    fn inspect(&self) -> Inspected {
        Inspected::text(format_args!("{} words", self.0))
    }
}

#[gen_server]
impl Words {
    #[cast]
    fn nothing(&self) {}
}

#[gen_server]
#[derive(Clone, Debug)]
struct Plain {
    coins: u32,
}

#[gen_server]
impl Plain {
    #[cast]
    fn burst(&mut self) {
        self.coins += 1;
        panic!("burst");
    }
}

#[gen_server]
#[derive(Clone)]
struct Silent(u32);

#[gen_server]
impl Silent {
    #[cast]
    fn burst(&self) {
        panic!("burst at {}", self.0);
    }
}

/// `#[format_status]` before all others.
#[gen_server]
#[derive(Clone, Debug)]
struct Told(u32);

#[gen_server]
impl Told {
    #[cast]
    fn nothing(&self) {}
    #[format_status]
    fn status(&self) -> String {
        format!("told {}", self.0)
    }
}

async fn shown<S: GenServer>(server: &Ref<S>) -> (Form, String) {
    let inspected = sys::inspect(server).await.unwrap();
    let status = sys::get_status(server).await.unwrap();
    assert_eq!(status.state.as_ref(), Some(&inspected));
    (inspected.form(), inspected.as_str().to_owned())
}

/// GS-42: what may be shown is shown by the first rendering that the type has.
// break: GS-42 runtime/cordial/src/inspect/ladder.rs `rest.0.0.inspect()` =>
//     `Inspected::type_name::<T>()`
#[cordial::test]
async fn first_rendering_that_a_type_has_is_taken() {
    let words = Words::start(Words(3)).await.unwrap();
    assert_eq!(shown(&words).await, (Form::Text, "3 words".into()));
    let plain = Plain::start(Plain { coins: 2 }).await.unwrap();
    assert_eq!(shown(&plain).await, (Form::Debug, "Plain { coins: 2 }".into()));
    let silent = Silent::start(Silent(7)).await.unwrap();
    let (form, text) = shown(&silent).await;
    assert!(form == Form::TypeName && text.ends_with("::Silent"), "{text}");
    let told = Told::start(Told(5)).await.unwrap();
    assert_eq!(shown(&told).await, (Form::Text, "told 5".into()));
}

#[cordial::test]
async fn crash_keeps_the_state_as_it_was_left_and_nothing_where_there_is_nothing_to_show() {
    let plain = Plain::start(Plain { coins: 2 }).await.unwrap();
    let down = cordial::process::monitor(&plain);
    plain.burst();
    down.await;
    let crash = &sys::crashes(1)[0];
    assert_eq!(crash.state.as_deref(), Some("Plain { coins: 3 }"));
    let silent = Silent::start(Silent(7)).await.unwrap();
    let down = cordial::process::monitor(&silent);
    silent.burst();
    down.await;
    assert_eq!(sys::crashes(1)[0].state, None);
}

/// With a parameter nothing is shown unless the attribute says what.
#[gen_server]
#[derive(Debug)]
struct Shelf<T> {
    goods: Vec<T>,
}

#[gen_server]
impl<T: Debug> Shelf<T> {
    #[init]
    fn init(goods: Vec<T>) -> Self {
        Self { goods }
    }
    #[call]
    fn len(&self) -> usize {
        self.goods.len()
    }
}

#[gen_server(inspect = Debug)]
#[derive(Debug)]
struct Rack<T> {
    goods: Vec<T>,
}

#[gen_server]
impl<T: Debug> Rack<T> {
    #[init]
    fn init(goods: Vec<T>) -> Self {
        Self { goods }
    }
    #[call]
    fn len(&self) -> usize {
        self.goods.len()
    }
}

/// Field by field, by the rendering that the attribute names.
#[gen_server(inspect = Debug)]
struct Safe<T> {
    goods: Vec<T>,
    #[inspect(redact)]
    code: String,
}

#[gen_server]
impl<T: Debug> Safe<T> {
    #[init]
    fn init(goods: Vec<T>) -> Self {
        Self { goods, code: "1234".into() }
    }
    #[call]
    fn len(&self) -> usize {
        self.goods.len() + self.code.len()
    }
}

#[cordial::test]
async fn of_a_server_with_parameters_is_shown_what_its_attribute_names() {
    let shelf = Shelf::start(vec![1]).await.unwrap();
    assert_eq!((shown(&shelf).await.0, shelf.len().await), (Form::TypeName, Ok(1)));
    let rack = Rack::start(vec![1]).await.unwrap();
    assert_eq!(shown(&rack).await, (Form::Debug, "Rack { goods: [1] }".into()));
    assert_eq!(rack.len().await, Ok(1));
    let safe = Safe::start(vec!["tea"]).await.unwrap();
    let text = r#"Safe { goods: ["tea"], code: [redacted] }"#;
    assert_eq!(shown(&safe).await, (Form::Debug, text.into()));
    assert_eq!(safe.len().await, Ok(5));
}

#[gen_server(inspect = type_name)]
#[derive(Clone, Debug)]
struct Closed(u32);

#[gen_server]
impl Closed {
    #[call]
    fn inside(&self) -> u32 {
        self.0
    }
}

#[cordial::test]
async fn server_that_names_the_type_name_shows_nothing_else() {
    let closed = Closed::start(Closed(7)).await.unwrap();
    assert_eq!((shown(&closed).await.0, closed.inside().await), (Form::TypeName, Ok(7)));
}

/// A state whose `Debug` panics, or never ends.
#[gen_server]
#[derive(Clone)]
struct Odd {
    is_endless: bool,
}

impl Debug for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        assert!(self.is_endless, "no words");
        loop {
            f.write_str("and so on, ")?;
        }
    }
}

#[gen_server]
impl Odd {
    #[call]
    fn lives(&self) -> bool {
        true
    }
}

#[cordial::test]
async fn rendering_that_panics_or_never_ends_harms_nobody() {
    let odd = Odd::start(Odd { is_endless: false }).await.unwrap();
    let (_, text) = shown(&odd).await;
    assert!(text.starts_with("what shows it panicked: no words at "), "{text}");
    let odd = Odd::start(Odd { is_endless: true }).await.unwrap();
    let (_, text) = shown(&odd).await;
    assert!(text.len() < 70_000 && text.ends_with('…'), "{}", text.len());
    assert_eq!(odd.lives().await, Ok(true));
}

#[cordial::test]
async fn inspect_waits_for_a_handler_that_has_the_state_and_says_who_is_no_server() {
    let plain = cordial::process::spawn(async |mut mail: cordial::process::Mailbox<()>| {
        mail.next().await;
    });
    assert_eq!(sys::inspect(&plain).await, Err(sys::SysError::NoServer));
    assert_eq!(sys::inspect("nobody").await, Err(sys::SysError::NoProc));
    let slow = Slow::start(Slow(0)).await.unwrap();
    slow.work();
    while sys::get_status(&slow).await.unwrap().handling.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(sys::get_status(&slow).await.unwrap().state, None);
    let asked = sys::inspect(&slow);
    cordial::test::advance(secs(3)).await;
    assert_eq!(asked.await.unwrap().as_str(), "Slow(1)");
}

/// It comes beside the mail.
#[cordial::test]
async fn suspended_and_flooded_server_is_inspected_before_its_mail() {
    let slow = Slow::start(Slow(0)).await.unwrap();
    sys::suspend(&slow).await.unwrap();
    for _ in 0..10_000 {
        slow.add();
    }
    assert_eq!(sys::inspect(&slow).await.unwrap().as_str(), "Slow(0)");
    sys::resume(&slow).await.unwrap();
    cordial::test::sync(&slow).await;
    assert_eq!(sys::inspect(&slow).await.unwrap().as_str(), "Slow(10000)");
}

#[gen_server]
#[derive(Clone, Debug)]
struct Slow(u32);

#[gen_server]
impl Slow {
    #[cast]
    fn add(&mut self) {
        self.0 += 1;
    }
    #[cast]
    async fn work(&mut self) {
        cordial::process::sleep(secs(2)).await;
        self.0 += 1;
    }
}
