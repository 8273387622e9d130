//! A step was announced and does not come.

use cordial::pipe;

fn main() {
    let total: u32 = pipe!(1_u8 |> u32::from |>);
    println!("{total}");
}
