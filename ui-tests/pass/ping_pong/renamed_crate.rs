//! The runtime under another name.

mod otp {
    pub(crate) use cordial::*;
}

#[otp::main(crate = crate::otp)]
async fn main() {
    let down = otp::ping_pong! {
        crate = crate::otp;
        ping 1
        pong |n| assert_eq!(n, 1)
    };
    assert_eq!(down.await.reason, otp::ExitReason::Normal);
}
