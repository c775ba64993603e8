//! map
pub mod alerts;
pub mod cli;
pub mod commands;
pub mod events;
pub mod extract;
pub mod index;
pub mod lists;
pub mod model;
pub mod names;
pub mod screening;
pub mod telemetry;
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
