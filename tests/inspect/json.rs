//! Shown as JSON, where there is a `Serialize`.
use cordial::inspect::{Form, Inspect, Inspected};
use cordial::prelude::*;
use cordial::sys;
use serde::Serialize;
use std::collections::BTreeMap;

#[gen_server]
#[derive(Clone, Debug, Serialize)]
struct Stock {
    goods: BTreeMap<String, u32>,
}

#[gen_server]
impl Stock {
    #[cast]
    fn nothing(&self) {}
}

#[derive(Clone, Debug)]
struct Socket;

#[gen_server]
#[derive(Clone)]
struct Shop {
    name: String,
    #[inspect(redact)]
    password: String,
    socket: Socket,
    owner: Owner,
}

#[derive(Clone, Serialize, Inspect)]
enum Owner {
    Person {
        name: String,
        #[inspect(redact)]
        secret: String,
    },
}

#[gen_server]
impl Shop {
    #[call]
    fn is_open(&self, password: &str) -> bool {
        self.password == password
    }
}

#[gen_server(inspect = Serialize)]
#[derive(Serialize)]
struct Cache<T> {
    rows: Vec<T>,
}

#[gen_server]
impl<T: Serialize> Cache<T> {
    #[init]
    fn init(rows: Vec<T>) -> Self {
        Self { rows }
    }
    #[call]
    fn len(&self) -> usize {
        self.rows.len()
    }
}

async fn shown<S: GenServer>(server: &Ref<S>) -> (Form, String) {
    let inspected = sys::inspect(server).await.unwrap();
    (inspected.form(), inspected.into())
}

#[cordial::test]
async fn state_that_can_be_serialized_is_json() {
    let stock = Stock { goods: [("tea".into(), 3)].into() };
    let stock = Stock::start(stock).await.unwrap();
    assert_eq!(shown(&stock).await, (Form::Json, r#"{"goods":{"tea":3}}"#.into()));
    let cache = Cache::start(vec!["a"]).await.unwrap();
    assert_eq!(shown(&cache).await, (Form::Json, r#"{"rows":["a"]}"#.into()));
    assert_eq!(cache.len().await, Ok(1));
}

#[cordial::test]
async fn fields_that_are_no_json_stand_in_it_as_texts() {
    let owner = Owner::Person { name: "ann".into(), secret: "hunter2".into() };
    let shop = Shop { name: "a \"b\"".into(), password: "x".into(), socket: Socket, owner };
    let shop = Shop::start(shop).await.unwrap();
    let text = concat!(
        r#"{"name":"a \"b\"","password":"[redacted]","socket":"Socket","#,
        r#""owner":{"Person":{"name":"ann","secret":"[redacted]"}}}"#
    );
    let (form, shown) = shown(&shop).await;
    assert_eq!((form, shown.as_str()), (Form::Json, text));
    assert_eq!(shop.is_open("x").await, Ok(true));
}

#[cordial::test]
async fn json_that_is_too_long_is_cut_and_is_no_json_any_more() {
    let goods = (0..20_000).map(|number| (format!("{number}"), number)).collect();
    let stock = Stock::start(Stock { goods }).await.unwrap();
    let (form, text) = shown(&stock).await;
    assert_eq!((form, text.ends_with('…')), (Form::Text, true));
    assert!(text.len() < 70_000);
}

/// All that `serde` knows, as `serde_json` writes it.
#[test]
fn every_kind_of_value_has_its_json() {
    #[derive(Serialize)]
    struct All {
        none: Option<u8>,
        some: Option<char>,
        unit: (),
        floats: [f64; 3],
        text: &'static str,
        by_number: BTreeMap<i64, bool>,
        variants: Vec<Variant>,
        pair: (u8, Named),
        newtype: Newtype,
    }
    #[derive(Serialize)]
    enum Variant {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }
    #[derive(Serialize)]
    struct Named;
    #[derive(Serialize)]
    struct Newtype(i128);
    let all = All {
        none: None,
        some: Some('é'),
        unit: (),
        floats: [1.0, 0.25, f64::NAN],
        text: "a \"b\" \\ \n\u{1}",
        by_number: [(-1, true)].into(),
        variants: vec![
            Variant::Unit,
            Variant::Newtype(1),
            Variant::Tuple(1, 2),
            Variant::Struct { a: 3 },
        ],
        pair: (1, Named),
        newtype: Newtype(-5),
    };
    let expected = concat!(
        r#"{"none":null,"some":"é","unit":null,"floats":[1.0,0.25,null],"#,
        r#""text":"a \"b\" \\ \n\u0001","by_number":{"-1":true},"#,
        r#""variants":["Unit",{"Newtype":1},{"Tuple":[1,2]},{"Struct":{"a":3}}],"#,
        r#""pair":[1,null],"newtype":-5}"#
    );
    let shown = Inspected::json(&all);
    assert_eq!((shown.form(), shown.as_str()), (Form::Json, expected));
}

#[test]
fn map_whose_keys_are_no_texts_says_so() {
    let map: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    let shown = Inspected::json(&map);
    let text = "it has no JSON: a key of a map is neither a text nor a number";
    assert_eq!((shown.form(), shown.as_str()), (Form::Text, text));
}
