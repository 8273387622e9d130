//! ETS-10: a bag has no counters, and a text is none.

use cordial::prelude::*;

table! { Tags: u32 => u32, bag, public }
table! { Names: u32 => String, set, public }

fn count(tags: TagsRef, names: NamesRef) {
    let _ = tags.update_counter(&1, |tag| tag, 1);
    let _ = names.update_counter(&1, |name| name, 1);
}

fn main() {}
