//! The line protocol: bytes become commands, answers become text; no sockets, no processes.
//!
//! ```text
//! bytes ──Lines::feed──▶ lines ──Command::parse──▶ Command ──servers──▶ Answer ──Display──▶ text
//!             └─ over 4096 bytes ──┴─ not understood ──▶ Refusal, an Answer like any other
//! ```
//!
//! 1. A line ends with `\n` or `\r\n`; what stands after the last line end waits for more bytes.
//! 2. A line of more than [`LONGEST_LINE`] bytes is refused as soon as it is that long; the rest
//!    of it is skipped.
//! 3. What can be said about a line alone is said here; whether its sender is in a room is not.

use std::fmt;

/// Bytes that a line may have, its end not counted.
pub const LONGEST_LINE: usize = 4096;

/// Characters that the name of a room or a user may have.
const LONGEST_NAME: usize = 32;

/// What a client may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `JOIN <room> <user>`
    Join {
        /// The room to be in.
        room: String,
        /// The name to be known by in it.
        user: String,
    },
    /// `SAY <text>`
    Say(String),
    /// `WHO`
    Who,
    /// `SCORE <user>`
    Score(String),
    /// `ROOMS`
    Rooms,
    /// `CRASH`
    Crash,
    /// `QUIT`
    Quit,
}

impl Command {
    /// Reads one line, its end already taken off.
    ///
    /// # Errors
    ///
    /// What is wrong with the line, in the words that its sender gets.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        let line = str::from_utf8(line).map_err(|_| Refusal::NotUtf8)?;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "JOIN" => Self::parse_join(rest.trim_matches(' ')),
            "SAY" if rest.trim().is_empty() => Err(Refusal::SayNeedsText),
            "SAY" => Ok(Self::Say(rest.to_owned())),
            "SCORE" => Self::parse_score(rest.trim_matches(' ')),
            "WHO" => Ok(Self::Who),
            "ROOMS" => Ok(Self::Rooms),
            "CRASH" => Ok(Self::Crash),
            "QUIT" => Ok(Self::Quit),
            _ => Err(Refusal::UnknownCommand(word.to_owned())),
        }
    }

    fn parse_join(arguments: &str) -> Result<Self, Refusal> {
        let (room, user) = arguments.split_once(' ').ok_or(Refusal::JoinNeedsRoomAndUser)?;
        Ok(Self::Join { room: parse_name(room)?, user: parse_name(user.trim_start_matches(' '))? })
    }

    fn parse_score(user: &str) -> Result<Self, Refusal> {
        if user.is_empty() {
            Err(Refusal::ScoreNeedsUser)
        } else {
            parse_name(user).map(Self::Score)
        }
    }
}

fn parse_name(name: &str) -> Result<String, Refusal> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let fits = (1..=LONGEST_NAME).contains(&name.len());
    if fits && name.bytes().all(is_allowed) { Ok(name.to_owned()) } else { Err(Refusal::BadName) }
}

/// Why a line is not done; its text follows `ERR `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The first word is none of ours.
    UnknownCommand(String),
    /// `JOIN` with fewer than two words.
    JoinNeedsRoomAndUser,
    /// `SAY` with nothing to say.
    SayNeedsText,
    /// `SCORE` of nobody.
    ScoreNeedsUser,
    /// A room or a user that is not 1 to 32 of `[A-Za-z0-9_-]`.
    BadName,
    /// More bytes than [`LONGEST_LINE`].
    LineTooLong,
    /// Bytes that are no text.
    NotUtf8,
    /// Something that only a member can do.
    JoinFirst,
    /// The user's name is taken in the room.
    Taken {
        /// The name.
        user: String,
        /// Where it is taken.
        room: String,
    },
    /// The room is down for a moment; nothing was done.
    Restarting(String),
    /// The room could not be started; there is a limit to rooms.
    CannotOpen(String),
    /// The scoreboard or the directory is down for a moment; nothing was done.
    Busy,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCommand(word) => {
                write!(f, "unknown command {word}; try JOIN, SAY, WHO, SCORE, ROOMS, CRASH, QUIT")
            }
            Self::JoinNeedsRoomAndUser => f.write_str("JOIN needs a room and a user"),
            Self::SayNeedsText => f.write_str("SAY needs a text"),
            Self::ScoreNeedsUser => f.write_str("SCORE needs a user"),
            Self::BadName => f.write_str("bad name"),
            Self::LineTooLong => f.write_str("line too long"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::JoinFirst => f.write_str("join a room first"),
            Self::Taken { user, room } => write!(f, "{user} is already in {room}"),
            Self::Restarting(room) => write!(f, "{room} is restarting"),
            Self::CannotOpen(room) => write!(f, "{room} cannot be opened"),
            Self::Busy => f.write_str("busy, try again"),
        }
    }
}

