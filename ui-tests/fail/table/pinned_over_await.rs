//! What is held on to where it lies is not held over an await.

use cordial::ets::TableError;
use cordial::prelude::*;

table! { Positions: u32 => u32, set, protected }

#[gen_server]
struct Tracker {
    positions: PositionsRef,
}

#[gen_server]
impl Tracker {
    #[call]
    async fn position(&self) -> Result<u32, TableError> {
        let pinned = self.positions.pin()?;
        let position = pinned.get(&1)?;
        cordial::process::sleep(secs(1)).await;
        Ok(position.copied().unwrap_or(0))
    }
}

fn main() {}
