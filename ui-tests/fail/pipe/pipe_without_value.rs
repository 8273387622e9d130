//! Steps, and nothing that goes through them.

use cordial::pipe;

fn main() {
    let total: u32 = pipe!(|> u32::from);
    println!("{total}");
}
