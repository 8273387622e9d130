//! A user's crate, with every lint on that it may have on: nothing fires in what the macros write.
//! It is built once in the edition 2021 and once in 2024, by `users.rs`.

pub mod every_macro;
pub mod fragments;
pub mod names;
pub mod nothing_imported;

/// All of it.
pub fn run() {
    every_macro::run();
    fragments::run();
    names::run();
    nothing_imported::run();
}
