//! Everything that an alert key has in the index, as tantivy deletes it. tantivy's own query for a term would do, but carries a
//! kibibyte of scoring tables, and a delete is kept until the next seal with one: a gibibyte after a first load of a million alerts.

use tantivy::query::{ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Score, SegmentReader, TantivyError, Term};

/// The documents of one key.
#[derive(Debug, Clone)]
pub(super) struct AlertKey(pub Term);

impl Query for AlertKey {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for AlertKey {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let documents = segment.inverted_index(self.0.field())?.read_postings(&self.0, IndexRecordOption::Basic)?;
        Ok(documents.map_or_else(|| Box::new(EmptyScorer) as Box<dyn Scorer>, |found| Box::new(ConstScorer::new(found, boost))))
    }

    fn explain(&self, _segment: &SegmentReader, document: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument(format!("document {document}: a deletion has no score to explain")))
    }
}
