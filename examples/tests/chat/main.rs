//! What a client of the chat server sees, line by line.

mod crash;
mod membership;
mod program;
mod protocol;
mod slow_client;
mod support;
mod tree;
