//! The points of every user.

use std::collections::HashMap;

use cordial::prelude::*;

/// Counts points; knows nothing of rooms, so that a room's crash costs nobody a point.
#[gen_server]
#[derive(Clone, Debug, Default)]
pub struct Scoreboard {
    scores: HashMap<String, u32>,
}

#[gen_server]
impl Scoreboard {
    /// Adds points to a player.
    #[cast]
    pub fn add_points(&mut self, player: &str, points: u32) {
        if let Some(score) = self.scores.get_mut(player) {
            *score = score.saturating_add(points);
        } else {
            self.scores.insert(player.to_owned(), points);
        }
    }

    /// Fetches a player's score.
    #[call]
    pub fn get_score(&self, player: &str) -> u32 {
        self.scores.get(player).copied().unwrap_or(0)
    }
}
