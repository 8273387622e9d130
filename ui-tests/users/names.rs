//! Raw names, names in other scripts, and names that the macros use themselves.

use cordial::prelude::*;

/// A type with a raw name.
#[gen_server]
#[derive(Clone, Debug)]
pub(crate) struct r#Type {
    r#fn: u32,
    größe: u32,
}

#[gen_server]
impl r#Type {
    #[cast]
    fn r#match(&mut self, r#in: u32, msg: u32, from: u32, ctx: u32, args: u32) {
        self.r#fn += r#in + msg + from + ctx + args;
    }

    #[cast]
    fn größer(&mut self, größe: &str) {
        self.größe += u32::try_from(größe.len()).unwrap_or(0);
    }

    #[call]
    fn r#move(&self, state: u32, self_: u32, reply: u32, other: u32, never: u32) -> u32 {
        self.r#fn + self.größe + state + self_ + reply + other + never
    }

    #[call]
    async fn 名前(&self, 値: String) -> String {
        std::future::ready(値).await
    }

    #[info]
    fn r#dyn(&mut self, r#true_: u8) {
        self.r#fn += u32::from(r#true_);
    }
}

supervisor! {
    r#Tree(r#type: u32) {
        children: [
            r#struct: r#Type(r#Type { r#fn: r#type, größe: 1 }),
            größe: Größe(r#struct),
        ],
    }
}

/// A type with a name that is not ASCII.
#[gen_server]
#[derive(Clone)]
struct Größe(r#TypeRef);

#[gen_server]
impl Größe {
    #[init]
    fn init(board: r#TypeRef) -> Self {
        Self(board)
    }

    #[call]
    async fn all(&self) -> Option<u32> {
        self.0.r#move(1, 1, 1, 1, 1).await.ok()
    }
}

registry! { r#Räume: String => Größe, duplicate }
table! { Zähler: r#String => u32, set, public }

#[cordial::main(current_thread)]
async fn main() {
    let tree = r#Tree::start(3).await.expect("it starts");
    tree.r#struct.r#match(1, 1, 1, 1, 1);
    tree.r#struct.größer("ab");
    assert_eq!(tree.größe.all().await, Ok(Some(16)));
    assert_eq!(tree.r#struct.名前("é".to_owned()).await, Ok("é".to_owned()));
    let _names: (Option<r#Räume>, Option<Zähler>) = (None, None);
}

/// All of it.
pub fn run() {
    main();
}
