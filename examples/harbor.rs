//! Run with `HARBOR_NAME=Rotterdam cargo run -p cordial-examples --example harbor`, then talk to it
//! with `nc` at the address it tells: `dock ann`, `pay 30`, `leave ann`, `health`.
//!
//! Two applications: the harbor needs the billing, so the billing starts first and stops last.
//! Ends when it is told to by Ctrl-C or SIGTERM, as soon as every ship has left, exit code 0; a
//! second signal ends it at once. `pay nothing` crashes the billing; the fourth crash within five
//! seconds is the end of it, and of the program, exit code 1.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use cordial::prelude::*;
use cordial::{Env, application, process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

// ===== Billing =====

/// What a berth costs.
#[derive(Clone, Debug, Env)]
struct BillingCfg {
    /// For one ship.
    #[env(default = 10)]
    price: u32,
}

#[gen_server]
#[derive(Clone)]
struct Desk {
    price: u32,
    due: u32,
}

#[gen_server]
impl Desk {
    /// A ship has come; what is due by now.
    #[call]
    fn bill(&mut self) -> u32 {
        self.due += self.price;
        self.due
    }

    /// Somebody pays; what is left. What is no amount is nobody's money, and crashes.
    #[call]
    fn pay(&mut self, amount: &str) -> u32 {
        let amount: u32 = amount.parse().expect("an amount is a number");
        self.due = self.due.saturating_sub(amount);
        self.due
    }
}

supervisor! {
    /// The billing.
    #[application(name = "billing", env = BillingCfg, prep_stop = close_the_books)]
    BillingSup(cfg: BillingCfg) {
        children: [desk: Desk(Desk { price: cfg.price, due: 0 }) { shutdown: 1s }],
    }
}

async fn close_the_books(billing: &BillingSupRef) {
    match billing.desk.pay("0").await {
        Ok(due) => println!("the books are closed: {due} due"),
        Err(_) => println!("the books are lost"),
    }
}

// ===== Harbor =====

/// Where the harbor is.
#[derive(Clone, Debug, Env)]
struct HarborCfg {
    /// What it is called.
    name: String,
    /// Where to listen; port 0 takes a free one.
    #[env(default = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How many ships it takes.
    #[env(default = 3)]
    berths: usize,
    /// How long a pilot waits for a word.
    #[env(default = 1min)]
    patience: Duration,
}

#[gen_server]
struct Quay {
    berths: usize,
    ships: BTreeSet<String>,
    waiting: Vec<ReplyTo<()>>,
}

#[gen_server]
impl Quay {
    #[init]
    async fn init(cfg: HarborCfg, desk: DeskRef, ctx: &mut Ctx<Self>) -> io::Result<Self> {
        let listener = TcpListener::bind(cfg.listen).await?;
        println!("{} listens on {}", cfg.name, listener.local_addr()?);
        let (quay, patience) = (ctx.me(), cfg.patience);
        process::spawn_link(async move |_: process::Mailbox<()>| {
            loop {
                let (ship, _) = listener.accept().await?;
                let (quay, desk) = (quay.clone(), desk.clone());
                process::spawn_link(async move |_: process::Mailbox<()>| {
                    // A connection that breaks is no business of the harbor.
                    let _ = serve(ship, &quay, &desk, patience).await;
                });
            }
            #[expect(unreachable_code, reason = "says what the loop ends with")]
            io::Result::Ok(())
        });
        Ok(Self { berths: cfg.berths, ships: BTreeSet::new(), waiting: Vec::new() })
    }

    #[call]
    fn dock(&mut self, ship: &str) -> bool {
        self.ships.len() < self.berths && self.ships.insert(ship.to_owned())
    }

    #[call]
    fn leave(&mut self, ship: &str) -> bool {
        let was_there = self.ships.remove(ship);
        if self.ships.is_empty() {
            self.waiting.drain(..).for_each(|from| from.reply(()));
        }
        was_there
    }

    /// Answers when no ship is there.
    #[call(timeout = infinity)]
    fn when_empty(&mut self, from: ReplyTo<()>) {
        if self.ships.is_empty() { from.reply(()) } else { self.waiting.push(from) }
    }
}

supervisor! {
    /// The harbor.
    #[application(
        name = "harbor",
        env = HarborCfg,
        depends = [BillingSup],
        file = "harbor.toml",
        prep_stop = wait_for_ships,
    )]
    HarborSup(cfg: HarborCfg) {
        children: [quay: Quay(cfg, desk())],
    }
}

/// The desk of the billing, which runs before the harbor starts.
fn desk() -> DeskRef {
    application::whereis::<BillingSup>().expect("the harbor needs the billing").desk
}

async fn wait_for_ships(harbor: &HarborSupRef) {
    println!("the harbor closes");
    let _ = harbor.quay.when_empty().await;
    println!("the last ship has left");
}

// ===== Words =====

async fn serve(
    mut ship: TcpStream,
    quay: &QuayRef,
    desk: &DeskRef,
    patience: Duration,
) -> io::Result<()> {
    let (read, mut write) = ship.split();
    let mut lines = BufReader::new(read).lines();
    while let Ok(line) = tokio::time::timeout(patience, lines.next_line()).await {
        let Some(line) = line? else { break };
        let answer = match answer(&line, quay, desk).await {
            Ok(answer) => answer,
            Err(error) => format!("sorry: {error}"),
        };
        write.write_all((answer + "\n").as_bytes()).await?;
    }
    Ok(())
}

async fn answer(line: &str, quay: &QuayRef, desk: &DeskRef) -> Result<String, CallError> {
    Ok(match line.split_once(' ').unwrap_or((line, "")) {
        ("dock", ship) if quay.dock(ship).await? => format!("{} due", desk.bill().await?),
        ("dock", _) => "no berth".into(),
        ("leave", ship) if quay.leave(ship).await? => "farewell".into(),
        ("leave", _) => "who?".into(),
        ("pay", amount) => format!("{} left", desk.pay(amount).await?),
        ("health", _) => application::health().to_string().replace('\n', ", "),
        _ => "dock SHIP, leave SHIP, pay AMOUNT, health".into(),
    })
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help") {
        let (harbor, billing) = (
            cordial::env::describe::<HarborCfg>("harbor"),
            cordial::env::describe::<BillingCfg>("billing"),
        );
        print!("Set by variables, or in harbor.toml:\n\n{harbor}\n{billing}");
        return ExitCode::SUCCESS;
    }
    HarborSup::run()
}
