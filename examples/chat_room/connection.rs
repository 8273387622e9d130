//! One client: does what it asks for and tells it what happens.
//!
//! 1. The socket is read by a process of its own, linked to this one: it waits for bytes, this one
//!    for messages. It hands over one command at a time and waits until it is done, so a client
//!    that sends faster than it is served is slowed down by TCP, and what a command caused stands
//!    in this mailbox before the next command does.
//! 2. The socket is written by this process, as far as it takes bytes at once. When it is full, a
//!    linked process waits until it can be written again, and ends: its end is the message.
//! 3. This process owns the membership. It monitors the room's incarnation and joins again when
//!    that is down; it monitors the room's supervisor, whose end closes the room.
//! 4. It ends with a shutdown reason, so that the linked processes end with it.

use std::sync::Arc;
use std::time::Duration;

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{MonitorRef, Timer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use crate::application::RoomSupRef;
use crate::directory::DirectoryRef;
use crate::outbox::Line;
use crate::outflow::{self, Flushed, Outflow};
use crate::protocol::{Answer, Command, Lines, Refusal};
use crate::scoreboard::ScoreboardRef;

/// How long a client has for reading what was sent to it before the connection ended.
const FAREWELL: Duration = secs(1);

/// How long to wait before joining again a room that is not up yet.
const RETRY: Duration = millis(5);

/// Lines that wait for the end of a burst before they are written.
const BURST: usize = outflow::CAPACITY / 4;

/// Bytes that are read from the socket at once.
const CHUNK: usize = 4096;

/// A membership.
struct Seat {
    room: String,
    user: String,
    tree: RoomSupRef,
    /// Watches the incarnation that let us in.
    room_watch: MonitorRef,
    /// Watches the supervisor of the room.
    tree_watch: MonitorRef,
    /// Runs while the room is not up yet.
    retry: Option<Timer>,
}

/// Time to join again the room that crashed.
struct JoinAgain;

/// When the lines in the outflow will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    /// There are none.
    Idle,
    /// When the messages before the flush are handled.
    Scheduled,
    /// When the socket is writable.
    Blocked,
}

/// One client.
#[gen_server(restart = Temporary)]
pub struct Connection {
    directory: DirectoryRef,
    board: ScoreboardRef,
    outflow: Outflow,
    writing: Writing,
    seat: Option<Seat>,
}

#[gen_server]
impl Connection {
    #[init]
    fn init(
        socket: TcpStream,
        directory: DirectoryRef,
        board: ScoreboardRef,
        ctx: &mut Ctx<Self>,
    ) -> Result<Self, std::io::Error> {
        socket.set_nodelay(true)?;
        let (from_client, to_client) = socket.into_split();
        let me = ctx.me();
        process::spawn_link(move |_: Mailbox<()>| read(from_client, me));
        let outflow = Outflow::new(to_client);
        Ok(Self { directory, board, outflow, writing: Writing::Idle, seat: None })
    }

    /// Does what the client asked for in one line; answered when it is done.
    #[call(timeout = infinity)]
    pub async fn obey(&mut self, line: Result<Command, Refusal>, ctx: &mut Ctx<Self>) {
        let answer = match line {
            Ok(Command::Join { room, user }) => self.join(room, user, ctx).await.map(Some),
            Ok(Command::Say(text)) => self.say(&text).await.map(|()| None),
            Ok(Command::Who) => self.who().await.map(Some),
            Ok(Command::Score(user)) => self.score(&user).await.map(Some),
            Ok(Command::Rooms) => self.rooms().await.map(Some),
            Ok(Command::Crash) => self.crash().await.map(Some),
            Ok(Command::Quit) => {
                ctx.stop(ExitReason::shutdown_with("quit"));
                Ok(Some(Answer::Bye))
            }
            Err(refusal) => Err(refusal),
        };
        if let Some(answer) = answer.unwrap_or_else(|refusal| Some(Answer::Refused(refusal))) {
            self.tell(&answer, ctx);
        }
    }

    /// Somebody said something in a room; told to the client unless it has left that room.
    #[cast]
    pub fn hear(&mut self, room: Arc<str>, line: Line, ctx: &mut Ctx<Self>) {
        if self.seat.as_ref().is_some_and(|seat| *seat.room == *room) {
            self.send(line, ctx);
        }
    }

    /// Writes everything that came in one burst in one go.
    #[cast]
    fn flush(&mut self, ctx: &mut Ctx<Self>) {
        if self.writing == Writing::Scheduled {
            self.write(ctx);
        }
    }

    /// Rule 3.
    #[info]
    async fn down(&mut self, down: Down, ctx: &mut Ctx<Self>) {
        let Some(seat) = &self.seat else { return };
        if down.monitor == seat.tree_watch {
            let room = seat.room.clone();
            self.stand_up(ctx);
            self.tell(&Answer::Closed(room), ctx);
        } else if down.monitor == seat.room_watch {
            self.join_again(ctx).await;
        }
    }

    #[info]
    async fn retry(&mut self, _: JoinAgain, ctx: &mut Ctx<Self>) {
        self.join_again(ctx).await;
    }

    /// A linked process has ended: normally when the socket can be written again (rule 2), with
    /// another reason when the client is gone (rule 1).
    #[info]
    fn linked_ended(&mut self, exit: Exit, ctx: &mut Ctx<Self>) {
        match exit.reason {
            ExitReason::Normal => self.write(ctx),
            reason => ctx.stop(reason),
        }
    }

