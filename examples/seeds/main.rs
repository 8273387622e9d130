//! Run with `cargo run -p cordial-examples --example seeds`: the programs of the OTP books as
//! `docs/otp_map.md` shows them beside their Elixir. With names as arguments it runs those.

mod chat_room;
mod distributed_counter;
mod fleet_listing;
mod fleet_tracker;
mod order_processor;
mod ping_pong;
mod scoreboard;

use std::error::Error;

const ALL: [&str; 7] = [
    "scoreboard",
    "chat_room",
    "distributed_counter",
    "ping_pong",
    "order_processor",
    "fleet_tracker",
    "fleet_listing",
];

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let all = || ALL.map(str::to_owned).to_vec();
    for name in if names.is_empty() { all() } else { names } {
        match name.as_str() {
            "scoreboard" => scoreboard::main().await?,
            "chat_room" => chat_room::main().await?,
            "distributed_counter" => distributed_counter::main().await?,
            "ping_pong" => ping_pong::main().await?,
            "order_processor" => order_processor::main().await?,
            "fleet_tracker" => fleet_tracker::main().await?,
            "fleet_listing" => fleet_listing::main(),
            other => return Err(format!("there is no program `{other}`").into()),
        }
    }
    Ok(())
}
