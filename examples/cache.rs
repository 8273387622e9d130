//! A cache: rows that go by themselves, read by everybody without asking its owner.
//!
//! Run with `cargo run -p cordial-examples --example cache`. It checks its own result and exits
//! with an error if that is wrong.
//!
//! The owner alone looks prices up, which takes time; whoever asks for one reads the table first,
//! and asks the owner only where nothing fresh is there. A crash of the owner empties the cache and
//! nothing else: the readers' addresses stay good.

use std::sync::Arc;

use cordial::ets::TableError;
use cordial::prelude::*;
use cordial::{Counters, process};

table! {
    /// Prices by article, for a short while, of a few articles.
    Prices: String => u64, set, protected, ttl = 200ms, max = 100
}

/// Looks prices up, and keeps them for a while.
#[gen_server]
struct PriceServer {
    prices: Prices,
    lookups: Arc<Counters>,
}

#[gen_server]
impl PriceServer {
    #[init]
    fn init(lookups: Arc<Counters>, ctx: &mut Ctx<Self>) -> Self {
        Self { prices: Prices::new(ctx), lookups }
    }

    /// What readers read.
    #[call]
    fn prices(&self) -> PricesRef {
        self.prices.reader()
    }

    /// The price of an article, which is looked up unless somebody else has just done so.
    #[call]
    fn look_up(&mut self, article: &str) -> Result<u64, TableError> {
        if let Some(price) = self.prices.lookup(article)? {
            return Ok(price);
        }
        self.lookups.add(0, 1);
        let price = article.len() as u64 * 100;
        self.prices.insert(article.to_owned(), price)?;
        Ok(price)
    }

    #[cast]
    fn crash(&mut self) {
        panic!("the connection to the price list is lost");
    }
}

supervisor! {
    /// The shop's tree.
    Shop(lookups: Arc<Counters>) {
        children: [server: PriceServer(lookups)],
    }
}

/// The price from the cache, or else from its owner.
async fn price(shop: &ShopRef, prices: &PricesRef, article: &str) -> Option<u64> {
    if let Ok(Some(price)) = prices.lookup(article) {
        return Some(price);
    }
    shop.server.look_up(article).await.ok()
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lookups = Arc::new(Counters::new(1));
    let shop = Shop::start(lookups.clone()).await?;
    let prices = shop.server.prices().await?;

    // A thousand readers, one look-up.
    for _ in 0..1000 {
        assert_eq!(price(&shop, &prices, "apple").await, Some(500));
    }
    let first = lookups.get(0);
    assert!(first < 10, "{first} look-ups for a thousand readers");

    // Its time is over: it is looked up again.
    process::sleep(millis(250)).await;
    assert_eq!(prices.lookup("apple")?, None);
    assert_eq!(price(&shop, &prices, "apple").await, Some(500));
    assert!(lookups.get(0) > first);

    // No more than a hundred are kept.
    for article in 0..1000 {
        shop.server.look_up(&format!("article {article}")).await?;
    }
    assert!(prices.size()? <= 100);

    // The owner crashes; the address that readers have reaches the next one's table.
    let before = prices.owner();
    shop.server.crash();
    while prices.owner().is_none_or(|owner| Some(owner) == before) {
        process::sleep(millis(1)).await;
    }
    assert_eq!(price(&shop, &prices, "pear").await, Some(400));
    assert_eq!(prices.lookup("pear")?, Some(400));
    println!("{} look-ups, {} rows kept", lookups.get(0), prices.size()?);
    Ok(())
}
