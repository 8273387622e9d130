//! `cordial-benches <peer> <workload>`: one measurement in a process of its own, told in one line.
//!
//! ```text
//! cordial-benches list                     the peers, the workloads and the costs there are
//! cordial-benches <peer> <workload>        peer, workload, workers, bytes, value, unit
//! cordial-benches cost <feature>           the same for what one feature of cordial adds
//!
//!     --workers current|1|2|..   threads of the runtime (2)
//!     --bytes 8|64|256           size of a payload (8)
//!     --operations N             how often, instead of the workload's own number
//!     --share 0.2                a part of the workload's own number
//!     --processes N              how many processes, for `scale-cast` and `scale-spawn`
//! ```
//!
//! `cargo xtask bench` runs it many times, in turn with the others, and makes the tables.
#![allow(
    clippy::disallowed_methods,
    reason = "what is measured stands beside plain tokio, on the real clock"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to a person")]

use std::process::ExitCode;

mod command;
mod costs;
mod job;
mod latch;
mod payload;
mod peer;
mod peers;
mod state;
mod workloads;

fn main() -> ExitCode {
    // Crashes are wanted here, thousands of them, and nobody reads of them.
    std::panic::set_hook(Box::new(|_| {}));
    tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new())
        .expect("nobody has set one before");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command::run(&words) {
        Ok(lines) => {
            println!("{lines}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}
