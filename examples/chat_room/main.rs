//! Run with `cargo run --release -p cordial-examples --example chat_room`, then talk to it with
//! `nc 127.0.0.1 4040`: `JOIN lobby ann`, `SAY hello`, `CRASH`, `SAY still here`.
//!
//! Ends when it is told to by Ctrl-C or SIGTERM: every client hears of it, exit code 0.

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use chat_room::application::{ChatSup, EMPTY_FOR};
use chat_room::cli::{self, Request, USAGE};
use cordial::{process, supervisor};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[cordial::main]
async fn main() -> ExitCode {
    match cli::parse(env::args().skip(1)) {
        Ok(Request::Listen(address)) => match serve(address).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("chat_room: {problem}");
                ExitCode::FAILURE
            }
        },
        Ok(Request::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("chat_room: {problem}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Serves until a signal says to stop.
async fn serve(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let listening = TcpListener::bind(address).await;
    let listener = listening.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr()?;
    // Before anybody can know that the server is up.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;

    let chat = ChatSup::start(Arc::new(listener), EMPTY_FOR).await?;
    println!("listening on {address}");
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        down = process::monitor(&chat) => {
            return Err(format!("the tree gave up: {}", down.reason).into());
        }
    }
    supervisor::stop(&chat).await?;
    Ok(())
}
