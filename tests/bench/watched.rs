//! A program run to its end, with the most memory it has had.

use std::io::Read as _;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// How a program ended.
pub(crate) struct Watched {
    pub(crate) seconds: f64,
    pub(crate) peak_bytes: usize,
}

/// Runs a program to its good end, and looks every few milliseconds how much memory it has had, where the system tells it as Linux
/// does.
pub(crate) fn watch(command: &mut Command) -> Watched {
    let began = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak_bytes = 0;
    let ended = loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            peak_bytes = peak_bytes.max(peak(&text));
        }
        match child.try_wait().expect("our own child") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let mut told = String::new();
    if let Some(out) = &mut child.stdout {
        out.read_to_string(&mut told).expect("it is text");
    }
    assert!(ended.success(), "{command:?} failed: {told}");
    Watched {
        seconds,
        peak_bytes,
    }
}

fn peak(status: &str) -> usize {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<usize>().ok())
        .map_or(0, |kibibytes| kibibytes * 1024)
}
