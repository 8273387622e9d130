//! The program as an OS process: its arguments, its first line, its end.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::support::Client;

/// The built example. Cargo gives tests no path of an example, so it is asked to build it.
fn program() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its path");
        let folder = test.parent().and_then(|deps| deps.parent()).expect("target/debug/deps/test");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "-q", "-p", "cordial-examples", "--example", "chat_room"]);
        cargo.arg("--target-dir").arg(folder.parent().expect("target/debug"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the example builds");
        folder.join("examples/chat_room")
    });
    Command::new(path)
}

/// A running server; killed when dropped.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start() -> Self {
        let mut command = program();
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let address = line.strip_prefix("listening on ").expect("the address is told").trim_end();
        Self { child, address: address.parse().expect("an address") }
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(status.success(), "{kill}");
    }

    /// Waits for the end: the exit code, how long it took, what was written to stderr.
    async fn end(mut self) -> (Option<i32>, Duration, String) {
        let start = Instant::now();
        let waiting = tokio::task::spawn_blocking(move || {
            let mut errors = String::new();
            let stderr = self.child.stderr.as_mut().expect("stderr is a pipe");
            stderr.read_to_string(&mut errors).expect("text");
            (self.child.wait().expect("the program ends").code(), start.elapsed(), errors)
        });
        waiting.await.expect("waiting does not fail")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

async fn check_stops_on(signal: &str) {
    let server = Running::start();
    let mut clients = Vec::new();
    for n in 0..20 {
        let mut client = Client::connect(server.address).await;
        client.send(format!("JOIN room-{} user-{n}", n % 3)).await;
        assert!(client.line().await.starts_with("OK joined"));
        clients.push(client);
    }
    // One that is in no room, one in the middle of a line, one that does not read.
    let mut idle = Client::connect(server.address).await;
    idle.ask("ROOMS", "OK room-0(7),room-1(7),room-2(6)").await;
    clients[0].send_raw(b"SAY half a l").await;
    let mut deaf = Client::connect(server.address).await;
    deaf.send_raw(&b"FOO\n".repeat(200_000)).await;

    server.signal(signal);
    clients.push(idle);
    for mut client in clients {
        client.expect(&["! server is stopping"]).await;
        client.expect_end().await;
    }
    let (code, took, errors) = server.end().await;
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn sigterm_tells_every_client_and_ends_with_code_0() {
    check_stops_on("TERM").await;
}

#[tokio::test]
async fn sigint_tells_every_client_and_ends_with_code_0() {
    check_stops_on("INT").await;
}

#[tokio::test]
async fn a_signal_right_after_the_first_line_is_not_missed() {
    let server = Running::start();
    server.signal("TERM");
    let (code, ..) = server.end().await;
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn an_empty_room_of_the_program_ends_after_30_seconds() {
    let server = Running::start();
    let mut client = Client::connect(server.address).await;
    client.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
    client.ask("JOIN tea ann", "OK joined tea as ann (1 here)").await;
    let empty = Instant::now();
    let mut every = tokio::time::interval(Duration::from_millis(100));
    loop {
        client.send("ROOMS").await;
        match client.line().await.as_str() {
            "OK lobby(0),tea(1)" => {}
            "OK tea(1)" => break,
            other => panic!("{other}"),
        }
        every.tick().await;
    }
    let took = empty.elapsed();
    assert!((Duration::from_secs(29)..Duration::from_secs(33)).contains(&took), "{took:?}");
}

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("the program runs")
}

#[test]
fn a_crash_is_reported_on_stderr() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let errors = runtime.block_on(async {
        let server = Running::start();
        let mut client = Client::connect(server.address).await;
        client.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
        client.ask("CRASH", "OK crashed").await;
        client.expect(&["! room lobby restarted"]).await;
        server.signal("TERM");
        server.end().await.2
    });
    assert!(errors.contains("ann crashed the room lobby"), "{errors}");
}

#[test]
fn arguments_that_are_not_understood_are_answered_with_the_usage_and_code_2() {
    for arguments in [&["--lisen", "x"][..], &["--listen"], &["--listen", "nowhere"], &["4040"]] {
        let output = output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors.contains("usage: chat_room [--listen ADDRESS:PORT]"), "{errors}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_is_the_usage_and_code_0() {
    let output = output(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("usage: chat_room"));
}

#[test]
fn an_address_that_is_taken_is_named_with_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = output(&["--listen", &address]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains(&format!("cannot listen on {address}")), "{errors}");
}
