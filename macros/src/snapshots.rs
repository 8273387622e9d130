//! What `CORDIAL_EXPAND` prints for programs of the examples, compared with `macros/snapshots`: a
//! change of generated code is seen where it is reviewed.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p cordial-macros snapshots` writes them anew.

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;

use crate::print;
use crate::robustness::{MACROS, find_in};

/// A macro, and an example that uses it.
const SHOWN: [(&str, &str); 5] = [
    ("gen_server", "scoreboard"),
    ("behaviour", "storage"),
    ("gen_statem", "door"),
    ("protocol", "checkout"),
    ("supervisor", "chat_room/application"),
];

#[test]
fn expansions_are_those_of_the_snapshots() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut changed = Vec::new();
    for (name, example) in SHOWN {
        let path = root.join(format!("snapshots/{name}.rs"));
        let printed = printed(name, &root.join("../examples"), example);
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if update {
            fs::write(&path, &printed).expect("a snapshot can be written");
        } else if printed != kept {
            changed.push(first_difference(name, &kept, &printed));
        }
    }
    let how = "if that is meant: UPDATE_SNAPSHOTS=1 cargo test -p cordial-macros snapshots";
    assert!(changed.is_empty(), "{}\n{how}", changed.join("\n"));
}

/// Every use of a macro in an example, as it is printed.
fn printed(name: &str, examples: &Path, example: &str) -> String {
    let file = examples.join(format!("{example}.rs"));
    let text = fs::read_to_string(file).expect("the example is there");
    let tokens: TokenStream = text.parse().expect("an example is Rust");
    let one = MACROS.iter().find(|one| one.name == name).expect("there is such a macro");
    let mut pages = vec![format!("//! What `{name}` makes of the example `{example}`.\n")];
    for input in find_in(one, tokens) {
        let expansion = (one.expand)(input);
        assert!(expansion.error.is_none(), "{name} of {example}: {:?}", expansion.error);
        pages.push(print::lines(&expansion.into_tokens()) + "\n");
    }
    assert!(pages.len() > 1, "{example} does not use `{name}`");
    pages.join("\n")
}

fn first_difference(name: &str, kept: &str, printed: &str) -> String {
    let mut lines = kept.lines().zip(printed.lines()).zip(1..);
    match lines.find(|((kept, printed), _)| kept != printed) {
        Some(((kept, printed), line)) => {
            format!("snapshots/{name}.rs:{line}\n  was {kept}\n  is  {printed}")
        }
        None => format!("snapshots/{name}.rs: one of them ends before the other"),
    }
}
