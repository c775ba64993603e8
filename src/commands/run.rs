//! `hitstream run`: the worker on Kafka, until a signal or a failure.

use super::{BadInput, kafka_error};
use crate::bus::kafka::share_memory;
use crate::cli::{ConfigArgs, exit};
use crate::config::{Config, RawConfig};
use crate::index::IndexError;
use crate::metrics::Metrics;
use crate::ops;
use crate::shutdown::{Signals, StopSignal};
use crate::worker::{Status, Worker, WorkerError};
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn read_config(args: &ConfigArgs) -> anyhow::Result<Config> {
    let config = RawConfig::read(&args.config).and_then(RawConfig::check);
    Ok(config.map_err(|error| BadInput(error.to_string()))?)
}

pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<u8> {
    let config = read_config(args)?;
    share_memory(config.worker.lanes);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(supervise(config))
}

async fn supervise(config: Config) -> anyhow::Result<u8> {
    tracing::info!(kafka = config.worker.kafka.describe(), instance = config.worker.kafka.instance(), "starting");
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let stop = StopSignal::default();
    // Served before a broker answers: a worker that waits for one must be able to say so.
    let (status, metrics) = (Status::new(config.worker.lanes), Arc::new(Metrics::default()));
    if let Some(listen) = config.ops_listen {
        let serving = ops::serve(listen, status.clone(), Arc::clone(&metrics)).await;
        let refused = |error| BadInput(format!("ops.listen = \"{listen}\": {error}; choose a free address, or \"\" for none"));
        let (address, server) = serving.map_err(refused)?;
        tracing::info!(%address, "serving /live, /ready, /metrics and /status");
        tokio::spawn(server);
    }
    let (parts, starting_stop) = (config.worker.clone(), stop.clone());
    // A start may wait for a broker: a signal must end that too.
    let mut starting = tokio::task::spawn_blocking(move || {
        parts.wait_for_topics(&starting_stop)?;
        Worker::start(&parts, &status, &metrics, &starting_stop)
    });
    let worker = tokio::select! {
        started = &mut starting => started.context("the start was cut off")?,
        () = signals.next() => {
            stop.request();
            tracing::info!("asked to stop while starting");
            // Nothing is in work yet: no need to wait for a broker that may never answer.
            std::process::exit(i32::from(exit::OK));
        }
    };
    let worker = worker.map_err(mendable)?;
    let failed = tokio::select! {
        () = signals.next() => false,
        () = until_failed(&worker) => true,
    };
    if failed {
        tracing::error!("a part of the worker has failed; stopping the others");
    } else {
        tracing::info!(grace_ms = config.shutdown_grace.as_millis() as u64, "asked to stop; finishing what is in work");
    }
    stop.request();
    let stopping = tokio::task::spawn_blocking(move || worker.stop(config.shutdown_grace));
    tokio::select! {
        stopped = stopping => match stopped.context("the stop was cut off")? {
            Ok(true) if !failed => {
                tracing::info!("stopped");
                Ok(exit::OK)
            }
            Ok(true) => Err(anyhow::anyhow!("a part of the worker ended by itself")),
            Ok(false) => {
                tracing::error!("the grace period is over; what is in work is aborted and will be read again");
                std::process::exit(i32::from(exit::ABORTED));
            }
            Err(error) => Err(mendable(error)),
        },
        () = signals.next() => {
            tracing::error!("asked to stop again; what is in work is aborted and will be read again");
            std::process::exit(i32::from(exit::ABORTED));
        }
    }
}

async fn until_failed(worker: &Worker) {
    while !worker.has_failed() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What another start cannot mend is bad input.
pub(super) fn mendable(error: WorkerError) -> anyhow::Error {
    match error {
        WorkerError::Kafka(error) => kafka_error(error),
        WorkerError::Refused(reason) => BadInput(reason).into(),
        WorkerError::Index(error @ IndexError::InUse(_)) => BadInput(error.to_string()).into(),
        other => other.into(),
    }
}
