//! Hangs the companion into tantivy's segments: written when a segment is sealed, again when segments merge.

use super::companion::{Companion, CompanionBuilder, TOKENS_MAX};
use std::any::Any;
use std::io::Write;
use tantivy::index::{SegmentComponent, SegmentReader};
use tantivy::indexer::DocIdMapping;
use tantivy::indexer::doc_id_mapping::MappingType;
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::schema::document::{ErasedDocument, Value};
use tantivy::schema::{Field, Schema};
use tantivy::{DocId, Segment, TantivyDocument, TantivyError};

/// File ending of a companion.
const EXTENSION: &str = "companion";

pub(super) struct CompanionPlugin {
    pub(super) record: Field,
}

impl SegmentPlugin for CompanionPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _: &PluginWriterContext) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(CompanionWriter { record: self.record, builder: CompanionBuilder::default() }))
    }

    /// Documents of the sources follow each other in order, deleted ones left out: so the index is laid out (it is not sorted).
    fn merge(&self, context: PluginMergeContext) -> tantivy::Result<()> {
        if context.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            return Err(TantivyError::InternalError("companions of a sorted index cannot be merged".to_owned()));
        }
        let mut builder = CompanionBuilder::default();
        for reader in context.readers {
            let source = read_companion(reader)?;
            reader.doc_ids_alive().for_each(|doc| builder.add_from(&source, doc));
        }
        write_companion(&builder.finish(), context.target_segment)
    }
}

struct CompanionWriter {
    record: Field,
    builder: CompanionBuilder,
}

impl PluginWriter for CompanionWriter {
    fn add_document(&mut self, _: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let document = document.as_any().downcast_ref::<TantivyDocument>();
        let record = document.and_then(|document| document.get_first(self.record).and_then(|value| value.as_custom().map(<[u8]>::to_vec)));
        record
            .and_then(|record| self.builder.add(&record))
            .ok_or_else(|| TantivyError::InternalError("a document without a companion record".to_owned()))
    }

    fn serialize(self: Box<Self>, segment: &Segment, _: Option<&DocIdMapping>) -> tantivy::Result<()> {
        write_companion(&self.builder.finish(), segment)
    }

    fn mem_usage(&self) -> usize {
        self.builder.memory()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.to_owned())
}

fn write_companion(companion: &Companion, segment: &Segment) -> tantivy::Result<()> {
    if companion.token_count() > TOKENS_MAX {
        let reason = format!("a segment holds at most {TOKENS_MAX} distinct tokens; split the list over several workers by policy");
        return Err(TantivyError::InternalError(reason));
    }
    let mut file = segment.clone().open_write(component())?;
    companion.write(&mut file)?;
    file.flush()?;
    tantivy::directory::TerminatingWrite::terminate(file)?;
    Ok(())
}

pub(super) fn read_companion(reader: &SegmentReader) -> tantivy::Result<Companion> {
    let bytes = reader.open_read(component())?.read_bytes()?;
    let broken = || TantivyError::InternalError(format!("companion of segment {} cannot be read", reader.segment_id()));
    let companion = Companion::read(&bytes).ok_or_else(broken)?;
    if companion.doc_count() != reader.max_doc() as usize {
        return Err(broken());
    }
    Ok(companion)
}
