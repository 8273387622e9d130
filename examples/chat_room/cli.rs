//! What the command line says.

use std::net::{SocketAddr, ToSocketAddrs};

/// Where the server listens unless told otherwise.
const DEFAULT: &str = "127.0.0.1:4040";

/// How the program is used.
pub const USAGE: &str = "\
usage: chat_room [--listen ADDRESS:PORT]

  --listen ADDRESS:PORT  where to listen; port 0 takes a free one (127.0.0.1:4040)
  --help                 prints this

Then, in two other terminals: nc 127.0.0.1 4040
  JOIN lobby ann
  SAY hello";

/// What the program is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Serve at this address.
    Listen(SocketAddr),
    /// Say how the program is used.
    Help,
}

/// Reads the arguments, the program's name not among them.
///
/// # Errors
///
/// What is wrong with them, in one line.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let mut arguments = arguments.into_iter();
    let mut listen = DEFAULT.to_owned();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Request::Help),
            "--listen" => listen = arguments.next().ok_or("--listen needs an address")?,
            other => match other.strip_prefix("--listen=") {
                Some(address) => address.clone_into(&mut listen),
                None => return Err(format!("unknown argument `{other}`")),
            },
        }
    }
    let problem = || format!("`{listen}` is not an address with a port, such as {DEFAULT}");
    let mut addresses = listen.to_socket_addrs().map_err(|_| problem())?;
    addresses.next().map(Request::Listen).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_address_is_the_default_or_the_one_that_is_given() {
        let at = |address: &str| Ok(Request::Listen(address.parse().expect("an address")));
        assert_eq!(parsed(""), at("127.0.0.1:4040"));
        assert_eq!(parsed("--listen 127.0.0.1:0"), at("127.0.0.1:0"));
        assert_eq!(parsed("--listen=[::1]:99"), at("[::1]:99"));
        assert_eq!(parsed("--listen 1.2.3.4:5 --help"), Ok(Request::Help));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, problem) in [
            ("--lisen x", "unknown argument `--lisen`"),
            ("4040", "unknown argument `4040`"),
            ("--listen", "--listen needs an address"),
            ("--listen nowhere", "`nowhere` is not an address with a port, such as 127.0.0.1:4040"),
            (
                "--listen 1.1.1.1:99999",
                "`1.1.1.1:99999` is not an address with a port, such as 127.0.0.1:4040",
            ),
        ] {
            assert_eq!(parsed(line), Err(problem.to_owned()));
        }
    }
}
