//! Pure text: an alert document in, the entities it names out, with their part in it and the sentence that shows it.
//!
//! `document` reads the two written forms; `sentences` cuts the text; `mentions` finds capitalised names; `roles` says from
//! the words around a mention what part it plays; `entities` brings the mentions of one entity together. This is a first
//! version: English texts, other cased scripts by their capitals only.

mod document;
mod entities;
mod mentions;
mod roles;
mod sentences;
mod words;

pub use document::Document;
pub use entities::{Extracted, extract};
