//! What can be measured, as the program itself tells it, and which of it is asked for.

use super::options::{Options, Report};
use super::programs::{BEAM, Programs};

/// One line of a table.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    pub(super) workload: String,
    pub(super) title: String,
    pub(super) workers: String,
    pub(super) bytes: String,
    pub(super) processes: String,
}

/// A word, a title, and whether the payload's size matters.
type Entry = (String, String, bool);

pub(super) struct Catalogue {
    peers: Vec<String>,
    workloads: Vec<Entry>,
    costs: Vec<Entry>,
}

/// Which workloads belong to `--memory` and to `--scale` is told by how their words begin.
const MEMORY: &str = "memory-";
const SCALE: &str = "scale-";

impl Catalogue {
    pub(super) fn ask(programs: &Programs) -> Result<Self, String> {
        let mut catalogue = Self::read(&programs.list()?);
        if programs.beam.is_some() {
            catalogue.peers.extend(BEAM.iter().map(|&peer| peer.to_owned()));
        }
        Ok(catalogue)
    }

    fn read(list: &str) -> Self {
        let entries = |kind: &str| -> Vec<Entry> {
            let lines = list.lines().map(|line| line.split('\t').collect::<Vec<_>>());
            lines.filter(|fields| fields[0] == kind).filter_map(|fields| entry(&fields)).collect()
        };
        let peers = entries("peer").into_iter().map(|(word, ..)| word).collect();
        Self { peers, workloads: entries("workload"), costs: entries("cost") }
    }

    /// The peers that are asked for, in the order of the table; costs are cordial's alone.
    pub(super) fn peers(&self, options: &Options) -> Result<Vec<String>, String> {
        if options.report == Report::FeaturesCost {
            return Ok(vec!["cost".into()]);
        }
        // A million actors of every peer do not fit into the memory of every machine.
        let few = options.report == Report::Scale && options.only.is_empty();
        let only = if few { vec!["cordial".into(), "tokio".into()] } else { options.only.clone() };
        known(&only, &self.peers, "peer")?;
        let is_asked = |peer: &&String| only.is_empty() || only.contains(peer);
        Ok(self.peers.iter().filter(is_asked).cloned().collect())
    }

    /// The rows that are asked for, each size of payload one of its own.
    pub(super) fn rows(&self, options: &Options) -> Result<Vec<Row>, String> {
        let entries = match options.report {
            Report::FeaturesCost => &self.costs,
            _ => &self.workloads,
        };
        let words: Vec<String> = entries.iter().map(|(word, ..)| word.clone()).collect();
        known(&options.workloads, &words, "workload")?;
        let is_asked = |word: &String| match options.report {
            Report::Memory => word.starts_with(MEMORY),
            Report::Scale => word.starts_with(SCALE),
            _ => !word.starts_with(SCALE),
        };
        let is_named =
            |word: &String| options.workloads.is_empty() || options.workloads.contains(word);
        let asked = entries.iter().filter(|(word, ..)| is_asked(word) && is_named(word));
        Ok(match options.report {
            Report::Scale => asked.flat_map(scales).collect(),
            _ => asked.flat_map(sizes).collect(),
        })
    }
}

fn entry(fields: &[&str]) -> Option<Entry> {
    let (word, title) = (fields.get(1)?, fields.get(2)?);
    Some(((*word).to_owned(), (*title).to_owned(), fields.get(3) == Some(&"sized")))
}

fn known(asked: &[String], all: &[String], kind: &str) -> Result<(), String> {
    match asked.iter().find(|word| !all.contains(word)) {
        None => Ok(()),
        Some(word) => Err(format!("there is no {kind} `{word}`; there are {}", all.join(", "))),
    }
}

fn sizes((word, title, is_sized): &Entry) -> Vec<Row> {
    let sizes: &[&str] = if *is_sized { &["8", "64", "256"] } else { &["8"] };
    let row = |bytes: &&str| Row {
        workload: word.clone(),
        title: if *bytes == "8" { title.clone() } else { format!("{title}, {bytes} bytes") },
        workers: "2".into(),
        bytes: (*bytes).to_owned(),
        processes: "1000".into(),
    };
    sizes.iter().map(row).collect()
}

fn scales((word, title, _): &Entry) -> Vec<Row> {
    let mut rows = Vec::new();
    for workers in ["1", "2"] {
        for processes in ["1", "1000", "100000", "1000000"] {
            rows.push(Row {
                workload: word.clone(),
                title: format!("{title}: processes {processes}, workers {workers}"),
                workers: workers.into(),
                bytes: "8".into(),
                processes: processes.into(),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::Catalogue;
    use crate::bench::options::Options;

    const LIST: &str = "peer\tcordial\tcordial\npeer\ttokio\ttokio\nworkload\tcast\ta cast\tsized\n\
                        workload\tmemory-idle\tmemory\nworkload\tscale-cast\tmany\ncost\tcast\ta";

    fn rows(words: &[&str]) -> Vec<String> {
        let options = Options::parse(words).expect("all are known");
        let rows = Catalogue::read(LIST).rows(&options).expect("all are listed");
        rows.into_iter().map(|row| row.title).collect()
    }

    #[test]
    fn each_report_has_its_rows() {
        assert_eq!(rows(&[]), ["a cast", "a cast, 64 bytes", "a cast, 256 bytes", "memory"]);
        assert_eq!(rows(&["--memory"]), ["memory"]);
        assert_eq!(rows(&["--features-cost"]), ["a"]);
        assert_eq!(rows(&["--scale"]).len(), 8);
        assert_eq!(rows(&["--workloads", "memory-idle"]), ["memory"]);
    }

    #[test]
    fn a_peer_that_is_not_there_is_named() {
        let options = Options::parse(&["--only", "akka"]).expect("it is an option");
        let refused = Catalogue::read(LIST).peers(&options).unwrap_err();
        assert_eq!(refused, "there is no peer `akka`; there are cordial, tokio");
    }
}
