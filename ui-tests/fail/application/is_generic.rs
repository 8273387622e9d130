//! An application with a type parameter.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
pub struct Store<T>(T);

#[gen_server]
impl<T: Clone> Store<T> {
    #[call]
    pub fn value(&self) -> T {
        self.0.clone()
    }
}

supervisor! {
    #[application(name = "harbor")]
    pub HarborSup<T: Clone + Default + Sync> {
        children: [store: Store<T>(Store(T::default()))],
    }
}

fn main() {}
