//! What `cargo xtask bench` is asked for.

/// What is told.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Report {
    /// Every workload and the memory, beside the peers.
    Peers,
    Memory,
    Scale,
    FeaturesCost,
    /// Tables, beside other maps.
    Tables,
    /// Timers, beside tokio's.
    Timers,
    Instructions,
    /// The counts of today become those that are compared with.
    InstructionsAccepted,
    /// Where the instructions of one workload go.
    Profile,
}

#[derive(Debug)]
pub(super) struct Options {
    pub(super) report: Report,
    pub(super) is_quick: bool,
    /// No more than these peers; empty is all of them.
    pub(super) only: Vec<String>,
    /// No more than these workloads; empty is all of them.
    pub(super) workloads: Vec<String>,
    pub(super) rounds: usize,
}

const ROUNDS: usize = 5;

/// Who is there without the feature `peers`.
const WITHOUT_PEERS: &[&str] = &["cordial", "tokio", "beam", "beam-raw"];

impl Options {
    pub(super) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            report: Report::Peers,
            is_quick: false,
            only: Vec::new(),
            workloads: Vec::new(),
            rounds: ROUNDS,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match *word {
                "--quick" => (options.is_quick, options.rounds) = (true, 1),
                "--memory" => options.report = Report::Memory,
                "--scale" => options.report = Report::Scale,
                "--tables" => options.report = Report::Tables,
                "--timers" => options.report = Report::Timers,
                "--features-cost" => options.report = Report::FeaturesCost,
                "--instructions" => options.report = Report::Instructions,
                "--accept" => options.report = Report::InstructionsAccepted,
                "--profile" => {
                    (options.report, options.workloads) = (Report::Profile, list(value()?));
                }
                "--only" => options.only = list(value()?),
                "--workloads" => options.workloads = list(value()?),
                "--rounds" => options.rounds = rounds(value()?)?,
                unknown => return Err(format!("there is no option `{unknown}`")),
            }
        }
        Ok(options)
    }

    /// Whether more is asked for than cordial and what one writes by hand: their two hundred crates
    /// take their time to compile.
    pub(super) fn needs_peers(&self) -> bool {
        match self.report {
            Report::Peers | Report::Memory if self.only.is_empty() => true,
            Report::FeaturesCost
            | Report::Tables
            | Report::Timers
            | Report::Instructions
            | Report::InstructionsAccepted
            | Report::Profile => false,
            _ => self.only.iter().any(|peer| !WITHOUT_PEERS.contains(&peer.as_str())),
        }
    }

    /// Whether it is all that there is, so that the results may be written.
    pub(super) fn is_full(&self) -> bool {
        let is_cut = self.is_quick || !self.only.is_empty() || !self.workloads.is_empty();
        self.report == Report::Peers && !is_cut && self.rounds >= ROUNDS
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

fn rounds(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(rounds) if rounds > 0 => Ok(rounds),
        _ => Err(format!("`{value}` is not a number of rounds")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Report};

    #[test]
    fn only_a_whole_run_is_full() {
        let is_full = |words: &[&str]| Options::parse(words).expect("all are known").is_full();
        assert!(is_full(&[]));
        assert!(is_full(&["--rounds", "7"]));
        let cut: [&[&str]; 5] = [
            &["--quick"],
            &["--only", "tokio"],
            &["--workloads", "cast,call"],
            &["--rounds", "1"],
            &["--memory"],
        ];
        assert!(cut.iter().all(|words| !is_full(words)));
    }

    #[test]
    fn peers_are_built_where_one_is_asked_for() {
        let needs = |words: &[&str]| Options::parse(words).expect("all are known").needs_peers();
        assert!(needs(&[]) && needs(&["--memory"]) && needs(&["--only", "cordial,kanal"]));
        assert!(needs(&["--scale", "--only", "xtra"]));
        assert!(!needs(&["--scale"]) && !needs(&["--features-cost"]));
        assert!(!needs(&["--only", "cordial,tokio,beam"]));
    }

    #[test]
    fn lists_are_taken_apart_and_what_is_unknown_is_named() {
        let options = Options::parse(&["--workloads", "cast,call", "--scale"]);
        let options = options.expect("all are known");
        assert_eq!((options.report, options.workloads.len()), (Report::Scale, 2));
        assert_eq!(Options::parse(&["--fast"]).unwrap_err(), "there is no option `--fast`");
        assert_eq!(Options::parse(&["--only"]).unwrap_err(), "`--only` needs a value");
        assert_eq!(
            Options::parse(&["--rounds", "0"]).unwrap_err(),
            "`0` is not a number of rounds"
        );
    }
}
