//! The vehicles of a fleet and its shipments: structs, matching, and pipes.

use std::fmt;

use cordial::prelude::*;

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Active,
    Docked,
    InTransit,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Docked => "docked",
            Self::InTransit => "in_transit",
        })
    }
}

struct Vehicle {
    id: String,
    status: Status,
}

impl Vehicle {
    fn to_text(&self) -> String {
        let Self { id, status } = self;
        format!("{id} is {status}")
    }
}

fn list_vehicles(fleet_id: u32) -> Vec<Vehicle> {
    let states = [Status::Active, Status::Docked, Status::Active];
    let vehicle = |(number, status)| Vehicle { id: format!("{fleet_id}-{number}"), status };
    (1..).zip(states).map(vehicle).collect()
}

struct Shipment {
    id: String,
    status: Status,
}

enum FleetError {
    NotFound,
}

fn get_shipment(id: &str) -> Result<Shipment, FleetError> {
    match id {
        "sh-42" => Ok(Shipment { id: id.to_owned(), status: Status::InTransit }),
        _ => Err(FleetError::NotFound),
    }
}

fn format_result(result: Result<Shipment, FleetError>) -> String {
    match result {
        Ok(Shipment { id, status }) => format!("{id} is {status}"),
        Err(FleetError::NotFound) => "error: not_found".to_owned(),
    }
}

pub(crate) fn main() {
    let active = pipe!(
        42
        |> list_vehicles
        |> .into_iter()
        |> .filter(|vehicle| vehicle.status == Status::Active)
    );
    active.for_each(|vehicle| println!("{}", vehicle.to_text()));

    for id in ["sh-42", "sh-43"] {
        println!("{}", pipe!(id |> get_shipment |> format_result));
    }
}
