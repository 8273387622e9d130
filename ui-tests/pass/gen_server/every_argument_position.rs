//! Owned, lent and converted arguments, in `#[init]`, calls, casts and infos.

use std::ffi::{CStr, OsStr};
use std::path::Path;
use std::sync::Arc;

use cordial::prelude::*;

#[gen_server]
struct Archive {
    text: String,
}

type Callback = Box<dyn Fn(&str) -> bool + Send>;

#[gen_server]
impl Archive {
    #[init]
    fn new(#[into] text: String, name: &str, numbers: &[u32], fixed: &'static str) -> Self {
        Self { text: format!("{text}{name}{numbers:?}{fixed}") }
    }

    #[cast]
    fn lend(&mut self, text: &str, list: &[String], path: &Path, os: &OsStr, c: &CStr) {
        self.text = format!("{text}{list:?}{path:?}{os:?}{c:?}");
    }

    #[cast]
    fn own(&mut self, shared: Arc<str>, call: Callback, point: fn(&str) -> u32, other: Self) {
        self.text = format!("{shared}{}{}{}", call("a"), point("b"), other.text);
    }

    #[cast]
    fn mutable(&mut self, mut text: String, #[into] mut other: String) {
        text.push('!');
        other.push('?');
        self.text = text + &other;
    }

    #[call]
    fn fixed(&self, word: &'static str, words: Option<&'static str>) -> &'static str {
        words.unwrap_or(word)
    }

    #[call]
    async fn me(&self) -> Option<Self> {
        None
    }

    #[info]
    fn callback(&mut self, call: Callback) {
        let _ = call;
    }

    #[info]
    fn word(&mut self, word: &'static str) {
        self.text.push_str(word);
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let archive = Archive::start("a", "b", &[1, 2], "c").await?;
    archive.lend("a", &[], Path::new("/"), OsStr::new("x"), c"y");
    archive.mutable("a".into(), "b");
    cordial::send(&archive, "word");
    let word: &'static str = archive.fixed("a", None).await?;
    println!("{word}");
    Ok(())
}

fn main() {
    let _ = play;
}
