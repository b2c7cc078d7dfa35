//! What the program has had of the machine: processor time, and memory.

use std::time::Duration;

/// Processor time of the thread that asks, since it began (POSIX `CLOCK_THREAD_CPUTIME_ID`); zero where the system does not tell.
pub fn of_thread() -> Duration {
    of(Whose::Thread)
}

/// Processor time of the whole program, since it began; zero where the system does not tell.
pub fn of_program() -> Duration {
    of(Whose::Program)
}

/// The most memory that the program has had at one moment, in bytes (POSIX `ru_maxrss`); none where the system does not tell.
pub fn peak_memory() -> Option<u64> {
    #[cfg(unix)]
    {
        use nix::sys::resource::UsageWho;
        use nix::sys::resource::getrusage;
        let peak = getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss();
        // macOS counts bytes, the others kibibytes
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        Some(u64::try_from(peak).ok()? * unit)
    }
    #[cfg(not(unix))]
    None
}

#[derive(Clone, Copy)]
enum Whose {
    Thread,
    Program,
}

#[cfg(unix)]
fn of(whose: Whose) -> Duration {
    let clock = match whose {
        Whose::Thread => nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID,
        Whose::Program => nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID,
    };
    clock.now().map_or(Duration::ZERO, Duration::from)
}

#[cfg(not(unix))]
fn of(_whose: Whose) -> Duration {
    Duration::ZERO
}
