//! A user's crate, with every lint on that it may have on: nothing fires in what the macros write.
//! It is built once in the edition 2021 and once in 2024, by `tests` of `users.rs`.

mod every_macro;
mod fragments;
mod names;
mod nothing_imported;

fn main() {
    every_macro::run();
    fragments::run();
    names::run();
    nothing_imported::run();
}
