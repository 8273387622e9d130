//! What happens where two threads meet, in every order that the memory model allows: the pieces
//! themselves, run by loom. With shuttle the same models are larger, and orders are drawn.
//!
//! Each model is a test, and runs in an OS process of its own: one that fails under loom aborts.
//! `cargo xtask loom` runs them all, `cargo xtask soak shuttle` draws a million orders.
//!
//! | where two threads meet | model |
//! |---|---|
//! | run queue, sleeping dispatcher | [`run_queue`] |
//! | reply cell | [`reply`] |
//! | two sides of a conversation | [`conversation`] |
//! | mailbox, activation, inline call | [`mailbox`] |
//! | circle of waits | [`waits`] |
//! | link, monitor, name against death | [`death`] |
//! | timer against cancel, and against death | [`timer`] |
//!
//! What is not seen by the tools, and therefore not modelled: reference counts (std's `Arc`), the
//! clock, counts that nobody decides by (`rt::sync::counts`), and the executor that polls the
//! dispatchers, which is `block_on` here.
mod conversation;
mod death;
mod mailbox;
mod reply;
mod rig;
mod run_queue;
mod timer;
mod waits;
