//! The value cannot be in two places.

use cordial::pipe;

fn main() {
    let range = pipe!(1_u8 |> u8::max(_, _));
    println!("{range}");
}
