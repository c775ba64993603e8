//! Lists from files into an index in memory, through the same code as the alert topic.

use super::BadInput;
use crate::alerts;
use crate::index::{AlertIndex, FeedPosition, Snapshot};
use crate::lists::{AlertRecord, read_list};
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

/// `[NAME=]FILE` as typed -> name of the list and path. The name defaults to the file's without its ending.
pub(super) fn split_spec(spec: &str) -> (String, &Path) {
    if let Some((name, file)) = spec.split_once('=')
        && !name.is_empty()
        && !name.contains('/')
    {
        return (name.to_owned(), Path::new(file));
    }
    let path = Path::new(spec);
    (path.file_stem().map_or_else(|| "list".to_owned(), |stem| stem.to_string_lossy().into_owned()), path)
}

/// Calls `each` with every record of a list file.
pub(super) fn read_file(spec: &str, each: impl FnMut(AlertRecord)) -> anyhow::Result<usize> {
    let (name, path) = split_spec(spec);
    let file = File::open(path).map_err(|error| BadInput(format!("list {}: {error}", path.display())))?;
    read_list(BufReader::with_capacity(1 << 20, file), &name, each)
        .map_err(|error| BadInput(format!("list {}: {error}", path.display())).into())
}

/// Indexes all lists; one bad record fails the verb.
pub(super) fn index_lists(specs: &[String]) -> anyhow::Result<Arc<Snapshot>> {
    let mut indexing = Indexing::into(AlertIndex::in_memory()?);
    specs.iter().try_for_each(|spec| indexing.add_list(spec, |_| {}))?;
    let position = indexing.seal()?;
    Ok(indexing.index.merge_all(&position)?)
}

/// Fills an index that no feed fills.
pub(super) struct Indexing {
    pub index: AlertIndex,
    content: Content,
}

impl Indexing {
    pub(super) fn into(index: AlertIndex) -> Self {
        Self { index, content: Content::default() }
    }

    /// Adds a list, and shows each record of it.
    pub(super) fn add_list(&mut self, spec: &str, mut each: impl FnMut(&AlertRecord)) -> anyhow::Result<()> {
        let mut failed = None;
        read_file(spec, |record| {
            each(&record);
            if failed.is_none()
                && let Err(error) = self.add(&record)
            {
                failed = Some(error);
            }
        })?;
        failed.map_or(Ok(()), |error| Err(error).with_context(|| format!("list {spec}")))
    }

    pub(super) fn add(&mut self, record: &AlertRecord) -> anyhow::Result<()> {
        self.replace(record)?;
        self.content.add(record);
        Ok(())
    }

    /// As [`Self::add`], for a record that was added before.
    pub(super) fn replace(&mut self, record: &AlertRecord) -> anyhow::Result<()> {
        let change = alerts::read(Some(record.key.as_bytes()), Some(&record.value), 0)
            .map_err(|reason| BadInput(format!("record {}: {} ({})", record.key, reason.sentence, reason.code)))?;
        Ok(self.index.replace(&change.key, &change.entities)?)
    }

    /// Makes everything added visible, under a version that is a hash of it.
    pub(super) fn seal(&mut self) -> anyhow::Result<FeedPosition> {
        let position = FeedPosition { format: FeedPosition::current_format(&alerts::fingerprint()), ..FeedPosition::default() };
        let position = position.with_content(self.content.hash());
        self.index.seal(&position)?;
        Ok(position)
    }
}

/// A hash of records that does not depend on their order.
#[derive(Default)]
struct Content(u128);

impl Content {
    fn add(&mut self, record: &AlertRecord) {
        let mut hash = Sha256::new();
        hash.update((record.key.len() as u64).to_le_bytes());
        hash.update(&record.key);
        hash.update(&record.value);
        let mut first = [0u8; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        self.0 = self.0.wrapping_add(u128::from_le_bytes(first));
    }

    fn hash(&self) -> String {
        format!("sha256:{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_as_typed_or_after_its_file() {
        assert_eq!(split_spec("ofac=/tmp/sdn.jsonl"), ("ofac".to_owned(), Path::new("/tmp/sdn.jsonl")));
        assert_eq!(split_spec("/tmp/sdn.jsonl"), ("sdn".to_owned(), Path::new("/tmp/sdn.jsonl")));
    }

    #[test]
    fn content_has_one_hash_in_any_order() {
        let record = |key: &str| AlertRecord { key: key.to_owned(), value: b"{}".to_vec() };
        let hash = |keys: &[&str]| {
            let mut content = Content::default();
            keys.iter().for_each(|key| content.add(&record(key)));
            content.hash()
        };
        assert_eq!(hash(&["a", "b"]), hash(&["b", "a"]));
        assert_ne!(hash(&["a", "b"]), hash(&["a", "c"]));
    }
}