/// A line that the server sends to one client; without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The client is in a room now.
    Joined {
        /// The room.
        room: String,
        /// The client's name in it.
        user: String,
        /// How many are in it, the client included.
        here: usize,
    },
    /// Who is in the room, in the order of the alphabet.
    Who(Vec<String>),
    /// The points of a user.
    Points(u32),
    /// The rooms and how many are in each, in the order of the alphabet.
    Rooms(Vec<(String, usize)>),
    /// The room was crashed as asked.
    Crashed,
    /// The connection ends as asked.
    Bye,
    /// The line was not done.
    Refused(Refusal),
    /// The client's room crashed, and the client is in it again.
    Restarted(String),
    /// The client's room crashed too often and is no more.
    Closed(String),
    /// The client read too slowly.
    Missed(u64),
    /// The server ends.
    Stopping,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined { room, user, here } => {
                write!(f, "OK joined {room} as {user} ({here} here)")
            }
            Self::Who(users) => write!(f, "OK {}", users.join(",")),
            Self::Points(points) => write!(f, "OK {points}"),
            Self::Rooms(rooms) => fmt_rooms(rooms, f),
            Self::Crashed => f.write_str("OK crashed"),
            Self::Bye => f.write_str("BYE"),
            Self::Refused(refusal) => write!(f, "ERR {refusal}"),
            Self::Restarted(room) => write!(f, "! room {room} restarted"),
            Self::Closed(room) => write!(f, "! room {room} closed"),
            Self::Missed(lines) => write!(f, "! you missed {lines} lines"),
            Self::Stopping => f.write_str("! server is stopping"),
        }
    }
}

