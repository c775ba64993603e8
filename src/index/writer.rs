//! The one writer of the index: replaces what an alert key had, and seals changes together with the feed position.

use super::alert_key::AlertKey;
use super::plugin::CompanionPlugin;
use super::record::EntityRecord;
use super::snapshot::{ListVersion, Snapshot, SnapshotSource};
use super::texts::tokenized;
use crate::model::{AlertEntity, Override};
use crate::names;
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::{LogMergePolicy, NoMergePolicy, UserOperation};
use tantivy::schema::{Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

/// Memory of the writer before it flushes a segment; also bounds what one seal can hold back.
const WRITER_MEMORY_BYTES: usize = 128 << 20;

/// How often, and how long apart, `merge_all` looks for segments that a merge under way has taken.
const MERGE_TRIES: usize = 200;
const MERGE_PAUSE: Duration = Duration::from_millis(10);

/// Why an index could not be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another worker holds the folder.
    #[error("index folder {0} is in use by another worker: give each worker its own `alerts.index_dir`")]
    InUse(String),
    /// A record or file in it cannot be read.
    #[error("the index is damaged ({0}): delete its folder, it is rebuilt from the alert topic")]
    Damaged(String),
    /// Made by a program with other tables or another layout, or never sealed.
    #[error("the index was made by another version of the program, or never sealed")]
    OtherFormat,
    /// Anything else tantivy says. No source of its own: its text would be said twice.
    #[error("index: {0}")]
    Tantivy(tantivy::TantivyError),
    /// The folder cannot be made or read.
    #[error("index folder {0}: {1}")]
    Folder(String, std::io::Error),
}

impl From<tantivy::TantivyError> for IndexError {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Tantivy(error)
    }
}

/// How far the alert feed had been read when the index was sealed; stored in the same tantivy commit as the content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    /// Changes when shipped tables or the layout change: an older index is then rebuilt from the feed.
    pub format: String,
    /// Identity of the alert topic, so that another topic of the same name is noticed.
    pub topic: String,
    /// Next offset of each partition.
    pub next_offsets: BTreeMap<i32, i64>,
    /// When it was sealed, milliseconds since 1970.
    pub sealed_at_ms: i64,
    /// Version of each list as its publisher named it.
    #[serde(default)]
    pub list_versions: BTreeMap<String, String>,
    /// What operators overruled, by `<alert id>/<subject key>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, Override>,
    /// Hash of the content, for an index that no feed fills.
    #[serde(default)]
    pub content: Option<String>,
}

impl FeedPosition {
    /// The list version that a seal at this position has.
    pub fn version(&self) -> ListVersion {
        let position: Vec<String> = self.next_offsets.iter().map(|(partition, next)| format!("{partition}:{next}")).collect();
        ListVersion { position: self.content.clone().unwrap_or_else(|| position.join(",")), lists: self.list_versions.clone() }
    }

    /// For an index built from files: its version is the hash of what is in it.
    pub fn with_content(self, hash: String) -> Self {
        Self { content: Some(hash), ..self }
    }

    /// The format this program writes. The number goes up whenever names or records are read in another way by code. `reader` is
    /// the fingerprint of the tables that alert documents are read with: an index that was built with others holds other
    /// entities.
    pub fn current_format(reader: &str) -> String {
        format!("8-{}-{reader}", names::fingerprint())
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub alert_key: Field,
    pub list: Field,
    pub token: Field,
    pub identifier: Field,
    pub body: Field,
    pub entity: Field,
    pub record: Field,
}

/// The index and its writer.
pub struct AlertIndex {
    writer: IndexWriter,
    reader: IndexReader,
    fields: Fields,
    newest: SnapshotSource,
}

impl AlertIndex {
    /// An index in memory, for verbs without Kafka.
    ///
    /// # Errors
    /// When the writer cannot be started.
    pub fn in_memory() -> Result<Self, IndexError> {
        let (schema, fields) = schema();
        let plugin = Arc::new(CompanionPlugin { record: fields.record });
        let index = Index::builder().schema(schema).register_plugin(plugin).create_in_ram()?;
        Self::start(index, fields, &FeedPosition::default())
    }

