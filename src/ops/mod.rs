//! What an operator sees: `/live`, `/ready`, `/metrics`, `/status` over HTTP, on the loopback interface by default.

use crate::metrics::Metrics;
use crate::worker::{Status, Worker};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Listens; the returned future serves until it is dropped.
///
/// # Errors
/// When the address is taken or not allowed.
pub async fn serve(
    listen: SocketAddr,
    status: Status,
    metrics: Arc<Metrics>,
) -> std::io::Result<(SocketAddr, impl Future<Output = std::io::Result<()>>)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (ready, report) = (status.clone(), status.clone());
    let pages = Router::new()
        .route("/live", get(|| async { "alive\n" }))
        .route("/ready", get(|| async move { readiness(&ready) }))
        .route("/status", get(|| async move { json(serde_json::to_string_pretty(&report.report()).unwrap_or_default()) }))
        .route(
            "/metrics",
            get(|| async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], Worker::metrics_text(&status, &metrics)) }),
        );
    Ok((address, async move { axum::serve(listener, pages).await }))
}

fn readiness(status: &Status) -> (StatusCode, String) {
    let report = status.report();
    if report.ready {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("not ready, waiting for: {}\n", report.waits_for.join("; ")))
}

fn json(text: String) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, "application/json")], text)
}
