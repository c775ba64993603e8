//! **hitstream**: real-time alert matching for payment streams. Transactions and customers in from Kafka, explained hits out.
//!
//! This is the map. Folders follow the flow; read them in this order:
//!
//! | module | what it does | may use |
//! |---|---|---|
//! | [`model`] | the words of the domain as plain data | nothing of ours |
//! | [`names`] | when are two names the same? normalise, compare, score; shipped tables in `names/data` | model |
//! | [`extract`] | an alert document in, the entities it names out, with role, offences and sentence; what it knows in `extract/data` | names, model |
//! | [`lists`] | one file a list format: bytes in, alert records out | extract, names, model |
//! | [`alerts`] | a record of the alert topic -> the entities to index, with their subject key | extract, lists, names, model |
//! | [`events`] | decoding and mapping of events; hits, decisions, dead letters as records | model |
//! | [`index`] | tantivy and the companions: writer, snapshot, candidates (recall), texts. Only here is tantivy named | names, model |
//! | [`screening`] | the decision: `screen(party, snapshot, policy) -> hits` (precision), and its evidence | index, names, model |
//! | [`bus`] | moves bytes: `Bus` and `TopicLog`, on Kafka (only here is rdkafka named) and simulated from a seed | nothing of ours |
//! | [`worker`] | the moving parts: lanes, batch, alert feed, status | bus, events, alerts, index, screening, model, metrics |
//! | [`ops`] | `/live`, `/ready`, `/metrics`, `/status` | worker's status, metrics |
//! | [`demo`] | the newcomer's samples, feeder and watcher | bus, lists, model |
//! | [`eval`] | measures matching on labelled parties and reading on labelled documents | extract, model |
//! | [`commands`] | one file a verb; only here the whole [`config`] is seen | everything |
//!
//! ```text
//!                    alert topic                     transactions, customers
//!                         |                                    |
//!   worker::feed   read, replace, seal            worker::lane   poll  (<= 1000 records, 4 MiB; nothing is held back)
//!                         |                                    |
//!                   index (tantivy)  -- snapshot -->  worker::batch   decode -> parties -> screen -> outputs   (pure)
//!                         |                                    |
//!              visible within 500 ms                 commit: hits, decisions, dead letters, offsets
//!                                                    in ONE Kafka transaction; abort -> rewind -> again
//! ```
//!
//! Rules that tests hold (`tests/tidy.rs`): the table above; `model`, `names`, `extract`, `alerts`, `events` and `screening`
//! know no network, clock or randomness; every file opens with its promise and stays short.
//!
//! A score depends on the two records and on shipped tables, on nothing else: so workers agree, and a verdict can be replayed.

pub mod alerts;
pub mod bus;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod eval;
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

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// ", did you mean `word`?" for the known word that an unknown one is most likely meant to be; empty when none is near.
pub(crate) fn did_you_mean(unknown: &str, known: &[&str]) -> String {
    let likeness = |word: &&&str| strsim::jaro_winkler(unknown, word);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|word| likeness(word) > 0.75);
    nearest.map(|word| format!(", did you mean `{word}`?")).unwrap_or_default()
}
