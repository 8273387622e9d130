//! Run with `cargo run -p cordial-examples --example checkout`: customers talk to a shop, each in a
//! conversation of his own. It checks what it shows and exits non-zero when that is wrong.

use std::collections::BTreeMap;
use std::error::Error;

use checkout::customer::{self, VerdictOffer};
use checkout::till::{self, ShoppingOffer};
use cordial::prelude::*;
use cordial::protocol::SessionError;
use cordial::{Task, process};

protocol! {
    /// A checkout: things are added until the customer pays or leaves.
    Checkout: Customer => Till {
        loop Shopping {
            choice Customer within 30s {
                /// One more thing.
                Add(title: String, cents: u32) => {
                    Till -> Customer: Subtotal(u32);
                    continue Shopping;
                }
                Pay(cents: u32) => choice Till as Verdict {
                    Receipt(String) => end,
                    /// It is not enough.
                    Declined => continue Shopping,
                }
                Leave => end,
            }
        }
    }
}

/// What was sold, and for how much.
#[gen_server]
#[derive(Clone, Default)]
struct Shop {
    sold: BTreeMap<String, u32>,
    takings: u32,
}

#[gen_server]
impl Shop {
    /// Books one sale.
    #[call]
    fn sell(&mut self, titles: Vec<String>, cents: u32) -> usize {
        for title in titles {
            *self.sold.entry(title).or_default() += 1;
        }
        self.takings += cents;
        self.sold.values().map(|count| *count as usize).sum()
    }

    /// The money that was taken.
    #[call]
    fn takings(&self) -> u32 {
        self.takings
    }

    /// The till: one task per customer, so that a slow one keeps nobody waiting.
    #[session(Checkout as Till)]
    async fn serve(me: ShopRef, customer: till::Start) -> Result<(), SessionError> {
        let (mut titles, mut total, mut customer) = (Vec::new(), 0, customer);
        loop {
            customer = match customer.offer().await? {
                ShoppingOffer::Add(title, cents, customer) => {
                    titles.push(title);
                    total += cents;
                    customer.subtotal(total)
                }
                ShoppingOffer::Pay(cents, customer) if cents < total => customer.declined(),
                ShoppingOffer::Pay(cents, customer) => {
                    let count = me.sell(titles, total).await.unwrap_or(0);
                    let change = cents - total;
                    customer.receipt(format!("paid {total}, change {change}, {count} sold"));
                    return Ok(());
                }
                ShoppingOffer::Leave(_) => return Ok(()),
            }
        }
    }
}

supervisor! {
    /// The shop, which is open again after a crash.
    Mall {
        children: [shop: Shop(Shop::default())],
    }
}

/// Buys what is on the list, with so much money. `None`: it was not enough.
async fn buy(
    mut customer: customer::Start,
    list: &[(&str, u32)],
    money: u32,
) -> Result<Option<String>, SessionError> {
    for (title, cents) in list {
        let (subtotal, next) = customer.add((*title).to_owned(), *cents).subtotal().await?;
        println!("{title}: {subtotal} cents so far");
        customer = next;
    }
    match customer.pay(money).offer().await? {
        VerdictOffer::Receipt(text, _) => Ok(Some(text)),
        VerdictOffer::Declined(customer) => {
            customer.leave();
            Ok(None)
        }
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mall = Mall::start().await?;

    // Two at once, and one who stands there and says nothing.
    let silent = Checkout::connect(&mall.shop).await?;
    let (one, other) = (Checkout::connect(&mall.shop), Checkout::connect(&mall.shop));
    let (one, other) = (one.await?, other.await?);
    let rich = Task::spawn(async move { buy(one, &[("book", 1250), ("pen", 99)], 2000).await });
    let poor = Task::spawn(async move { buy(other, &[("globe", 9900)], 100).await });
    let (receipt, refused) = (rich.await??, poor.await??);
    println!("the rich one got: {receipt:?}");
    check(receipt.as_deref() == Some("paid 1349, change 651, 2 sold"), "the receipt is wrong")?;
    check(refused.is_none(), "something was sold for less than it costs")?;
    check(mall.shop.takings().await? == 1349, "the takings are wrong")?;

    // The shop is killed in the middle of a conversation: who talks to it learns that.
    let down = process::monitor(&mall.shop);
    process::exit(&mall.shop, ExitReason::Kill);
    down.await;
    let lost = buy(silent, &[("lamp", 4000)], 5000).await;
    let error = lost.err().ok_or("nobody was there, and somebody answered")?;
    println!("then the shop was closed: {error}");
    check(error.reason() == Some(&ExitReason::Killed), "the reason is another")?;

    // Its supervisor has opened it again, at the same address.
    let customer = loop {
        match Checkout::connect(&mall.shop).await {
            Ok(customer) => break customer,
            Err(CallError::NoProc(_)) => process::sleep(millis(1)).await,
            Err(error) => return Err(error.into()),
        }
    };
    let receipt = buy(customer, &[("lamp", 4000)], 5000).await?;
    println!("after the restart: {receipt:?}");
    check(receipt.is_some(), "the shop is not open again")?;
    Ok(())
}

fn check(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
