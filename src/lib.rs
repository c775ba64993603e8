//! map
pub mod alerts;
pub mod bus;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod events;
pub mod extract;
pub mod index;
pub mod lists;
pub mod metrics;
pub mod model;
pub mod names;
pub mod ops;
pub mod screening;
pub mod shutdown;
pub mod telemetry;
pub mod worker;
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
