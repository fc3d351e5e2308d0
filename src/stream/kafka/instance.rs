//! Which of the equal processes on this host this one is: stable over restarts, never shared by two that live.
//!
//! The lowest number whose lock file is free is claimed for life. An advisory lock goes with its process, however that
//! ends, so that the next process on the host takes the dead one's number, and with it fences the dead one's transaction.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;

/// A claimed slot; let go when dropped.
#[derive(Debug)]
pub struct Instance {
    name: String,
    _lock: File,
}

impl Instance {
    /// Claims the lowest free slot of pipeline `name` on this host.
    ///
    /// # Errors
    /// Where the temporary directory takes no lock files.
    pub fn claim(name: &str) -> io::Result<Self> {
        let mut last = None;
        for slot in 0..1_000 {
            match lock(name, slot) {
                Ok(Some(lock)) => return Ok(Self { name: format!("{}-{slot}", host()), _lock: lock }),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::other("a thousand instances on one host")))
    }

    /// `host-slot`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// `None` where another process holds it.
fn lock(name: &str, slot: usize) -> io::Result<Option<File>> {
    let path = std::env::temp_dir().join(format!("driftline-{name}-{slot}.lock"));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .map(|text| text.trim().to_owned())
        .ok()
        .filter(|text| !text.is_empty())
        .or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_live_differ_and_a_dead_ones_slot_is_taken_up() {
        let name = format!("test-{}", std::process::id());
        let first = Instance::claim(&name).unwrap();
        let second = Instance::claim(&name).unwrap();
        assert!(first.name().ends_with("-0") && second.name().ends_with("-1"), "{first:?} {second:?}");
        drop(first);
        assert!(Instance::claim(&name).unwrap().name().ends_with("-0"));
        for slot in 0..2 {
            std::fs::remove_file(std::env::temp_dir().join(format!("driftline-{name}-{slot}.lock"))).unwrap();
        }
    }
}
