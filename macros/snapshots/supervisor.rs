//! What `supervisor` makes of the example `chat_room/application`.

/// The chat server.
///
/// The listening socket is made outside and handed in: an acceptor that is restarted goes on
/// with the same socket, so its port stays and no waiting client is turned away.
///
/// ```text
/// ChatSup (RestForOne)
/// ├── board: Scoreboard
/// ├── lobby: supervisor (OneForAll)
/// │   ├── rooms: dynamic RoomSup, at most 10_000
/// │   └── directory: Directory
/// ├── connections: dynamic Connection
/// └── acceptor: Acceptor
/// ```
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct ChatSup;
/// The handles of ChatSup's children.
#[allow(dead_code, private_interfaces)]
pub struct ChatSupRef {
    /// The handle of `board`.
    pub board: <Scoreboard as ::cordial::Child>::Handle,
    /// The handle of `lobby`.
    pub lobby: ChatSupLobbyRef,
    /// The handle of `connections`.
    pub connections: ::cordial::DynamicRef<Connection>,
    /// The handle of `acceptor`.
    pub acceptor: <Acceptor as ::cordial::Child>::Handle,
    #[doc(hidden)]
    __cordial_supervisor: ::cordial::SupervisorRef,
}

impl ::core::clone::Clone for ChatSupRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn clone(&self) -> Self {
        Self {
            board: ::core::clone::Clone::clone(&self.board),
            lobby: ::core::clone::Clone::clone(&self.lobby),
            connections: ::core::clone::Clone::clone(&self.connections),
            acceptor: ::core::clone::Clone::clone(&self.acceptor),
            __cordial_supervisor: ::core::clone::Clone::clone(&self.__cordial_supervisor),
        }
    }
}

impl ::core::fmt::Debug for ChatSupRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut out = ::core::fmt::Formatter::debug_struct(f, "ChatSupRef");
        ::core::fmt::DebugStruct::field(&mut out, "board", &self.board);
        ::core::fmt::DebugStruct::field(&mut out, "lobby", &self.lobby);
        ::core::fmt::DebugStruct::field(&mut out, "connections", &self.connections);
        ::core::fmt::DebugStruct::field(&mut out, "acceptor", &self.acceptor);
        ::core::fmt::DebugStruct::finish(&mut out)
    }
}

impl ::cordial::supervisor::Supervised for ChatSupRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn supervisor(&self) -> &::cordial::SupervisorRef {
        &self.__cordial_supervisor
    }
}

/// The handles of ChatSup's lobby's children.
#[allow(dead_code, private_interfaces)]
pub struct ChatSupLobbyRef {
    /// The handle of `rooms`.
    pub rooms: ::cordial::DynamicRef<RoomSup>,
    /// The handle of `directory`.
    pub directory: <Directory as ::cordial::Child>::Handle,
    #[doc(hidden)]
    __cordial_supervisor: ::cordial::SupervisorRef,
}

impl ::core::clone::Clone for ChatSupLobbyRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn clone(&self) -> Self {
        Self {
            rooms: ::core::clone::Clone::clone(&self.rooms),
            directory: ::core::clone::Clone::clone(&self.directory),
            __cordial_supervisor: ::core::clone::Clone::clone(&self.__cordial_supervisor),
        }
    }
}

impl ::core::fmt::Debug for ChatSupLobbyRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut out = ::core::fmt::Formatter::debug_struct(f, "ChatSupLobbyRef");
        ::core::fmt::DebugStruct::field(&mut out, "rooms", &self.rooms);
        ::core::fmt::DebugStruct::field(&mut out, "directory", &self.directory);
        ::core::fmt::DebugStruct::finish(&mut out)
    }
}

impl ::cordial::supervisor::Supervised for ChatSupLobbyRef
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    fn supervisor(&self) -> &::cordial::SupervisorRef {
        &self.__cordial_supervisor
    }
}