fn fmt_rooms(rooms: &[(String, usize)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("OK")?;
    for (position, (room, here)) in rooms.iter().enumerate() {
        let before = if position == 0 { ' ' } else { ',' };
        write!(f, "{before}{room}({here})")?;
    }
    Ok(())
}

/// What a member of a room reads when `user` says `text` in it.
#[must_use]
pub fn said(room: &str, user: &str, text: &str) -> String {
    format!("{room} {user}: {text}")
}

/// Cuts a stream of bytes into lines; holds at most one unfinished line.
#[derive(Debug, Default)]
pub struct Lines {
    /// The unfinished line; one byte above the limit, which may be the `\r` of a `\r\n`.
    unfinished: Vec<u8>,
    /// The line was refused already; what comes until its end is not looked at.
    skipping: bool,
}

impl Lines {
    /// Takes what arrived and answers with the commands of all lines that are complete.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<Result<Command, Refusal>> {
        let mut commands = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            commands.extend(self.push(&bytes[..end]));
            commands.extend(self.finish());
            bytes = &bytes[end + 1..];
        }
        commands.extend(self.push(bytes));
        commands
    }

    /// Adds to the unfinished line; refuses it when it has become too long.
    fn push(&mut self, bytes: &[u8]) -> Option<Result<Command, Refusal>> {
        if self.skipping {
            return None;
        }
        let room = LONGEST_LINE + 1 - self.unfinished.len();
        self.unfinished.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let may_be_line_end = self.unfinished.last() == Some(&b'\r') && bytes.len() <= room;
        if self.unfinished.len() <= LONGEST_LINE || may_be_line_end {
            return None;
        }
        self.skipping = true;
        self.unfinished = Vec::new();
        Some(Err(Refusal::LineTooLong))
    }

    /// A line end arrived: the unfinished line is complete, or was refused before.
    fn finish(&mut self) -> Option<Result<Command, Refusal>> {
        let was_refused = std::mem::take(&mut self.skipping);
        let line = self.unfinished.strip_suffix(b"\r").unwrap_or(&self.unfinished);
        let command = (!was_refused).then(|| Command::parse(line));
        self.unfinished.clear();
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_line(line: &str, expected: &Command) {
        assert_eq!(Command::parse(line.as_bytes()).as_ref(), Ok(expected), "{line:?}");
    }

    #[track_caller]
    fn check_refused(line: impl AsRef<[u8]>, expected: &str) {
        let refusal = Command::parse(line.as_ref()).expect_err("this line is refused");
        assert_eq!(Answer::Refused(refusal).to_string(), expected);
    }

    #[test]
    fn each_command_is_understood() {
        let join = Command::Join { room: "lobby".into(), user: "ann".into() };
        check_line("JOIN lobby ann", &join);
        check_line("JOIN  lobby  ann ", &join);
        check_line("SAY hello, world", &Command::Say("hello, world".into()));
        check_line("SAY  two spaces ", &Command::Say(" two spaces ".into()));
        check_line("WHO", &Command::Who);
        check_line("WHO ", &Command::Who);
        check_line("SCORE ann", &Command::Score("ann".into()));
        check_line("ROOMS", &Command::Rooms);
        check_line("CRASH", &Command::Crash);
        check_line("QUIT", &Command::Quit);
    }

    #[test]
    fn unknown_words_are_answered_with_the_known_ones() {
        let known = "; try JOIN, SAY, WHO, SCORE, ROOMS, CRASH, QUIT";
        for word in ["FOO", "join", "Say", "", "JOIN\tlobby\tann", "ÄÖ"] {
            check_refused(word, &format!("ERR unknown command {word}{known}"));
        }
        check_refused("FOO bar", &format!("ERR unknown command FOO{known}"));
    }

    #[test]
    fn missing_arguments_are_named() {
        for line in ["JOIN", "JOIN ", "JOIN lobby", "JOIN lobby ", "JOIN bad!"] {
            check_refused(line, "ERR JOIN needs a room and a user");
        }
        for line in ["SAY", "SAY ", "SAY   "] {
            check_refused(line, "ERR SAY needs a text");
        }
        for line in ["SCORE", "SCORE  "] {
            check_refused(line, "ERR SCORE needs a user");
        }
    }

    #[test]
    fn names_are_1_to_32_of_letters_digits_underscore_and_minus() {
        let longest = "x".repeat(32);
        check_line(
            &format!("JOIN A-z_09 {longest}"),
            &Command::Join { room: "A-z_09".into(), user: longest.clone() },
        );
        for bad in [format!("{longest}x"), "a.b".into(), "ä".into(), "a b".into(), "a\tb".into()] {
            check_refused(format!("JOIN lobby {bad}"), "ERR bad name");
            check_refused(format!("SCORE {bad}"), "ERR bad name");
        }
        check_refused("JOIN lo/bby ann", "ERR bad name");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        check_refused(b"SAY \xff\xfe", "ERR not UTF-8");
        check_refused(b"\xc3", "ERR not UTF-8");
    }

    #[test]
    fn answers_read_as_the_protocol_says() {
        let rooms = vec![("lobby".to_owned(), 2), ("tea".to_owned(), 1)];
        let joined = Answer::Joined { room: "lobby".into(), user: "ann".into(), here: 2 };
        for (answer, text) in [
            (joined, "OK joined lobby as ann (2 here)"),
            (Answer::Who(vec!["a".into(), "b".into(), "c".into()]), "OK a,b,c"),
            (Answer::Points(7), "OK 7"),
            (Answer::Rooms(rooms), "OK lobby(2),tea(1)"),
            (Answer::Rooms(Vec::new()), "OK"),
            (Answer::Crashed, "OK crashed"),
            (Answer::Bye, "BYE"),
            (Answer::Restarted("tea".into()), "! room tea restarted"),
            (Answer::Closed("tea".into()), "! room tea closed"),
            (Answer::Missed(3), "! you missed 3 lines"),
            (Answer::Stopping, "! server is stopping"),
        ] {
            assert_eq!(answer.to_string(), text);
        }
        assert_eq!(said("lobby", "ann", "hi"), "lobby ann: hi");
    }

    #[test]
    fn refusals_that_need_more_than_the_line_read_as_the_protocol_says() {
        for (refusal, text) in [
            (Refusal::JoinFirst, "join a room first"),
            (Refusal::Restarting("tea".into()), "tea is restarting"),
            (Refusal::Taken { user: "ann".into(), room: "tea".into() }, "ann is already in tea"),
        ] {
            assert_eq!(refusal.to_string(), text);
        }
    }

    const WHO: Result<Command, Refusal> = Ok(Command::Who);

    #[test]
    fn both_line_ends_are_understood_wherever_the_stream_is_cut() {
        let stream = b"WHO\r\nROOMS\nWHO\n\nQUI";
        let unknown = Err(Refusal::UnknownCommand(String::new()));
        let whole = [WHO, Ok(Command::Rooms), WHO, unknown];
        for cut in 0..stream.len() {
            let mut lines = Lines::default();
            let mut commands = lines.feed(&stream[..cut]);
            commands.extend(lines.feed(&stream[cut..]));
            assert_eq!(commands, whole, "cut at {cut}");
            assert_eq!(lines.feed(b"T\n"), [Ok(Command::Quit)]);
        }
    }

    #[test]
    fn a_line_of_4096_bytes_is_taken_with_either_end() {
        let text = "x".repeat(LONGEST_LINE - 4);
        for end in ["\n", "\r\n"] {
            let line = format!("SAY {text}{end}");
            let say = [Ok(Command::Say(text.clone()))];
            assert_eq!(Lines::default().feed(line.as_bytes()), say);
            let mut lines = Lines::default();
            let commands: Vec<_> = line.bytes().flat_map(|byte| lines.feed(&[byte])).collect();
            assert_eq!(commands, say);
        }
    }

    #[test]
    fn a_longer_line_is_refused_once_and_at_once_and_the_next_line_counts() {
        for piece in [1, 7, 4096, 4097, 20_000] {
            let mut lines = Lines::default();
            let long = vec![b'x'; 20_000];
            let refusals: Vec<_> = long.chunks(piece).flat_map(|part| lines.feed(part)).collect();
            assert_eq!(refusals, [Err(Refusal::LineTooLong)], "in pieces of {piece}");
            assert_eq!(lines.feed(b"SAY not this\nWHO\n"), [WHO], "in pieces of {piece}");
        }
    }

    #[test]
    fn a_carriage_return_at_the_limit_counts_as_part_of_a_longer_line() {
        let mut lines = Lines::default();
        let mut line = vec![b'x'; LONGEST_LINE];
        line.push(b'\r');
        assert_eq!(lines.feed(&line), []);
        assert_eq!(lines.feed(b"y"), [Err(Refusal::LineTooLong)]);
        assert_eq!(lines.feed(b"\nWHO\n"), [WHO]);
    }
}
