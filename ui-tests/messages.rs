//! The macros' table of messages, read from its source.

use std::fs;
use std::path::Path;

/// How far the next piece of a message may be: what fills a hole is shorter.
const HOLE: usize = 300;

/// What the compiler says before a message: of the macro, of syn at the end of the input, of a
/// constant that is evaluated.
const HEADS: [&str; 3] = ["error: ", "unexpected end of input, ", "evaluation panicked: "];

/// One message: its slug, and its text as what stands between the holes.
pub(crate) struct Message {
    pub(crate) slug: String,
    pieces: Vec<String>,
}

impl Message {
    /// Whether the compiler's output holds this message as an error.
    pub(crate) fn is_in(&self, output: &str) -> bool {
        let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
        let firsts = HEADS.map(|head| head.to_owned() + &self.pieces[0]);
        firsts.iter().any(|first| {
            let mut rests = output.match_indices(first).map(|(at, _)| &output[at + first.len()..]);
            rests.any(|rest| follow(rest, &self.pieces[1..]))
        })
    }
}

/// Whether the pieces follow one another, each after a hole of some length.
fn follow(text: &str, pieces: &[String]) -> bool {
    let Some((piece, pieces)) = pieces.split_first() else { return true };
    let mut near = text.match_indices(piece.as_str()).take_while(|(at, _)| *at <= HOLE);
    near.any(|(at, _)| follow(&text[at + piece.len()..], pieces))
}

/// Every message of `macros/src/messages.rs`.
pub(crate) fn table() -> Vec<Message> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs tests");
    let path = Path::new(&package).join("../macros/src/messages.rs");
    let messages = parse(&fs::read_to_string(path).expect("the table is a file of the macros"));
    assert!(messages.len() > 20, "only {} messages were found", messages.len());
    messages
}

fn parse(source: &str) -> Vec<Message> {
    let constants = source.split("const ").skip(1);
    let texts = constants.filter_map(|constant| constant.split_once(": &str ="));
    texts.map(|(name, rest)| Message { slug: slug(name), pieces: pieces(rest) }).collect()
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The string literal at the start of `rest`, cut at its holes.
fn pieces(rest: &str) -> Vec<String> {
    let literal = rest.split("\";\n").next().expect("a split has a first part");
    let text = literal.trim_start().trim_start_matches('"').replace("\\\"", "\"");
    // A back-slash at the end of a line takes the indentation of the next one with it.
    let lines = text.split("\\\n").enumerate();
    let text: String =
        lines.map(|(at, line)| if at == 0 { line } else { line.trim_start() }).collect();
    let text = text.replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut holes = text.split('{');
    let first = holes.next().expect("a split has a first part").to_owned();
    let after = holes.map(|hole| hole.split_once('}').expect("a hole is closed").1.to_owned());
    std::iter::once(first).chain(after).collect()
}

#[test]
fn a_message_is_cut_at_its_holes() {
    let source = "pub(crate) const NO_HOLE: &str = \"a \\\"b\\\"\";\n\
                  const SOME_HOLES: &str =\n    \"`{0}` is \\\n     not {}; use `{0}`\";\n";
    let messages = parse(source);
    assert_eq!(messages[0].slug, "no-hole");
    assert_eq!(messages[0].pieces, ["a \"b\""]);
    assert_eq!(messages[1].slug, "some-holes");
    assert_eq!(messages[1].pieces, ["`", "` is not ", "; use `", "`"]);
}

#[test]
fn a_message_is_found_as_an_error_only() {
    let message = parse("const A: &str = \"unknown {} `{}`; did you mean `{}`?\";\n").remove(0);
    assert!(message.is_in("error: unknown option `a`; did\n       you mean `b`?\n --> x.rs:1:1"));
    assert!(!message.is_in("note: unknown option `a`; did you mean `b`?"));
    assert!(!message.is_in("error: unknown option `a`; known are b, c"));
}
