//! Pure text: an alert document in, its entities with roles, offences and quotes out.
//!
//! `document` parts header and body, `text` cleans the body, `tokens` cuts it into words and sentences, `mentions` finds the names
//! (`leads` what stands before one, `runs` how far it reaches, `kinds` what it looks like), `aliases` and `coreference` say which are one
//! entity, `template` puts placeholders for names so that the `frames` can say who is accused, who judges and who reports, `offences` and
//! `facts` read the rest. `features` is what all of it shows of an entity, `roles` weighs that by a `regression` whose weights `fit`
//! measures on labelled texts, and `entities` brings all together. What the reader knows stands in `data/`: adding a title, a
//! newspaper, an offence or a wording is a line there.

mod aliases;
mod coreference;
mod description;
mod document;
mod entities;
mod facts;
mod features;
mod fit;
mod frames;
mod kinds;
mod leads;
mod lexicon;
mod mentions;
mod offences;
mod patterns;
mod regression;
mod roles;
mod runs;
mod template;
mod text;
mod tokens;

pub use document::Document;
pub use entities::{Extracted, extract};
pub use offences::{offence_codes, topic_of};

/// Changes with any table of the reader and with the version: an index built with other ones is rebuilt from the feed.
pub fn fingerprint() -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for table in offences::tables().into_iter().chain([frames::table(), lexicon::table(), roles::WEIGHTS]) {
        hash.update(table);
    }
    crate::hex(&hash.finalize()[..4])
}
