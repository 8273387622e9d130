//! What `gen_server` makes of the example `scoreboard`.

#[derive(Default, Clone)]
pub struct Scoreboard {
    scores: HashMap<String, u32>,
}
const _: () = {
    struct _Held(::cordial::__private::Kept<HashMap<String, u32>>);
};
const _: () = ::cordial::__private::server_of::<Scoreboard>();
impl ::cordial::ServerStruct for Scoreboard {
    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some("scoreboard");
    const SHOW: ::cordial::Show<Self> = |it| ::cordial::__private::ladder(it).shown();
    type Replay = ::cordial::__private::Replayed;
}

/// The handle of [`Scoreboard`]: cheap to clone, it survives restarts.
#[allow(dead_code)]
pub type ScoreboardRef = ::cordial::Ref<Scoreboard>;
#[allow(dead_code)]
impl Scoreboard {
    /// The server that is registered under this type's name, if one is.
    pub fn whereis() -> ::core::option::Option<::cordial::Ref<Self>> {
        ::cordial::__private::registered::<Self>()
    }
}

impl Scoreboard {
    /// Adds points to a player.
    pub fn add_points(&mut self, player: &str, points: u32) {
        *self.scores.entry(player.to_owned()).or_default() += points;
    }

    /// Fetches a player's score.
    #[allow(clippy::must_use_candidate)]
    pub fn get_score(&self, player: &str) -> u32 {
        self.scores.get(player).copied().unwrap_or(0)
    }
}

/// What `Scoreboard` understands: one variant per handler.
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
pub enum ScoreboardMsg {
    /// Adds points to a player.
    AddPoints {
        player: <str as ::cordial::__private::ToOwned>::Owned,
        points: u32,
    },
    /// Fetches a player's score.
    GetScore {
        player: <str as ::cordial::__private::ToOwned>::Owned,
        from: ::cordial::ReplyTo<u32>,
    },
}

impl ::cordial::Message for ScoreboardMsg {
    fn kind(&self) -> &'static str {
        match *self {
            Self::AddPoints { .. } => "add_points",
            Self::GetScore { .. } => "get_score",
        }
    }
}

/// The casts of `Scoreboard`, which do not wait.
pub struct ScoreboardCasts(::cordial::RawRef<ScoreboardMsg>);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl ScoreboardCasts {
    /// Adds points to a player.
    pub fn add_points(&self, player: &str, points: u32) -> ::cordial::Cast {
        let player = ::cordial::__private::ToOwned::to_owned(player);
        ::cordial::__private::cast(&self.0, ScoreboardMsg::AddPoints { player, points })
    }
}

/// The client of `Scoreboard`: what its handle derefs to.
pub struct ScoreboardClient(ScoreboardCasts);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl ScoreboardClient {
    /// Fetches a player's score.
    pub fn get_score(&self, player: &str) -> ::cordial::Call<u32> {
        let player = ::cordial::__private::ToOwned::to_owned(player);
        ::cordial::__private::ask(&self.0.0, |from| ScoreboardMsg::GetScore { player, from })
    }
}
::cordial::__private::shell!([][][][Scoreboard] ScoreboardMsg ScoreboardCasts ScoreboardClient);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl Scoreboard {
    /// Starts the server; await for its handle.
    pub fn start(state: Self) -> ::cordial::Start<Self> {
        ::cordial::Start::new(state)
    }

    /// Starts the server linked to the caller.
    pub fn start_link(state: Self) -> ::cordial::Start<Self> {
        ::cordial::Start::new(state).link()
    }

    /// How a supervisor starts this server.
    pub fn child_spec<R>(state: Self) -> ::cordial::ChildSpec<Self, R>
    where
        Self: ::cordial::__private::Specified<R>,
    {
        <Self as ::cordial::__private::Specified<R>>::spec(state)
    }
}

impl ::cordial::GenServer for Scoreboard {
    type Msg = ScoreboardMsg;
    type Args = Self;
    type Client = ScoreboardClient;
    fn init(
        args: Self,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> impl ::core::future::Future<Output = ::cordial::Init<Self>> + ::core::marker::Send {
        ::core::future::ready(::cordial::Init::run(args))
    }

    fn handle(
        &mut self,
        msg: ScoreboardMsg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> impl ::core::future::Future<Output = ::cordial::Flow> + ::core::marker::Send {
        ::core::future::ready(::cordial::__private::handle_sync(self, msg, ctx))
    }

    fn handle_sync(
        &mut self,
        msg: ScoreboardMsg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::core::result::Result<::cordial::Flow, Self::Msg> {
        use ::cordial::__private::{answer, forget, into_flow, into_flow_after};
        match msg {
            ScoreboardMsg::AddPoints { player, points } => {
                into_flow(Self::add_points(self, &player, points))
            }
            ScoreboardMsg::GetScore { player, from } => {
                answer(from, Self::get_score(self, &player), ctx)
            }
        }
    }
}
