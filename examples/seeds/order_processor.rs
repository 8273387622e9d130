//! Orders through a pipe of steps, into an agent.

use std::error::Error;

use cordial::{Agent, pipe};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Clone, Default)]
struct Order {
    item: String,
    pieces: u64,
    price: u64,
    is_valid: bool,
    total: u64,
}

async fn receive_order(raw: &str, orders: &Agent<Vec<Order>>) -> Result<usize> {
    pipe!(raw |> parse()? |> validate |> calculate_total |> store(orders).await)
}

fn parse(raw: &str) -> Result<Order> {
    let mut fields = raw.split(',');
    let mut field = || fields.next().ok_or("an order has an item, pieces and a price");
    let (item, pieces, price) = (field()?.to_owned(), field()?.parse()?, field()?.parse()?);
    Ok(Order { item, pieces, price, ..Order::default() })
}

fn validate(order: Order) -> Order {
    Order { is_valid: order.pieces > 0, ..order }
}

fn calculate_total(order: Order) -> Order {
    Order { total: order.pieces * order.price, ..order }
}

async fn store(order: Order, orders: &Agent<Vec<Order>>) -> Result<usize> {
    let stored = orders.get_and_update(move |orders| {
        orders.insert(0, order);
        orders.len()
    });
    Ok(stored.await?)
}

pub(crate) async fn main() -> Result<()> {
    let orders = Agent::start(Vec::new).await?;
    println!("order {}", receive_order("book,3,14", &orders).await?);
    println!("order {}", receive_order("lamp,1,30", &orders).await?);
    for order in orders.get(Clone::clone).await?.iter().rev() {
        println!("{}: {}, valid: {}", order.item, order.total, order.is_valid);
    }
    Ok(())
}
