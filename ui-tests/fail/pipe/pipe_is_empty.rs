//! Nothing at all.

use cordial::pipe;

fn main() {
    let total: u32 = pipe!();
    println!("{total}");
}
