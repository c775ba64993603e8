//! Stopping in order: one request, then a grace period; a second request or its end aborts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks every task to finish what it has in work and end.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Asks.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Returns on SIGTERM or Ctrl-C.
///
/// # Errors
/// When the system does not let us listen.
pub async fn asked_by_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        done = tokio::signal::ctrl_c() => done,
    }
}
