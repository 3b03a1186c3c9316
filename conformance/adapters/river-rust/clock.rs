//! The clock of this process, which stands at the time of the request.
//!
//! River reads the wall clock through `clock_gettime`, as all of Rust does.
//! This program brings that function itself, so that no other is linked.
//! Monotonic clocks, by which intervals are measured, run on.

use std::sync::atomic::{AtomicI64, Ordering};

use riverqueue::jiff::Timestamp;

static MICROS: AtomicI64 = AtomicI64::new(0);

/// Sets the wall clock.
pub fn set(now: Timestamp) {
    MICROS.store(now.as_microsecond(), Ordering::Relaxed);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(id: libc::clockid_t, at: *mut libc::timespec) -> libc::c_int {
    let micros = MICROS.load(Ordering::Relaxed);
    if id == libc::CLOCK_REALTIME && micros != 0 {
        let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        unsafe {
            (*at).tv_sec = seconds;
            (*at).tv_nsec = rest * 1_000;
        }
        return 0;
    }
    // The kernel's own, past the C library's.
    unsafe { libc::syscall(libc::SYS_clock_gettime, id, at) as libc::c_int }
}
