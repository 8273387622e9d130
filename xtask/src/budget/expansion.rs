//! Lines that the compiler gets for one server of four handlers, beside what its user wrote, and
//! for other items as the examples have them, what the user wrote included.
//!
//! A line is a line as prettyplease prints it, of what both attributes become in the end: helper
//! macros that the expansion calls count with what they expand to.

use std::process::Command;

use super::probe::{self, Probe};
use crate::shell;

/// Generated lines per server of two casts, a call and an async call.
pub(super) fn lines_per_server() -> Result<f64, String> {
    let own = pretty_lines(&server(0, Attributes::No))?;
    Ok(lines_per(|number| server(number, Attributes::Yes))? - own as f64)
}

/// Of a door that is locked and open, with three events.
pub(super) fn lines_per_statem() -> Result<f64, String> {
    lines_per(|number| {
        format!(
            "#[gen_statem]
            pub struct Door{number} {{ code: u8 }}
            #[gen_statem(Locked{number} | Open{number})]
            impl Door{number} {{
                #[on(Locked{number})]
                #[cast]
                pub fn button(&mut self, digit: u8) -> to![Locked{number} | Open{number}] {{
                    if digit == self.code {{ goto(Open{number}) }} else {{ goto(Locked{number}) }}
                }}
                #[on(Open{number})] #[ignore] pub fn button();
                #[on(Open{number})]
                #[call]
                pub fn lock(&mut self) -> (u8, to![Locked{number}]) {{
                    (self.code, goto(Locked{number}))
                }}
                #[on(Locked{number})] #[postpone] pub fn lock();
                #[on(Open{number})]
                #[after(5s)]
                fn relock(&mut self) -> to![Locked{number}] {{ goto(Locked{number}) }}
            }}"
        )
    })
}

/// Of two sides and five messages.
pub(super) fn lines_per_protocol() -> Result<f64, String> {
    lines_per(|number| {
        format!(
            "protocol! {{
                pub Sale{number}: Customer => Till {{
                    loop Shopping {{
                        choice Customer {{
                            Add(u32) => {{ Till -> Customer: Subtotal(u32); continue Shopping; }}
                            Pay(u32) => choice Till {{
                                Receipt(u32) => end,
                                Declined => continue Shopping,
                            }}
                        }}
                    }}
                }}
            }}"
        )
    })
}

/// Of three children, one of them dynamic.
pub(super) fn lines_per_supervisor() -> Result<f64, String> {
    lines_per(|number| {
        let server =
            server(number, Attributes::Yes).replace("pub struct", "#[derive(Clone)]\npub struct");
        format!(
            "{server}
            supervisor! {{
                pub Sup{number} {{
                    children: [
                        first: Tally{number}(Tally{number} {{ total: 0 }}),
                        second: Tally{number}(Tally{number} {{ total: 1 }}),
                        more: dynamic Tally{number},
                    ],
                }}
            }}"
        )
    })
    .and_then(|lines| Ok(lines - lines_per(|number| server(number, Attributes::Yes))?))
}

/// Lines that each of some items becomes.
fn lines_per(item: impl Fn(usize) -> String) -> Result<f64, String> {
    const ITEMS: usize = 20;
    let items: String = (0..ITEMS).map(item).collect();
    // What the compiler puts into every file is not theirs.
    let none = pretty_lines(&expanded(&file(""))?)?;
    let lines = pretty_lines(&expanded(&file(&items))?)? - none;
    Ok(lines as f64 / ITEMS as f64)
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
