//! The harbor as an OS process: its environment, its readiness, its ends and their exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The built example. Cargo gives tests no path of an example, so it is asked to build it.
fn program() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its path");
        let folder = test.parent().and_then(|deps| deps.parent()).expect("target/debug/deps/test");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "-q", "-p", "cordial-examples", "--example", "harbor"]);
        cargo.arg("--target-dir").arg(folder.parent().expect("target/debug"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the example builds");
        folder.join("examples/harbor")
    });
    let mut command = Command::new(path);
    command.env("RUST_BACKTRACE", "0").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running harbor; killed when dropped.
struct Harbor {
    child: Child,
    out: BufReader<ChildStdout>,
    err: ChildStderr,
    address: String,
}

impl Harbor {
    fn start() -> Self {
        Self::of(program().env("HARBOR_NAME", "Rotterdam"))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        let err = child.stderr.take().expect("stderr is a pipe");
        let mut line = String::new();
        out.read_line(&mut line).expect("a first line");
        let (_, address) = line.trim_end().split_once(" listens on ").expect("its address");
        Self { child, out, err, address: address.to_owned() }
    }

    fn connect(&self) -> Ship {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a bound");
        Ship(BufReader::new(stream))
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(status.success(), "{kill}");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// Waits for the end: the exit code, and what was still written to stdout and stderr.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        let code = self.child.wait().expect("the program ends").code();
        self.out.read_to_string(&mut out).expect("text");
        self.err.read_to_string(&mut err).expect("text");
        (code, out, err)
    }
}

impl Drop for Harbor {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

struct Ship(BufReader<TcpStream>);

impl Ship {
    fn ask(&mut self, line: &str) -> String {
        self.try_ask(line).expect("an answer")
    }

    /// `None`: the harbor is gone.
    fn try_ask(&mut self, line: &str) -> Option<String> {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).ok()?;
        let mut answer = String::new();
        let read = self.0.read_line(&mut answer).ok()?;
        (read > 0).then(|| answer.trim_end().to_owned())
    }
}

fn check_stops_on(signal: &str) {
    let harbor = Harbor::start();
    let mut ship = harbor.connect();
    // It listens a moment before its application runs.
    let start = Instant::now();
    while ship.ask("health") != "ready, billing: running, harbor: running" {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", ship.ask("health"));
    }
    assert_eq!(ship.ask("dock ann"), "10 due");
    assert_eq!(ship.ask("leave ann"), "farewell");
    harbor.signal(signal);
    let (code, out, err) = harbor.end();
    let expected = "the harbor closes\nthe last ship has left\nthe books are closed: 10 due\n";
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), expected, ""));
}

#[test]
fn sigterm_stops_the_applications_in_reverse_and_ends_with_code_0() {
    check_stops_on("TERM");
}

#[test]
fn sigint_stops_the_applications_in_reverse_and_ends_with_code_0() {
    check_stops_on("INT");
}

#[test]
fn a_signal_waits_for_the_ships_and_a_second_one_does_not() {
    let mut harbor = Harbor::start();
    assert_eq!(harbor.connect().ask("dock ann"), "10 due");
    harbor.signal("TERM");
    assert_eq!(harbor.line(), "the harbor closes");
    let mut ship = harbor.connect();
    assert_eq!(ship.ask("health"), "not ready, billing: running, harbor: stopping");
    let start = Instant::now();
    harbor.signal("INT");
    let (code, out, _) = harbor.end();
    assert_eq!((code, out.as_str()), (Some(130), ""));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn every_mistake_in_the_environment_is_told_and_ends_with_code_1() {
    let mut command = program();
    command.env("HARBOR_BERTHS", "many").env("BILLING_PRICE", "-1").env("HARBOR_LISTEN", "here");
    let output = command.output().expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr);
    let expected = "\
cannot start: the environment of `billing` is wrong
  `price` is `-1` (BILLING_PRICE): expected a whole number from 0 to 4294967295: invalid digit \
found in string
the environment of `harbor` is wrong
  `name` is missing; set the variable HARBOR_NAME
  `listen` is `here` (HARBOR_LISTEN): expected a `SocketAddr`: invalid socket address syntax
  `berths` is `many` (HARBOR_BERTHS): expected a whole number that is not negative: invalid digit \
found in string
";
    assert_eq!((output.status.code(), &*err), (Some(1), expected));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_file_is_read_and_variables_win() {
    let folder = std::env::temp_dir().join(format!("cordial-harbor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = "name = \"Antwerp\" # of the file\nberths = 1\npatience = \"5s\"\n";
    std::fs::write(folder.join("harbor.toml"), text).expect("a file");
    let harbor = Harbor::of(program().current_dir(&folder).env("BILLING_PRICE", "7"));
    let mut ship = harbor.connect();
    assert_eq!((ship.ask("dock a"), ship.ask("dock b")), ("7 due".into(), "no berth".into()));
    drop(harbor);
    let harbor = Harbor::of(program().current_dir(&folder).env("HARBOR_BERTHS", "2"));
    let mut ship = harbor.connect();
    assert_eq!((ship.ask("dock a"), ship.ask("dock b")), ("10 due".into(), "20 due".into()));
    std::fs::remove_dir_all(&folder).expect("it was made here");
}

#[test]
fn an_address_that_is_taken_is_told_and_ends_with_code_1() {
    let harbor = Harbor::start();
    let mut command = program();
    command.env("HARBOR_NAME", "Second").env("HARBOR_LISTEN", &harbor.address);
    let output = command.output().expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.starts_with("cannot start: application `harbor` did not start: "), "{err}");
    assert!(err.contains("Address already in use"), "{err}");
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), &*out), (Some(1), "the books are closed: 0 due\n"));
}

#[test]
fn an_application_that_gives_up_ends_the_program_in_order_with_code_1() {
    let harbor = Harbor::start();
    let mut ship = harbor.connect();
    // Between two lives the desk is not there, which is no crash.
    while let Some(answer) = ship.try_ask("pay nothing") {
        assert!(answer.starts_with("sorry: "), "{answer}");
    }
    let (code, out, err) = harbor.end();
    let expected = "the books are lost\nthe harbor closes\nthe last ship has left\n";
    assert_eq!((code, out.as_str()), (Some(1), expected), "{err}");
    let last =
        "cordial: application `billing` ended: shutdown; it is permanent, so the node ends\n";
    assert!(err.ends_with(last), "{err}");
}

#[test]
fn help_tells_every_variable() {
    let output = program().arg("--help").output().expect("the program runs");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("HARBOR_LISTEN    SocketAddr (127.0.0.1:0)  Where to listen"), "{out}");
    assert!(out.contains("BILLING_PRICE  u32 (10)"), "{out}");
    assert_eq!(output.status.code(), Some(0));
}
