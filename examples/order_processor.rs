//! Run with `cargo run -p cordial-examples --example order_processor`: orders go through a pipe of
//! steps into a ledger. It checks what it shows and exits non-zero when that is wrong.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::num::ParseIntError;

use cordial::TryCallError;
use cordial::prelude::*;

/// What somebody wants, with prices in cents.
#[derive(Clone, Debug, Default, PartialEq)]
struct Order {
    id: u32,
    item: String,
    pieces: u64,
    price: u64,
    total: u64,
}

#[derive(Debug, PartialEq)]
enum OrderError {
    NoField(&'static str),
    NoNumber(ParseIntError),
    Nothing,
    TakenAlready(u32),
    NoLedger,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoField(name) => write!(f, "the order has no `{name}`"),
            Self::NoNumber(error) => error.fmt(f),
            Self::Nothing => f.write_str("an order is of one piece at least"),
            Self::TakenAlready(id) => write!(f, "order {id} was taken before"),
            Self::NoLedger => f.write_str("there is no ledger"),
        }
    }
}

impl Error for OrderError {}

impl From<ParseIntError> for OrderError {
    fn from(error: ParseIntError) -> Self {
        Self::NoNumber(error)
    }
}

impl From<TryCallError<Self>> for OrderError {
    fn from(error: TryCallError<Self>) -> Self {
        error.handler().unwrap_or(Self::NoLedger)
    }
}

/// Where orders are kept.
#[gen_server]
#[derive(Clone, Default)]
struct Ledger {
    orders: BTreeMap<u32, Order>,
}

#[gen_server]
impl Ledger {
    /// Keeps an order, once.
    #[call]
    fn write(&mut self, order: Order) -> Result<Order, OrderError> {
        if self.orders.contains_key(&order.id) {
            return Err(OrderError::TakenAlready(order.id));
        }
        self.orders.insert(order.id, order.clone());
        Ok(order)
    }

    /// How many orders there are.
    #[call]
    fn count(&self) -> usize {
        self.orders.len()
    }
}

/// The seed's `receive_order`: each step takes what the one before gave.
async fn receive_order(ledger: &LedgerRef, raw: &str) -> Result<u64, OrderError> {
    let order = pipe!(raw |> str::trim |> parse()? |> validate()? |> with_total(5, _));
    Ok(pipe!(order |> ledger.write().await? |> .total))
}

/// `id=7 item=book pieces=2 price=1250`
fn parse(raw: &str) -> Result<Order, OrderError> {
    let field = |name| {
        let fields = raw.split(' ').filter_map(|field| field.split_once('='));
        let mut named = fields.filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| value).ok_or(OrderError::NoField(name))
    };
    Ok(Order {
        id: field("id")?.parse()?,
        item: field("item")?.to_owned(),
        pieces: field("pieces")?.parse()?,
        price: field("price")?.parse()?,
        total: 0,
    })
}

fn validate(order: Order) -> Result<Order, OrderError> {
    if order.pieces == 0 { Err(OrderError::Nothing) } else { Ok(order) }
}

/// With so many per cent off.
fn with_total(off: u64, order: Order) -> Order {
    let total = order.pieces * order.price * (100 - off) / 100;
    Order { total, ..order }
}

supervisor! {
    /// The shop.
    ShopSup {
        children: [ledger: Ledger(Ledger::default())],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = ShopSup::start().await?;
    let receive = |raw| receive_order(&shop.ledger, raw);
    let total = receive(" id=7 item=book pieces=2 price=1250\n").await?;
    println!("order 7 costs {total} cents");
    check(total == 2375, "the total is wrong")?;

    for (raw, expected) in [
        ("id=7 item=book pieces=2 price=1250", "order 7 was taken before"),
        ("id=8 item=pen pieces=0 price=100", "an order is of one piece at least"),
        ("id=8 item=pen price=100", "the order has no `pieces`"),
        ("id=x item=pen pieces=1 price=100", "invalid digit found in string"),
    ] {
        let refused = receive(raw).await.err().map(|error| error.to_string());
        println!("refused: {}", refused.as_deref().unwrap_or("nothing"));
        check(refused.as_deref() == Some(expected), "a bad order was not refused so")?;
    }
    check(shop.ledger.count().await? == 1, "a bad order was kept")?;
    Ok(())
}

fn check(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
