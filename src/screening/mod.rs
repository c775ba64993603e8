//! The decision: is this party one of the alert entities, how sure, and why?
//!
//! [`Screener::screen`] finds candidates in a snapshot (recall) and judges each (precision); [`judge`] looks at two records
//! only, so that a verdict can be replayed anywhere; `facts` weighs what is known beside the name, `addresses` among it; `evidence` puts a
//! verdict into words; `clear` remembers who was found clear.

mod addresses;
mod clear;
mod event_text;
mod evidence;
mod facts;
mod judge;
mod screen;
mod text_net;

pub use judge::{PreparedParty, Verdict, judge_entity};
pub use screen::{ScreenError, Screener, Screening, compare};
