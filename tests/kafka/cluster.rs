//! Three brokers, of which one is always missing: restarted one by one as in an upgrade, and killed where it hurts most.

use super::harness::{Installation, OwnBroker, WorkerProcess};
use super::payments::{SOON, assert_each_decided_once, publish_list, send_payments};
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::time::Duration;

/// Nodes that lead the partitions of a topic.
fn leaders(installation: &Installation, topic: &str) -> Vec<i32> {
    let client: BaseConsumer = rdkafka::ClientConfig::new().set("bootstrap.servers", installation.kafka.bootstrap()).create().unwrap();
    let metadata = client.fetch_metadata(Some(topic), SOON).unwrap();
    metadata.topics()[0].partitions().iter().map(|partition| partition.leader()).collect()
}

/// Each restart moves the leaders of partitions and the coordinators of the group and of the Kafka transactions.
#[test]
fn three_brokers_restarted_one_by_one_and_a_leader_killed_cost_nothing() {
    let brokers = OwnBroker::start_cluster(3);
    let installation = Installation::on(&brokers.bootstrap, "rolling");
    publish_list(&installation);
    let config = installation.config("one", "[worker]\nbatch_records_max = 100\n");
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    let mut decisions = installation.follow("decisions");
    let mut sent = 0;
    let mut send = |count: usize| {
        send_payments(&installation, sent, sent + count);
        sent += count;
        sent
    };
    for node in ["1", "2", "3"] {
        let enough = send(3000) - 2500;
        decisions.until("decisions before the restart", 2 * SOON, |seen| seen.len() >= enough);
        brokers.end(node);
        let enough = send(1000);
        decisions.until("decisions with two brokers", 2 * SOON, |seen| seen.len() >= enough);
        brokers.again(node);
    }
    // The leader of an output's partition, in the middle of writing to it.
    let enough = send(6000) - 5000;
    decisions.until("decisions before the kill", 2 * SOON, |seen| seen.len() >= enough);
    let leader = leaders(&installation, &installation.topic("decisions"))[0].to_string();
    brokers.kill(&leader);
    let all = send(1000);
    decisions.until("decisions without the leader", 2 * SOON, |seen| seen.len() >= all);
    brokers.again(&leader);
    std::thread::sleep(Duration::from_secs(1));
    assert_each_decided_once(&installation, &mut decisions, all);
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}
