//! Whatever bytes a client sends, the line protocol reads them as its rules say.
//!
//! The inputs are the lines of `chat_lines/corpus.txt`, changed at random places, and bytes at
//! random. `FUZZ_SEED` is the first seed; with `FUZZ_SECONDS` it goes on for so long.

use std::time::{Duration, Instant};

use chat_room::protocol::{Command, LONGEST_LINE, Lines, Refusal};

/// How many streams are read where no time is set.
const STREAMS: u64 = 20_000;

const CORPUS: &str = include_str!("chat_lines/corpus.txt");

#[test]
fn any_stream_of_bytes_is_read_as_its_lines_wherever_it_is_cut() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let limit = number("FUZZ_SECONDS").map(Duration::from_secs);
    let start = Instant::now();
    let first = number("FUZZ_SEED").unwrap_or(1);
    let goes_on = |seed: &u64| match limit {
        Some(limit) => start.elapsed() < limit,
        None => *seed < first + STREAMS,
    };
    let mut streams = 0;
    for seed in (first..).take_while(goes_on) {
        streams += 1;
        check(seed);
    }
    if limit.is_some() {
        println!("fuzz: the line protocol got {streams} streams");
    }
}

fn check(seed: u64) {
    let mut dice = Dice(seed);
    let stream = stream(&mut dice);
    let mut lines = Lines::default();
    let mut commands = Vec::new();
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(1 + dice.below(rest.len()));
        commands.extend(lines.feed(piece));
        rest = after;
    }
    let shown = || format!("seed {seed}: {}", stream.escape_ascii());
    assert_eq!(commands, expected(&stream), "{}", shown());
    for command in commands {
        match command {
            Ok(command) => check_command(&command, &shown),
            Err(refusal) => assert!(!refusal.to_string().contains(['\n']), "{}", shown()),
        }
    }
}

/// The rules once more, over the whole stream at once.
fn expected(stream: &[u8]) -> Vec<Result<Command, Refusal>> {
    let mut lines: Vec<&[u8]> = stream.split(|byte| *byte == b'\n').collect();
    let unfinished = lines.pop().unwrap_or_default();
    let read = |line: &&[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let fits = line.len() <= LONGEST_LINE;
        if fits { Command::parse(line) } else { Err(Refusal::LineTooLong) }
    };
    let mut commands: Vec<_> = lines.iter().map(read).collect();
    // What is too long is refused before its end is there.
    let is_end_possible = unfinished.len() == LONGEST_LINE + 1 && unfinished.ends_with(b"\r");
    if unfinished.len() > LONGEST_LINE && !is_end_possible {
        commands.push(Err(Refusal::LineTooLong));
    }
    commands
}

/// What was understood can be said again, and names are what names may be.
fn check_command(command: &Command, shown: &impl Fn() -> String) {
    let again = match command {
        Command::Join { room, user } => format!("JOIN {room} {user}"),
        Command::Say(text) => format!("SAY {text}"),
        Command::Score(user) => format!("SCORE {user}"),
        Command::Who => "WHO".into(),
        Command::Rooms => "ROOMS".into(),
        Command::Crash => "CRASH".into(),
        Command::Quit => "QUIT".into(),
    };
    assert_eq!(Command::parse(again.as_bytes()).as_ref(), Ok(command), "{}", shown());
    if let Command::Join { room, user } = command {
        let is_name = |name: &str| {
            (1..=32).contains(&name.len())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        assert!(is_name(room) && is_name(user), "{}", shown());
    }
}

/// Some lines of the corpus, most of them changed.
fn stream(dice: &mut Dice) -> Vec<u8> {
    let corpus: Vec<&str> = CORPUS.lines().collect();
    let mut stream = Vec::new();
    for _ in 0..=dice.below(5) {
        let mut line = corpus[dice.below(corpus.len())].as_bytes().to_vec();
        for _ in 0..dice.below(4) {
            change(&mut line, dice);
        }
        stream.extend(line);
        let ends: [&[u8]; 4] = [b"\n", b"\r\n", b"\n\n", b""];
        stream.extend(ends[dice.below(ends.len())]);
    }
    stream
}

fn change(line: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(line.len() + 1);
    match dice.below(7) {
        0 => line.truncate(at),
        1 => line.insert(at, dice.byte()),
        2 => drop(line.splice(at..at, (0..dice.below(8)).map(|_| dice.byte()).collect::<Vec<_>>())),
        3 => line.extend_from_within(at..),
        4 => line.insert(at, [b' ', b'\r', b'\n', b'\0', 0xff, b'\t'][dice.below(6)]),
        // Around the longest that a line may be.
        5 => line.resize(LONGEST_LINE - 2 + dice.below(6), b'x'),
        _ if line.is_empty() => {}
        _ => {
            let at = at.min(line.len() - 1);
            line[at] ^= 1 << dice.below(8);
        }
    }
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let below = (z ^ (z >> 31)) % u64::try_from(end).expect("a length");
        usize::try_from(below).expect("it is below a length")
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("a number below 256 is a byte")
    }
}
