//! The moving parts: lanes that screen events, one feed that keeps the list, and what they say of themselves.
//!
//! Threads, all named: `feed` (alert topic -> index), `lane-0..n` (events -> hits). A lane starts when the feed has reached
//! the end of the alert topic. The first part that fails stops the others; a supervisor starts the process again.

mod batch;
mod feed;
mod freshness;
mod lane;
mod run;
mod status;
mod topics;

pub use batch::{BatchCounts, BatchResult, BatchRules, EventRules, List, OutputTopics, PolicyWhen, Route, RouteKind, process_batch};
pub use feed::{AlertFeed, FeedError, FeedLimits, StartPlan, plan_start};
pub use freshness::Freshness;
pub use lane::{Lane, LaneError, LaneParts, Step};
pub use run::{Worker, WorkerError, WorkerParts};
pub use status::{LaneStatus, Status, StatusReport};
pub use topics::{TopicFound, TopicUse};
