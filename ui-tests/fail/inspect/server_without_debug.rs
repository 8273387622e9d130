//! What the state is to be shown by, and does not have; with a parameter and without.

use cordial::prelude::*;

#[gen_server(inspect = Debug)]
#[derive(Clone)]
struct Mailer;

#[gen_server(inspect = Debug)]
#[derive(Debug)]
struct Cache<T> {
    rows: Vec<T>,
}

#[gen_server]
impl<T> Cache<T> {
    #[init]
    fn init() -> Self {
        Self { rows: Vec::new() }
    }
    #[call]
    fn len(&self) -> usize {
        self.rows.len()
    }
}

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&self) {}
}

fn main() {}
