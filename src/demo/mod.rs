//! The newcomer's demo: sample alerts, a feeder of events, and a watcher that shows what comes out.

mod feeder;
mod watcher;

pub use feeder::{DemoEvent, Feeder, sample_alerts};
pub use watcher::{Watcher, WatcherSummary};