#[allow(dead_code, private_interfaces, clippy::too_many_arguments)]
impl ChatSup
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    /// Starts the tree; await it for the handles of its children.
    pub fn start(
        listener: Arc<TcpListener>,
        empty_for: Duration,
    ) -> ::cordial::supervisor::StartTree<ChatSupRef> {
        Self::child_spec(listener, empty_for).start()
    }

    /// Starts the tree, linked to the process that starts it.
    pub fn start_link(
        listener: Arc<TcpListener>,
        empty_for: Duration,
    ) -> ::cordial::supervisor::StartTree<ChatSupRef> {
        Self::child_spec(listener, empty_for).start_link()
    }

    /// How a supervisor above starts and restarts this tree.
    pub fn child_spec(
        listener: Arc<TcpListener>,
        empty_for: Duration,
    ) -> ::cordial::supervisor::TreeSpec<ChatSupRef> {
        ::cordial::supervisor::TreeSpec::new(
            ::cordial::supervisor::Flags {
                strategy: ::cordial::Strategy::RestForOne,
                ..::core::default::Default::default()
            },
            "ChatSup",
            move |tree: &mut ::cordial::supervisor::Builder| {
                let board = tree.add(<Scoreboard>::child_spec(Scoreboard::default()).id("board"));
                let lobby = {
                    let board = ::core::clone::Clone::clone(&board);
                    tree.add(::cordial::supervisor::TreeSpec::new(
                        ::cordial::supervisor::Flags {
                            strategy: ::cordial::Strategy::OneForAll,
                            ..::core::default::Default::default()
                        },
                        "lobby",
                        move |tree: &mut ::cordial::supervisor::Builder| {
                            let rooms = tree.add(
                                ::cordial::DynamicSpec::<RoomSup>::new().max_children(
                                    10_000,
                                ).id("rooms"),
                            );
                            let directory = {
                                let rooms = ::core::clone::Clone::clone(&rooms);
                                let board = ::core::clone::Clone::clone(&board);
                                tree.add(<Directory>::child_spec(
                                    rooms,
                                    board,
                                    empty_for,
                                ).id("directory"))
                            };
                            ChatSupLobbyRef {
                                rooms,
                                directory,
                                __cordial_supervisor: tree.supervisor(),
                            }
                        },
                    ))
                };
                let connections = tree.add(::cordial::DynamicSpec::<Connection>::new().id(
                    "connections",
                ));
                let acceptor = {
                    let connections = ::core::clone::Clone::clone(&connections);
                    let lobby = ::core::clone::Clone::clone(&lobby);
                    let board = ::core::clone::Clone::clone(&board);
                    tree.add(
                        <Acceptor>::child_spec(
                            listener,
                            connections,
                            lobby.directory,
                            board,
                        ).id("acceptor"),
                    )
                };
                ChatSupRef {
                    board,
                    lobby,
                    connections,
                    acceptor,
                    __cordial_supervisor: tree.supervisor(),
                }
            },
        )
    }
}

impl ::cordial::Child for ChatSup
where
    Scoreboard: ::cordial::Child,
    RoomSup: ::cordial::Child,
    Directory: ::cordial::Child,
    Connection: ::cordial::Child,
    Acceptor: ::cordial::Child,
{
    type Handle = ChatSupRef;
}

#[doc(hidden)]
impl ::cordial::__private::Named for ChatSup {
    const NAMES: ::cordial::__private::Names = {
        use ::cordial::__private::Nameless as _;
        ::cordial::__private::Names::of_tree(&[
            ::cordial::__private::NamesOf::<Scoreboard>::NAMES,
            ::cordial::__private::NamesOf::<Directory>::NAMES,
            ::cordial::__private::NamesOf::<Acceptor>::NAMES,
        ])
    };
}
const _: () = {
    #[allow(unused_imports)]
    use ::cordial::__private::Nameless as _;
    const NAMES: &[
        ::cordial::__private::Names,
    ] = &[
        ::cordial::__private::NamesOf::<Scoreboard>::NAMES,
        ::cordial::__private::NamesOf::<Directory>::NAMES,
        ::cordial::__private::NamesOf::<Acceptor>::NAMES,
    ];
    const _: () = if !::cordial::__private::Names::are_new(NAMES, 0usize) {
        ::core::panic!(
            "`Scoreboard` takes a fixed `name`, which an earlier child of this tree already has"
        )
    };
    const _: () = if !::cordial::__private::Names::are_new(NAMES, 1usize) {
        ::core::panic!(
            "`Directory` takes a fixed `name`, which an earlier child of this tree already has"
        )
    };
    const _: () = if !::cordial::__private::Names::are_new(NAMES, 2usize) {
        ::core::panic!(
            "`Acceptor` takes a fixed `name`, which an earlier child of this tree already has"
        )
    };
    const _: () = if !::cordial::__private::NamesOf::<RoomSup>::NAMES.are_none() {
        ::core::panic!(
            "`RoomSup` takes a fixed `name`, which one process can have: it cannot be `dynamic`"
        )
    };
    const _: () = if !::cordial::__private::NamesOf::<Connection>::NAMES.are_none() {
        ::core::panic!(
            "`Connection` takes a fixed `name`, which one process can have: it cannot be `dynamic`"
        )
    };
};

