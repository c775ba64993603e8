//! librdkafka's in-process broker, for the demo. Its limits: no exactly-once (offsets of a Kafka transaction are discarded,
//! aborted records stay visible), no compaction, at most 5 MiB and 100,000 batches a partition, the oldest dropped silently.

use super::client::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

/// Whether a cluster id is that of such a broker: it answers no question about topics beyond their partitions.
pub(super) fn is_in_process(cluster: &str) -> bool {
    cluster.starts_with("mockCluster")
}

/// A Kafka broker inside this process. It ends when it is dropped.
pub struct BrokerInProcess {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl BrokerInProcess {
    /// Starts a broker on a free port of the loopback interface and makes the topics, with so many partitions each.
    ///
    /// # Errors
    /// When no socket can be opened.
    pub fn start(topics: &[(&str, i32)]) -> Result<Self, KafkaError> {
        let cluster = MockCluster::new(1)?;
        for (topic, partitions) in topics {
            cluster.create_topic(topic, *partitions, 1)?;
        }
        Ok(Self { cluster })
    }

    /// Where clients connect.
    pub fn bootstrap(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
