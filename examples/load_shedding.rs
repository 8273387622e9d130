//! Run with `cargo run -p cordial-examples --example load_shedding`: a shop that is asked for more
//! than it can do, and what each of its parts does about that.

use std::error::Error;

use cordial::fuse::{Fuse, FuseError};
use cordial::prelude::*;
use cordial::regulator::Regulator;
use cordial::telemetry::{self, events};

/// Prints labels, one after the other, 2 ms each.
#[gen_server]
#[derive(Clone, Default)]
struct Printer {
    printed: u32,
}

#[gen_server(mailbox = 64)]
impl Printer {
    /// A label that nobody waits for any more is not printed.
    #[call(shed)]
    async fn print(&mut self) -> u32 {
        tokio::time::sleep(millis(2)).await;
        self.printed += 1;
        self.printed
    }

    #[call]
    fn printed(&self) -> u32 {
        self.printed
    }
}

/// Shows where the van is: only the last places matter.
#[gen_server]
#[derive(Clone, Default)]
struct Map {
    places: Vec<u32>,
}

#[gen_server(mailbox = 4, on_full = drop_oldest)]
impl Map {
    #[cast]
    fn van_is_at(&mut self, place: u32) {
        self.places.push(place);
    }

    /// Loads its tiles; meanwhile places pile up.
    #[cast(on_full = reject)]
    async fn load(&self) {
        tokio::time::sleep(millis(20)).await;
    }

    #[call]
    fn places(&self, ctx: &mut Ctx<Self>) -> (Vec<u32>, u64) {
        (self.places.clone(), ctx.dropped())
    }
}

/// Books orders: none may be lost, so who books waits for room.
#[gen_server]
#[derive(Clone, Default)]
struct Ledger {
    booked: Vec<u32>,
}

#[gen_server(mailbox = 2, on_full = wait)]
impl Ledger {
    #[cast]
    async fn book(&mut self, order: u32) {
        tokio::task::yield_now().await;
        self.booked.push(order);
    }

    #[call]
    fn booked(&self) -> Vec<u32> {
        self.booked.clone()
    }
}

#[cordial::main(workers = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    telemetry::attach(|shed: &events::CallShed| drop(format!("left a {}", shed.kind)));
    let (printer, map, ledger) = (
        Printer::start(Printer::default()).await?,
        Map::start(Map::default()).await?,
        Ledger::start(Ledger::default()).await?,
    );

    // Forty ask for a label, and thirty of them have gone before it is their turn.
    let mut labels: Vec<_> = (0..40).map(|_| printer.print()).collect();
    labels.truncate(10);
    let mut given = 0;
    for label in labels {
        given += u32::from(label.await.is_ok());
    }
    let printed = printer.printed().await?;
    println!("labels: {given} given, {printed} printed for 40 that asked");

    // The van moves a hundred times while the map loads.
    let _ = map.load();
    for place in 0..100 {
        let _ = map.van_is_at(place);
    }
    let (places, dropped) = map.places().timeout(secs(5)).await?;
    println!("map: {} places shown, {dropped} dropped", places.len());

    // A thousand orders go through a mailbox of two.
    for order in 0..1_000 {
        ledger.book(order).await?;
    }
    let booked = ledger.booked().await?;
    println!("ledger: {} booked", booked.len());

    // Three at a time may ask the bank, and ten may wait; who is refused knows for how long.
    let bank = Regulator::new("bank").at_once(3).line(10, secs(1));
    let visits: Vec<_> = (0..20).map(|_| bank.enter()).collect();
    let (mut let_in, mut refused) = (0, 0);
    for visit in visits {
        match visit.await {
            Ok(permit) => {
                let_in += 1;
                drop(permit);
            }
            Err(error) if error.retry_in > millis(0) => refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    println!("bank: {let_in} let in, {refused} refused");

    // A carrier that does not answer is left alone for a while.
    let fuse = Fuse::new("carrier").bears(2, secs(10)).reset_after(secs(30));
    let (mut tried, mut spared) = (0, 0);
    for _ in 0..10 {
        match fuse.run(async { Err::<(), _>("no answer") }).await {
            Ok(()) => return Err("the carrier does not answer".into()),
            Err(FuseError::Failed(_)) => tried += 1,
            Err(FuseError::Blown(_)) => spared += 1,
        }
    }
    println!("carrier: {tried} tried, {spared} spared");

    let is_right = given == 10
        && printed < 40
        && places.last() == Some(&99)
        && u64::try_from(places.len())? + dropped == 100
        && booked == (0..1_000).collect::<Vec<_>>()
        && (let_in, refused) == (13, 7)
        && (tried, spared) == (3, 7);
    if is_right { Ok(()) } else { Err("something was lost that should not have been".into()) }
}
