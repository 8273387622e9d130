//! A history as data: which choices were made, and which faults struck. It can be written down, run
//! again, and made smaller.
use crate::rt::sim::Phase;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::time::Duration;

/// One fault that strikes. Processes are known by the order of their births.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    Kill(u32),
    Panic(Phase, u32),
    /// It does nothing for so long before its turn.
    Hold(u32, Duration),
    /// From its birth on it takes so long for each turn.
    Slow(u32, Duration),
    Full(u32),
}

impl Fault {
    /// Whom it strikes.
    pub(super) fn whom(self) -> u32 {
        match self {
            Self::Kill(who) | Self::Panic(_, who) | Self::Full(who) => who,
            Self::Hold(who, _) | Self::Slow(who, _) => who,
        }
    }
}

/// A choice that is not what would happen without a simulation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    pub(super) value: u32,
    /// Who ran when it was made, or the one whose turn it gave.
    pub(super) whose: u32,
}

/// What makes one history of a test differ from the one without any chance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// From this turn on everything goes in order.
    pub(super) steps: u32,
    /// By how often it could have struck before.
    pub(super) faults: BTreeMap<u32, Fault>,
    /// By how many choices were made before; all others are 0.
    pub(super) choices: BTreeMap<u32, Choice>,
}

impl Plan {
    pub(super) fn new(seed: u64, steps: u32) -> Self {
        Self { seed, steps, ..Self::default() }
    }

    /// Everybody who is struck, or chosen out of order.
    pub(super) fn processes(&self) -> Vec<u32> {
        let struck = self.faults.values().map(|fault| fault.whom());
        let chosen = self.choices.values().map(|choice| choice.whose);
        let all: std::collections::BTreeSet<u32> = struck.chain(chosen).collect();
        all.into_iter().collect()
    }

    /// What it comes to, in a few words.
    pub(super) fn size(&self) -> String {
        let Self { faults, choices, steps, .. } = self;
        let (faults, choices) = (faults.len(), choices.len());
        format!("{faults} faults and {choices} choices in {steps} steps")
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        writeln!(f, "steps {}", self.steps)?;
        for (at, fault) in &self.faults {
            write!(f, "fault {at} ")?;
            match fault {
                Fault::Kill(who) => writeln!(f, "kill #{who}")?,
                Fault::Panic(phase, who) => writeln!(f, "panic #{who} {}", word(*phase))?,
                Fault::Hold(who, time) => writeln!(f, "hold #{who} {}us", time.as_micros())?,
                Fault::Slow(who, time) => writeln!(f, "slow #{who} {}us", time.as_micros())?,
                Fault::Full(who) => writeln!(f, "full #{who}")?,
            }
        }
        for (at, Choice { value, whose }) in &self.choices {
            writeln!(f, "choice {at} {value} #{whose}")?;
        }
        Ok(())
    }
}

const PHASES: [Phase; 4] = [Phase::Init, Phase::Handle, Phase::Terminate, Phase::Drop];

pub(super) fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Init => "init",
        Phase::Handle => "handle",
        Phase::Terminate => "terminate",
        Phase::Drop => "drop",
    }
}

impl FromStr for Plan {
    type Err = String;

    /// Lines that begin with `#` are for people.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut plan = Self::default();
        let lines = text.lines().enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            plan.read(&words)
                .ok_or_else(|| format!("line {} is no line of a plan: {line}", at + 1))?;
        }
        Ok(plan)
    }
}

impl Plan {
    fn read(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["seed", seed] => self.seed = seed.parse().ok()?,
            ["steps", steps] => self.steps = steps.parse().ok()?,
            ["choice", at, value, whose] => {
                let choice = Choice { value: value.parse().ok()?, whose: who(whose)? };
                self.choices.insert(at.parse().ok()?, choice);
            }
            ["fault", at, fault @ ..] => {
                self.faults.insert(at.parse().ok()?, read_fault(fault)?);
            }
            _ => return None,
        }
        Some(())
    }
}

fn read_fault(words: &[&str]) -> Option<Fault> {
    Some(match words {
        ["kill", whom] => Fault::Kill(who(whom)?),
        ["full", whom] => Fault::Full(who(whom)?),
        ["panic", whom, phase] => {
            Fault::Panic(PHASES.into_iter().find(|one| word(*one) == *phase)?, who(whom)?)
        }
        ["hold", whom, time] => Fault::Hold(who(whom)?, micros(time)?),
        ["slow", whom, time] => Fault::Slow(who(whom)?, micros(time)?),
        _ => return None,
    })
}

fn who(word: &str) -> Option<u32> {
    word.strip_prefix('#')?.parse().ok()
}

fn micros(word: &str) -> Option<Duration> {
    word.strip_suffix("us")?.parse().ok().map(Duration::from_micros)
}

/// A fault as a line of a trace.
pub(super) fn tell(fault: Fault, line: &mut String) {
    let told = match fault {
        Fault::Kill(who) => writeln!(line, "! kill #{who}"),
        Fault::Panic(phase, who) => writeln!(line, "! panic #{who} {}", word(phase)),
        Fault::Hold(who, time) => writeln!(line, "! hold #{who} {}us", time.as_micros()),
        Fault::Slow(who, time) => writeln!(line, "! slow #{who} {}us", time.as_micros()),
        Fault::Full(who) => writeln!(line, "! full #{who}"),
    };
    told.expect("a string takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_is_what_was_written_down() {
        let mut plan = Plan::new(42, 400);
        let faults = [
            Fault::Kill(3),
            Fault::Panic(Phase::Terminate, 4),
            Fault::Hold(5, Duration::from_millis(2)),
            Fault::Slow(6, Duration::from_secs(1)),
            Fault::Full(7),
        ];
        plan.faults = (10..).zip(faults).collect();
        plan.choices.insert(9, Choice { value: 2, whose: 1 });
        let text = format!("# Why.\n\n{plan}");
        assert_eq!(text.parse(), Ok(plan));
        assert!("fault 1 kill 3".parse::<Plan>().is_err());
    }
}
