//! Memory of a process whose threads are mostly the client's.

/// Lets all threads of the process share few heaps: one a lane, and one more. librdkafka runs a thread for each client and broker, glibc
/// gives each a heap of its own, and what one has let go of nobody else can use: in the soak a worker held three times the
/// memory it needed. To be called before threads are started; where another C library is used it does nothing.
pub fn share_memory(lanes: usize) {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    set_heaps(i32::try_from(lanes).unwrap_or(i32::MAX).saturating_add(1));
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let _ = lanes;
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "a setting of the C library, made before there are threads that could read it meanwhile")]
fn set_heaps(count: i32) {
    // Refused only for a setting that this C library does not know: then everything stays as it was.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, count) };
}
