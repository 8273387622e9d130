//! The tracker of a fleet, which its supervisor starts again after a crash.

use std::error::Error;

use cordial::prelude::*;
use cordial::process;

registry! { Fleets: u32 => Tracker, unique }

struct GpsUpdate(f64, f64);

#[gen_server(via = Fleets, key = u32)]
struct Tracker {
    last_fix: Option<(f64, f64)>,
}

#[gen_server]
impl Tracker {
    #[init]
    fn init() -> Self {
        Self { last_fix: None }
    }

    #[call]
    fn get_position(&self) -> Option<(f64, f64)> {
        self.last_fix
    }

    #[info]
    fn gps_update(&mut self, fix: GpsUpdate) {
        self.last_fix = Some((fix.0, fix.1));
    }
}

supervisor! {
    Harbor { children: [fleets: Fleets, trackers: dynamic Tracker { by: u32 }] }
}

fn shown(fix: Option<(f64, f64)>) -> String {
    fix.map_or("nowhere".to_owned(), |(lat, lon)| format!("at {lat}, {lon}"))
}

/// The handle stays the same over restarts; for a moment nobody is there.
async fn position_of_next(tracker: &TrackerRef) -> Result<Option<(f64, f64)>, CallError> {
    for _ in 0..1000 {
        match tracker.get_position().await {
            Err(CallError::NoProc(_)) => process::sleep(millis(1)).await,
            answer => return answer,
        }
    }
    tracker.get_position().await
}

pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let _harbor = Harbor::start().await?;
    let tracker = Fleets::ensure(&42, ()).await?;
    cordial::send(&tracker, GpsUpdate(53.5, 9.9));
    println!("fleet 42 is {}", shown(tracker.get_position().await?));

    let crashed = process::monitor(&tracker);
    process::exit(&tracker, ExitReason::Kill);
    crashed.await;
    println!("after a crash fleet 42 is {}", shown(position_of_next(&tracker).await?));
    Ok(())
}
