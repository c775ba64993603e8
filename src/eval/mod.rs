//! Measures matching on labelled parties: recall by class, alerts on clean parties, thresholds, calibration, worst errors;
//! and the reading of labelled alert documents.
//!
//! Definitions, as in the field: a positive party is found when one of its expected entities scores at or over the
//! threshold; macro recall is the mean over classes; alerts per 1,000 counts clean parties with at least one hit; classes
//! whose label is `policy` count for neither.

mod html;
mod reading;
mod report;

pub use html::render;
pub use reading::{LabelledDocument, LabelledEntity, ReadingReport, measure_reading};
pub use report::{Answer, CalibrationBin, ClassRow, Labelled, Mistake, Report, SweepRow, measure};
