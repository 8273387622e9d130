//! What stands in front of a call is a fuse.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Bank;

#[gen_server]
impl Bank {
    #[call(fuse = 3)]
    fn balance(&self, account: u32) -> u32 {
        account
    }
}

async fn look(bank: BankRef) -> bool {
    bank.balance(7).await.is_ok()
}

fn main() {}
