//! Lines that the compiler gets for one server of four handlers, beside what its user wrote.
//!
//! A line is a line as prettyplease prints it, of what both attributes become in the end: helper
//! macros that the expansion calls count with what they expand to.

use std::process::Command;

use super::probe::{self, Probe};
use crate::shell;

const SERVERS: usize = 100;

/// Generated lines per server of two casts, a call and an async call.
pub(super) fn lines_per_server() -> Result<f64, String> {
    let servers: String = (0..SERVERS).map(|number| server(number, Attributes::Yes)).collect();
    let expanded = pretty_lines(&expanded(&file(&servers))?)?;
    let own = pretty_lines(&file(""))? + SERVERS * pretty_lines(&server(0, Attributes::No))?;
    Ok(expanded.saturating_sub(own) as f64 / SERVERS as f64)
}

fn file(servers: &str) -> String {
    format!("//! Servers to count.\n\nuse cordial::prelude::*;\n\n{servers}")
}

/// The source with all macros expanded.
fn expanded(source: &str) -> Result<String, String> {
    let dependencies = probe::cordial();
    let folder = Probe { name: "servers", dependencies, source: source.into() }.write()?;
    let arguments = ["check", "--quiet", "--message-format", "json"];
    let built = shell::quiet(shell::cargo_in(&folder, &shell::target(), &arguments))?;
    let library = library(&built).ok_or("cargo did not say where it built cordial")?;
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2024", "--crate-type", "lib", "-Zunpretty=expanded"])
        .arg(folder.join("src/lib.rs"))
        .arg(format!("--extern=cordial={library}"))
        .arg(format!("-Ldependency={}", shell::target().join("debug/deps").display()))
        // For this program only: cargo would build the dependencies anew.
        .env("RUSTC_BOOTSTRAP", "1");
    shell::quiet(rustc)
}

/// Where cargo put `cordial`, as its messages say.
fn library(messages: &str) -> Option<&str> {
    let paths = messages.split('"').filter(|text| text.ends_with(".rmeta"));
    paths.into_iter().find(|path| path.contains("/libcordial-"))
}

fn pretty_lines(source: &str) -> Result<usize, String> {
    let file = syn::parse_file(source).map_err(|error| format!("not Rust: {error}\n{source}"))?;
    Ok(prettyplease::unparse(&file).lines().filter(|line| !line.trim().is_empty()).count())
}

#[derive(Clone, Copy, PartialEq)]
enum Attributes {
    Yes,
    No,
}

/// A server as a user writes it; without attributes it is what the macro leaves of it.
fn server(number: usize, attributes: Attributes) -> String {
    let [server, cast, call] = match attributes {
        Attributes::Yes => ["#[gen_server]", "#[cast]", "#[call]"],
        Attributes::No => ["", "", ""],
    };
    format!(
        "{server}
pub struct Tally{number} {{ total: u64 }}

{server}
impl Tally{number} {{
    {cast} pub fn add(&mut self, points: u64) {{ self.total += points; }}
    {cast} pub fn reset(&mut self) {{ self.total = 0; }}
    {call} pub fn total(&self) -> u64 {{ self.total }}
    {call} pub async fn scaled(&mut self, by: u64) -> u64 {{ self.total * by }}
}}
"
    )
}

#[cfg(test)]
mod tests {
    use super::{library, pretty_lines};

    #[test]
    fn the_library_is_found_among_the_messages_of_cargo() {
        let messages = r#"{"filenames":["/t/libcordial_macros-1.so"]}
            {"filenames":["/t/libtokio-2.rmeta"]}{"filenames":["/t/libcordial-3.rmeta"]}"#;
        assert_eq!(library(messages), Some("/t/libcordial-3.rmeta"));
    }

    #[test]
    fn lines_are_counted_as_prettyplease_lays_them_out() {
        assert_eq!(pretty_lines("impl A { fn f(&self) -> u8 { 1 } }"), Ok(5));
    }
}
