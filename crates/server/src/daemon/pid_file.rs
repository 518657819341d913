//! Pid files: `-P` holds the process, `-G` its group.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal;
use nix::unistd::{Pid, getpgrp};

use super::error::DaemonError;

/// A pid has at most this many digits and blanks around it.
const LONGEST: u64 = 64;

/// The written files, removed when this is dropped.
#[derive(Debug, Default)]
pub struct PidFiles {
    written: Vec<(PathBuf, i32)>,
}

impl PidFiles {
    pub(super) fn write(
        pid_file: Option<&Path>,
        pgid_file: Option<&Path>,
    ) -> Result<Self, DaemonError> {
        let mut files = Self::default();
        if let Some(path) = pid_file {
            files.add(path, Pid::this().as_raw())?;
        }
        if let Some(path) = pgid_file {
            files.add(path, getpgrp().as_raw())?;
        }
        Ok(files)
    }

    /// The paths, for a change of their owner.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.written.iter().map(|(path, _)| path.as_path())
    }

    fn add(&mut self, path: &Path, id: i32) -> Result<(), DaemonError> {
        if let Some(pid) =
            read(path).filter(|pid| *pid != Pid::this().as_raw() && *pid != id && lives(*pid))
        {
            return Err(DaemonError::Running {
                path: path.to_owned(),
                pid,
            });
        }
        create(path, id).map_err(|error| DaemonError::PidFile {
            path: path.to_owned(),
            error,
        })?;
        self.written.push((path.to_owned(), id));
        Ok(())
    }
}

impl Drop for PidFiles {
    fn drop(&mut self) {
        for (path, id) in &self.written {
            // Another server may have taken the file over; then it stays.
            if read(path) == Some(*id) {
                // After a change of user the directory may be closed, but the file is ours to empty.
                if fs::remove_file(path).is_err() {
                    let _ = fs::File::create(path);
                }
            }
        }
    }
}

/// Replaces what is stale. A new file each time: a link that somebody laid there is not followed.
fn create(path: &Path, id: i32) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(path)?;
    writeln!(file, "{id}")
}

fn read(path: &Path) -> Option<i32> {
    let mut text = String::new();
    fs::File::open(path)
        .ok()?
        .take(LONGEST)
        .read_to_string(&mut text)
        .ok()?;
    text.trim().parse().ok().filter(|pid| *pid > 0)
}

fn lives(pid: i32) -> bool {
    !matches!(signal::kill(Pid::from_raw(pid), None), Err(Errno::ESRCH)) && !is_dead_unreaped(pid)
}

/// In a container nobody may collect the dead; they must not stop the next start.
fn is_dead_unreaped(pid: i32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // The state follows the name, which is in parentheses and may hold any byte.
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_and_go() {
        let folder = tempfile::tempdir().expect("folder");
        let (pid, group) = (folder.path().join("pid"), folder.path().join("pgid"));
        let files = PidFiles::write(Some(&pid), Some(&group)).expect("written");
        assert_eq!(
            fs::read_to_string(&pid).expect("pid"),
            format!("{}\n", std::process::id())
        );
        assert_eq!(read(&group), Some(getpgrp().as_raw()));
        drop(files);
        assert!(!pid.exists() && !group.exists());
    }

    #[test]
    fn a_living_process_keeps_its_file() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("pid");
        let parent = std::os::unix::process::parent_id();
        fs::write(&path, parent.to_string()).expect("write");
        assert!(matches!(
            PidFiles::write(Some(&path), None),
            Err(DaemonError::Running { .. })
        ));
        assert!(path.exists());
    }

    #[test]
    fn the_dead_do_not_live() {
        let mut child = std::process::Command::new("true").spawn().expect("true");
        let pid = i32::try_from(child.id()).expect("pid");
        while !is_dead_unreaped(pid) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!lives(pid));
        child.wait().expect("reaped");
    }

    #[test]
    fn stale_broken_and_linked_files_are_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("pid");
        let target = folder.path().join("precious");
        for content in ["2147483646\n", "", "nonsense", "-1"] {
            fs::write(&path, content).expect("write");
            drop(PidFiles::write(Some(&path), None).expect(content));
        }
        fs::write(&target, "data").expect("write");
        std::os::unix::fs::symlink(&target, &path).expect("link");
        drop(PidFiles::write(Some(&path), None).expect("written"));
        assert_eq!(fs::read_to_string(&target).expect("target"), "data");
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let missing = Path::new("/nonexistent/ferrosip.pid");
        assert!(matches!(
            PidFiles::write(Some(missing), None),
            Err(DaemonError::PidFile { .. })
        ));
    }
}