    /// Opens the index in a folder, or makes it. Returns the position it was sealed at, or `None` when it is new, of
    /// another format or damaged: it is then empty and must be built from the feed's beginning.
    ///
    /// # Errors
    /// When the folder cannot be written, or another worker holds it.
    pub fn open(folder: &Path, format: &str) -> Result<(Self, Option<FeedPosition>), IndexError> {
        // tantivy panics on a file that is shorter than its footer: that, too, is a damaged index and not our end.
        let opened = std::panic::catch_unwind(|| Self::open_existing(folder, format));
        match opened.unwrap_or_else(|_| Err(IndexError::Damaged("a file is cut off".to_owned()))) {
            Ok(Some((index, position))) => return Ok((index, Some(position))),
            Ok(None) => {}
            Err(in_use @ IndexError::InUse(_)) => return Err(in_use),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "the index cannot be used: rebuilding it from the alert topic")
            }
        }
        let in_folder = |error| IndexError::Folder(folder.display().to_string(), error);
        if folder.join("meta.json").exists() {
            clear(folder).map_err(in_folder)?;
        }
        std::fs::create_dir_all(folder).map_err(in_folder)?;
        let (schema, fields) = schema();
        let plugin = Arc::new(CompanionPlugin { record: fields.record });
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let index = Index::builder().schema(schema).register_plugin(plugin).open_or_create(directory)?;
        Ok((Self::start(index, fields, &FeedPosition::default()).map_err(|error| locked(error, folder))?, None))
    }

    fn open_existing(folder: &Path, format: &str) -> Result<Option<(Self, FeedPosition)>, IndexError> {
        if !folder.join("meta.json").exists() {
            return Ok(None);
        }
        let (expected, fields) = schema();
        let mut index = Index::open_in_dir(folder)?;
        index.register_plugin(Arc::new(CompanionPlugin { record: fields.record }));
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let position = serde_json::from_str::<FeedPosition>(&payload).unwrap_or_default();
        if index.schema() != expected || position.format != format {
            return Err(IndexError::OtherFormat);
        }
        if let Some(file) = index.validate_checksum()?.into_iter().next() {
            return Err(IndexError::Damaged(format!("checksum of {}", file.display())));
        }
        let opened = Self::start(index, fields, &position).map_err(|error| locked(error, folder))?;
        Ok(Some((opened, position)))
    }

    fn start(index: Index, fields: Fields, position: &FeedPosition) -> Result<Self, IndexError> {
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY_BYTES)?;
        writer.set_merge_policy(Box::new(LogMergePolicy::default()));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let first = Snapshot::open(reader.searcher(), fields, position, None)?;
        let newest = SnapshotSource(Arc::new(ArcSwap::from_pointee(first)));
        Ok(Self { writer, reader, fields, newest })
    }

    /// Where readers take their snapshots from.
    pub fn snapshots(&self) -> SnapshotSource {
        self.newest.clone()
    }

    /// Replaces everything that an alert key had by these entities; none = the alert is withdrawn. Visible after the next seal.
    ///
    /// # Errors
    /// When the disk is full or the writer has died.
    pub fn replace(&mut self, alert_key: &str, entities: &[AlertEntity]) -> Result<(), IndexError> {
        self.writer.delete_query(Box::new(AlertKey(Term::from_field_text(self.fields.alert_key, alert_key))))?;
        let added: Vec<_> = entities.iter().map(|entity| UserOperation::Add(self.document(alert_key, entity))).collect();
        self.writer.run(added)?;
        Ok(())
    }

    /// Forgets everything. Visible after the next seal.
    ///
    /// # Errors
    /// When the writer has died.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.writer.delete_all_documents()?;
        Ok(())
    }

    /// Makes all changes since the last seal visible and durable, with the position that they bring the index to.
    ///
    /// # Errors
    /// When the disk is full, the writer has died or a companion cannot be read.
    pub fn seal(&mut self, position: &FeedPosition) -> Result<Arc<Snapshot>, IndexError> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&json!(position).to_string());
        prepared.commit()?;
        self.publish(position)
    }

    /// Merges everything into one segment: worth it for a list that is loaded once and searched often.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn merge_all(&mut self, position: &FeedPosition) -> Result<Arc<Snapshot>, IndexError> {
        self.writer.set_merge_policy(Box::new(NoMergePolicy));
        for _ in 0..MERGE_TRIES {
            let segments = self.writer.index().searchable_segment_ids()?;
            if segments.len() <= 1 {
                break;
            }
            match self.writer.merge(&segments).wait() {
                Ok(_) => {}
                // A merge that was under way when the policy changed has taken some of them: look again.
                Err(tantivy::TantivyError::InvalidArgument(_)) => std::thread::sleep(MERGE_PAUSE),
                Err(error) => return Err(error.into()),
            }
        }
        self.publish(position)
    }

    /// Waits for merges that are under way, so that its folder can be removed.
    ///
    /// # Errors
    /// When a merge fails.
    pub fn close(self) -> Result<(), IndexError> {
        Ok(self.writer.wait_merging_threads()?)
    }

    fn publish(&mut self, position: &FeedPosition) -> Result<Arc<Snapshot>, IndexError> {
        self.reader.reload()?;
        let before = self.newest.newest();
        let snapshot = Arc::new(Snapshot::open(self.reader.searcher(), self.fields, position, Some(&before))?);
        self.newest.0.store(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    fn document(&self, alert_key: &str, entity: &AlertEntity) -> TantivyDocument {
        let record = EntityRecord::new(entity);
        let mut document = TantivyDocument::new();
        document.add_text(self.fields.alert_key, alert_key);
        if entity.text.is_none() {
            document.add_text(self.fields.list, &entity.list);
        }
        for token in record.distinct_tokens() {
            document.add_text(self.fields.token, token);
        }
        for identifier in &entity.identifiers {
            document.add_text(self.fields.identifier, &identifier.value);
        }
        if let Some(body) = &entity.text {
            document.add_pre_tokenized_text(self.fields.body, tokenized(&body.text));
        }
        document.add_bytes(self.fields.entity, json!(entity).to_string().as_bytes());
        document.add_custom(self.fields.record, &record.encode());
        document
    }
}

/// Empties an index folder; never touches files that tantivy did not make.
fn clear(folder: &Path) -> std::io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_segment_file =
            name.split('.').next().is_some_and(|stem| stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_segment_file || matches!(name, "meta.json" | ".managed.json") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn locked(error: IndexError, folder: &Path) -> IndexError {
    match error {
        IndexError::Tantivy(tantivy::TantivyError::LockFailure(..)) => IndexError::InUse(folder.display().to_string()),
        other => other,
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let raw = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false).set_index_option(IndexRecordOption::Basic);
    let exact = TextOptions::default().set_indexing_options(raw);
    let with_positions =
        TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let placed = TextOptions::default().set_indexing_options(with_positions);
    let fields = Fields {
        alert_key: builder.add_text_field("alert_key", exact.clone()),
        list: builder.add_text_field("list", exact.clone()),
        token: builder.add_text_field("token", exact.clone()),
        identifier: builder.add_text_field("identifier", exact),
        body: builder.add_text_field("body", placed),
        entity: builder.add_bytes_field("entity", STORED),
        record: builder.add_custom_field("record", "companion", json!({})),
    };
    (builder.build(), fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &str = "test";
    use crate::index::record::tests::entity;

    fn at(next: i64) -> FeedPosition {
        FeedPosition { format: FORMAT.to_owned(), next_offsets: [(0, next)].into(), ..FeedPosition::default() }
    }

    #[test]
    fn a_replaced_alert_is_found_under_its_new_name_only() {
        let mut index = AlertIndex::in_memory().expect("an index");
        index.replace("test/1", &[entity("1", &["Mukhtar Ablyazov"])]).expect("added");
        assert_eq!(index.seal(&at(1)).expect("sealed").entity_count(), 1);
        index.replace("test/1", &[entity("1", &["Anna Smirnova"])]).expect("replaced");
        let snapshot = index.seal(&at(2)).expect("sealed");
        assert_eq!((snapshot.entity_count(), snapshot.version().position.as_str()), (1, "0:2"));
        assert_eq!((snapshot.name_count(), snapshot.lists().expect("lists")), (1, [("test".to_owned(), 1)].into()));
        index.replace("test/1", &[]).expect("withdrawn");
        assert_eq!(index.seal(&at(3)).expect("sealed").entity_count(), 0);
    }

    #[test]
    fn content_and_position_survive_a_restart_and_merges() {
        let folder = tempfile::tempdir().expect("a folder");
        {
            let (mut index, position) = AlertIndex::open(folder.path(), FORMAT).expect("an index");
            assert_eq!(position, None);
            for number in 0..30 {
                let id = number.to_string();
                index.replace(&format!("test/{id}"), &[entity(&id, &[&format!("Person Number{number}")])]).expect("added");
                index.seal(&at(number + 1)).expect("sealed");
            }
            index.replace("test/7", &[]).expect("withdrawn");
            index.seal(&at(31)).expect("sealed");
            let merged = index.merge_all(&at(31)).expect("merged");
            assert_eq!(merged.entity_count(), 29);
            assert!(matches!(AlertIndex::open(folder.path(), FORMAT), Err(IndexError::InUse(_))));
        }
        let (index, position) = AlertIndex::open(folder.path(), FORMAT).expect("an index");
        assert_eq!(position, Some(at(31)));
        assert_eq!(index.snapshots().newest().entity_count(), 29);
    }

    #[test]
    fn a_damaged_index_is_rebuilt_not_served() {
        let folder = tempfile::tempdir().expect("a folder");
        {
            let (mut index, _) = AlertIndex::open(folder.path(), FORMAT).expect("an index");
            index.replace("test/1", &[entity("1", &["Mukhtar Ablyazov"])]).expect("added");
            index.seal(&at(1)).expect("sealed");
        }
        let companion = std::fs::read_dir(folder.path())
            .expect("a folder")
            .filter_map(|file| file.ok().map(|file| file.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "companion"))
            .expect("a companion file");
        std::fs::write(companion, b"rubbish").expect("written");
        let (index, position) = AlertIndex::open(folder.path(), FORMAT).expect("an index");
        assert_eq!((position, index.snapshots().newest().entity_count()), (None, 0));
    }

    /// An upgrade and a rollback look the same: the other program's index is no index of ours, and is built anew.
    #[test]
    fn an_index_of_another_version_is_rebuilt_in_either_direction() {
        let folder = tempfile::tempdir().expect("a folder");
        for format in ["newer", "older", "newer"] {
            let (mut index, position) = AlertIndex::open(folder.path(), format).expect("an index");
            assert_eq!((position, index.snapshots().newest().entity_count()), (None, 0));
            index.replace("test/1", &[entity("1", &["Mukhtar Ablyazov"])]).expect("added");
            index.seal(&FeedPosition { format: format.to_owned(), ..at(1) }).expect("sealed");
        }
        // One whose fields are others altogether.
        let folder = tempfile::tempdir().expect("a folder");
        let mut builder = Schema::builder();
        builder.add_bytes_field("something", STORED);
        Index::create_in_dir(folder.path(), builder.build()).expect("another index");
        assert_eq!(AlertIndex::open(folder.path(), FORMAT).expect("an index").1, None);
    }
}
