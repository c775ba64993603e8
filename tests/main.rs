//! All integration tests in one binary: built once, run by name, e.g. `cargo test --test all simulation`.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod cli;
mod client_errors;
mod fuzz;
mod golden;
mod kafka;
mod outside_data;
mod reading;
mod schemas;
mod simulation;
mod support;
mod tidy;