    /// Leaves the room at once; the client gets what is still to be said, if it reads.
    #[terminate]
    async fn farewell(&mut self, reason: &ExitReason, ctx: &mut Ctx<Self>) {
        if let Some(seat) = self.stand_up(ctx) {
            self.directory.leave(&seat.room, &seat.user, ctx.me());
        }
        if matches!(reason, ExitReason::Shutdown) {
            self.outflow.push(Answer::Stopping.to_string().into());
        }
        drop(tokio::time::timeout(FAREWELL, self.outflow.drain()).await);
    }
}

/// What a client asks for. A room that does not answer is down for a moment: nothing was done.
impl Connection {
    async fn join(
        &mut self,
        room: String,
        user: String,
        ctx: &mut Ctx<Self>,
    ) -> Result<Answer, Refusal> {
        let asked = self.directory.join(&room, &user, ctx.me()).await;
        let (tree, welcome) = asked.map_err(|error| match error {
            TryCallError::Handler(refusal) => refusal,
            TryCallError::Call(_) => Refusal::Restarting(room.clone()),
        })?;
        // Only now, so that who is turned away stays where it is.
        if let Some(before) = self.stand_up(ctx)
            && before.room != room
        {
            self.directory.leave(&before.room, &before.user, ctx.me());
        }
        let room_watch = ctx.monitor(&welcome.incarnation);
        let tree_watch = ctx.monitor(&tree);
        let (in_room, as_user) = (room.clone(), user.clone());
        self.seat = Some(Seat { room, user, tree, room_watch, tree_watch, retry: None });
        Ok(Answer::Joined { room: in_room, user: as_user, here: welcome.here })
    }

    async fn say(&self, text: &str) -> Result<(), Refusal> {
        let seat = self.seat.as_ref().ok_or(Refusal::JoinFirst)?;
        seat.tree.room.say(&seat.user, text).await.map_err(|_| seat.restarting())
    }

    async fn who(&self) -> Result<Answer, Refusal> {
        let seat = self.seat.as_ref().ok_or(Refusal::JoinFirst)?;
        seat.tree.room.who().await.map(Answer::Who).map_err(|_| seat.restarting())
    }

    async fn crash(&self) -> Result<Answer, Refusal> {
        let seat = self.seat.as_ref().ok_or(Refusal::JoinFirst)?;
        match seat.tree.room.crash(&seat.user).await {
            Err(CallError::Down(..)) => Ok(Answer::Crashed),
            _ => Err(seat.restarting()),
        }
    }

    async fn score(&self, user: &str) -> Result<Answer, Refusal> {
        self.board.get_score(user).await.map(Answer::Points).map_err(|_| Refusal::Busy)
    }

    async fn rooms(&self) -> Result<Answer, Refusal> {
        self.directory.rooms().await.map(Answer::Rooms).map_err(|_| Refusal::Busy)
    }
}

/// Membership (rule 3).
impl Connection {
    async fn join_again(&mut self, ctx: &mut Ctx<Self>) {
        let Some(seat) = &mut self.seat else { return };
        seat.retry = None;
        match seat.tree.room.rejoin(&seat.user, ctx.me()).await {
            Ok(welcome) => {
                seat.room_watch = ctx.monitor(&welcome.incarnation);
                let room = seat.room.clone();
                self.tell(&Answer::Restarted(room), ctx);
            }
            Err(TryCallError::Call(_)) => seat.retry = Some(ctx.send_after(RETRY, JoinAgain)),
            Err(TryCallError::Handler(refusal)) => {
                self.stand_up(ctx);
                self.tell(&Answer::Refused(refusal), ctx);
            }
        }
    }

    /// Gives up the membership, without telling the room.
    fn stand_up(&mut self, ctx: &mut Ctx<Self>) -> Option<Seat> {
        let mut seat = self.seat.take()?;
        ctx.demonitor(seat.room_watch);
        ctx.demonitor(seat.tree_watch);
        if let Some(timer) = seat.retry.take() {
            timer.cancel();
        }
        Some(seat)
    }
}

impl Seat {
    fn restarting(&self) -> Refusal {
        Refusal::Restarting(self.room.clone())
    }
}

/// The way to the client (rule 2).
impl Connection {
    fn tell(&mut self, answer: &Answer, ctx: &mut Ctx<Self>) {
        self.send(answer.to_string().into(), ctx);
    }

    fn send(&mut self, line: Line, ctx: &mut Ctx<Self>) {
        self.outflow.push(line);
        match self.writing {
            Writing::Idle => {
                self.writing = Writing::Scheduled;
                ctx.me().flush();
            }
            // The burst is long. What a full outbox drops is only what the socket did not take.
            Writing::Scheduled if self.outflow.waiting() >= BURST => self.write(ctx),
            Writing::Scheduled | Writing::Blocked => {}
        }
    }

    fn write(&mut self, ctx: &mut Ctx<Self>) {
        match self.outflow.flush() {
            Ok(Flushed::All) => self.writing = Writing::Idle,
            Ok(Flushed::UntilFull) => {
                self.writing = Writing::Blocked;
                let socket = self.outflow.socket();
                process::spawn_link(async move |_: Mailbox<()>| drop(socket.writable().await));
            }
            Err(_) => ctx.stop(hung_up()),
        }
    }
}

/// The client is gone; nobody's fault (rule 4).
fn hung_up() -> ExitReason {
    ExitReason::shutdown_with("hung up")
}

/// The reader (rule 1): ends when the client has, or the connection.
async fn read(mut socket: OwnedReadHalf, connection: ConnectionRef) -> ExitReason {
    let mut lines = Lines::default();
    let mut chunk = vec![0; CHUNK];
    while let Ok(bytes @ 1..) = socket.read(&mut chunk).await {
        for line in lines.feed(&chunk[..bytes]) {
            if connection.obey(line).await.is_err() {
                return hung_up();
            }
        }
    }
    hung_up()
}
