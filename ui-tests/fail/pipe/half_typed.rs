//! Pipes that are not finished, whose types nobody could know yet.

use cordial::prelude::*;

fn total(raw: &str) -> Result<f64, std::num::ParseFloatError> {
    let parsed: f64 = pipe!(raw |> str::trim |> .parse()? |>);
    let rounded: f64 = pipe!(parsed |> |x| x.round() |> 2 |> .into());
    Ok(rounded)
}

fn main() {}