/// A room and the supervisor that restarts it.
///
/// Each room has a supervisor of its own, so that its crashes spend no other room's budget.
/// The budget is large, since anybody may crash a room with one word and the others in it
/// shall stay; but a room that crashes over and over on its own is closed within a second.
///
/// ```text
/// RoomSup (OneForOne, max_restarts 1_000 in 1s)
/// └── room: ChatRoom
/// ```
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct RoomSup;
/// The handles of RoomSup's children.
#[allow(dead_code, private_interfaces)]
pub struct RoomSupRef {
    /// The handle of `room`.
    pub room: <ChatRoom as ::cordial::Child>::Handle,
    #[doc(hidden)]
    __cordial_supervisor: ::cordial::SupervisorRef,
}

impl ::core::clone::Clone for RoomSupRef
where
    ChatRoom: ::cordial::Child,
{
    fn clone(&self) -> Self {
        Self {
            room: ::core::clone::Clone::clone(&self.room),
            __cordial_supervisor: ::core::clone::Clone::clone(&self.__cordial_supervisor),
        }
    }
}

impl ::core::fmt::Debug for RoomSupRef
where
    ChatRoom: ::cordial::Child,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut out = ::core::fmt::Formatter::debug_struct(f, "RoomSupRef");
        ::core::fmt::DebugStruct::field(&mut out, "room", &self.room);
        ::core::fmt::DebugStruct::finish(&mut out)
    }
}

impl ::cordial::supervisor::Supervised for RoomSupRef
where
    ChatRoom: ::cordial::Child,
{
    fn supervisor(&self) -> &::cordial::SupervisorRef {
        &self.__cordial_supervisor
    }
}

#[allow(dead_code, private_interfaces, clippy::too_many_arguments)]
impl RoomSup
where
    ChatRoom: ::cordial::Child,
{
    /// Starts the tree; await it for the handles of its children.
    pub fn start(
        name: String,
        directory: DirectoryRef,
        board: ScoreboardRef,
        empty_for: Duration,
    ) -> ::cordial::supervisor::StartTree<RoomSupRef> {
        Self::child_spec(name, directory, board, empty_for).start()
    }

    /// Starts the tree, linked to the process that starts it.
    pub fn start_link(
        name: String,
        directory: DirectoryRef,
        board: ScoreboardRef,
        empty_for: Duration,
    ) -> ::cordial::supervisor::StartTree<RoomSupRef> {
        Self::child_spec(name, directory, board, empty_for).start_link()
    }

    /// How a supervisor above starts and restarts this tree.
    pub fn child_spec(
        name: String,
        directory: DirectoryRef,
        board: ScoreboardRef,
        empty_for: Duration,
    ) -> ::cordial::supervisor::TreeSpec<RoomSupRef> {
        ::cordial::supervisor::TreeSpec::new(
            ::cordial::supervisor::Flags {
                strategy: ::cordial::Strategy::OneForOne,
                max_restarts: 1_000,
                period: ::core::time::Duration::from_secs(1u64),
                ..::core::default::Default::default()
            },
            "RoomSup",
            move |tree: &mut ::cordial::supervisor::Builder| {
                let room = tree.add(<ChatRoom>::child_spec(
                    name,
                    directory,
                    board,
                    empty_for,
                ).id("room"));
                RoomSupRef {
                    room,
                    __cordial_supervisor: tree.supervisor(),
                }
            },
        )
    }
}

impl ::cordial::Child for RoomSup
where
    ChatRoom: ::cordial::Child,
{
    type Handle = RoomSupRef;
}

#[doc(hidden)]
impl ::cordial::__private::Named for RoomSup {
    const NAMES: ::cordial::__private::Names = {
        use ::cordial::__private::Nameless as _;
        ::cordial::__private::Names::of_tree(&[::cordial::__private::NamesOf::<ChatRoom>::NAMES])
    };
}
const _: () = {
    #[allow(unused_imports)]
    use ::cordial::__private::Nameless as _;
    const NAMES: &[
        ::cordial::__private::Names,
    ] = &[::cordial::__private::NamesOf::<ChatRoom>::NAMES];
    const _: () = if !::cordial::__private::Names::are_new(NAMES, 0usize) {
        ::core::panic!(
            "`ChatRoom` takes a fixed `name`, which an earlier child of this tree already has"
        )
    };
};
