//! `#[gen_server(closed)]`: what its messages may be made of.
use cordial::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, cordial::NotAHandle)]
struct Fix {
    lat: f64,
    near: Vec<Option<Box<str>>>,
    #[cfg(any())]
    left_out: cordial::Ref<Desk<u32>>,
}

#[derive(Clone, Debug, PartialEq, cordial::NotAHandle)]
enum Seen<T> {
    Nothing,
    Here(Fix, T),
    There { all: HashMap<String, T> },
}

#[gen_server]
#[derive(Clone)]
struct Desk<T> {
    seen: Vec<T>,
}

#[gen_server(closed)]
impl<T: Clone + cordial::NotAHandle> Desk<T> {
    #[cast]
    fn see(&mut self, what: T, _whose: &str, _all: &[Fix]) {
        self.seen.push(what);
    }

    #[call]
    fn seen(&self) -> Result<Vec<T>, Arc<str>> {
        Ok(self.seen.clone())
    }
}

#[cordial::test]
async fn closed_server_takes_what_holds_no_handle() {
    let fix = Fix { lat: 1.5, near: vec![None] };
    let seen = [Seen::Nothing, Seen::Here(fix, 1), Seen::There { all: HashMap::new() }];
    let desk = Desk::start(Desk { seen: Vec::new() }).await.unwrap();
    for one in &seen {
        desk.see(one.clone(), "ann", &[]);
    }
    assert_eq!(desk.seen().await.unwrap(), seen);
}
