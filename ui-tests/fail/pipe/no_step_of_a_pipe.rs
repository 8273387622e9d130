//! A literal is no step.

use cordial::pipe;

fn main() {
    let total: u32 = pipe!(1_u8 |> 2 |> u32::from);
    println!("{total}");
}
