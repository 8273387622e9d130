//! The transition in front of the answer.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[call]
    fn push(&mut self) -> (to![Open], usize) {
        (goto(Open), 1)
    }
    #[on(Open)]
    #[call]
    fn push(&mut self) -> usize {
        0
    }
    #[on(_)]
    #[call]
    fn kick(&mut self) -> Result<(usize, to![Locked]), String> {
        Ok((0, goto(Locked)))
    }
}

async fn visit(door: DoorRef) -> Result<usize, Box<dyn std::error::Error>> {
    Ok(door.push().await?)
}

fn main() {}
