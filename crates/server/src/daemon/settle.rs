//! Limits, directories, chroot, pid files and user of the server process.

use std::ffi::CString;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::unistd::{self, Gid, Group, Uid, User};

use super::error::DaemonError;
use super::pid_file::PidFiles;

/// What the command line and the configuration say about the process.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `-u` or `user`: a name or a number.
    pub user: Option<String>,
    /// `-g` or `group`: a name or a number.
    pub group: Option<String>,
    /// `-t` or `chroot`.
    pub chroot: Option<PathBuf>,
    /// `-w` or `workdir`; `/` when absent. Inside the chroot, if there is one.
    pub working_dir: Option<PathBuf>,
    /// `-Y` or `runtime_dir`: made if it is not there, and given to the user.
    pub runtime_dir: Option<PathBuf>,
    /// `-P` or `pid_file`.
    pub pid_file: Option<PathBuf>,
    /// `-G` or `pgid_file`.
    pub pgid_file: Option<PathBuf>,
    /// `disable_core_dump`.
    pub disable_core_dump: bool,
    /// `open_files_limit`: what the soft limit is raised to, and the hard one, if it is lower.
    pub open_files: Option<u64>,
    /// Policy and priority of `real_time`.
    pub schedule: Option<(i32, i32)>,
}

/// A user and group to become.
#[derive(Debug, Default, PartialEq, Eq)]
struct Identity {
    user: Option<Uid>,
    /// The user's name, for the supplementary groups.
    name: Option<String>,
    group: Option<Gid>,
}

pub(super) fn settle(settings: &Settings) -> Result<PidFiles, DaemonError> {
    limits(settings)?;
    if let Some((policy, priority)) = settings.schedule {
        transport::process::schedule(policy, priority).map_err(DaemonError::Schedule)?;
    }
    // Names are looked up while /etc is in reach.
    let identity = Identity::find(settings.user.as_deref(), settings.group.as_deref())?;
    if let Some(path) = &settings.chroot {
        let failed = |error: nix::Error| directory("chroot", path, error.into());
        unistd::chroot(path.as_path()).map_err(failed)?;
        unistd::chdir("/").map_err(failed)?;
    }
    let working_dir = settings.working_dir.as_deref().unwrap_or(Path::new("/"));
    unistd::chdir(working_dir).map_err(|error| directory("chdir", working_dir, error.into()))?;
    if let Some(path) = &settings.runtime_dir {
        make_runtime_dir(path, &identity)?;
    }
    let files = PidFiles::write(settings.pid_file.as_deref(), settings.pgid_file.as_deref())?;
    for path in files.paths() {
        identity.own(path).map_err(|error| DaemonError::PidFile {
            path: path.to_owned(),
            error,
        })?;
    }
    identity.take()?;
    if !settings.disable_core_dump {
        // Who becomes another user leaves no core file unless it says so.
        let failed = |error: nix::Error| DaemonError::Limit {
            limit: "core files",
            error: error.into(),
        };
        prctl::set_dumpable(true).map_err(failed)?;
    }
    Ok(files)
}

fn directory(call: &'static str, path: &Path, error: io::Error) -> DaemonError {
    DaemonError::Directory {
        call,
        path: path.to_owned(),
        error,
    }
}

fn limits(settings: &Settings) -> Result<(), DaemonError> {
    core_files(settings.disable_core_dump)?;
    let open_files = |(soft, hard): (u64, u64)| match settings.open_files {
        Some(files) => (files.max(soft), hard.max(files)),
        None => (hard, hard),
    };
    set_limit("open files", Resource::RLIMIT_NOFILE, open_files)
}

/// Forbids core files, or lets them be as large as the system lets us have them.
fn core_files(disabled: bool) -> Result<(), DaemonError> {
    let core = |soft, hard| set_limit("core files", Resource::RLIMIT_CORE, |_| (soft, hard));
    if disabled {
        return core(0, 0);
    }
    // The hard limit can only be raised with privileges.
    core(RLIM_INFINITY, RLIM_INFINITY).or_else(|_| {
        set_limit("core files", Resource::RLIMIT_CORE, |(_, hard)| {
            (hard, hard)
        })
    })
}

/// Changes a limit: the soft and the hard one.
fn set_limit(
    limit: &'static str,
    resource: Resource,
    change: impl Fn((u64, u64)) -> (u64, u64),
) -> Result<(), DaemonError> {
    let failed = |error: nix::Error| DaemonError::Limit {
        limit,
        error: error.into(),
    };
    let (soft, hard) = change(getrlimit(resource).map_err(failed)?);
    setrlimit(resource, soft, hard).map_err(failed)
}

/// Makes the directory, for the user alone, if it is not there.
fn make_runtime_dir(path: &Path, identity: &Identity) -> Result<(), DaemonError> {
    if path.is_dir() {
        return Ok(());
    }
    let made = fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o750)))
        .and_then(|()| identity.own(path));
    made.map_err(|error| directory("create the runtime directory", path, error))
}

impl Identity {
    fn find(user: Option<&str>, group: Option<&str>) -> Result<Self, DaemonError> {
        let mut identity = Self::default();
        if let Some(wanted) = user {
            let unknown = || DaemonError::UnknownUser(wanted.to_owned());
            let entry = match wanted.parse() {
                Ok(number) => {
                    identity.user = Some(Uid::from_raw(number));
                    User::from_uid(Uid::from_raw(number)).ok().flatten()
                }
                Err(_) => Some(User::from_name(wanted).ok().flatten().ok_or_else(unknown)?),
            };
            if let Some(entry) = entry {
                identity.user = Some(entry.uid);
                identity.group = Some(entry.gid);
                identity.name = Some(entry.name);
            }
        }
        if let Some(wanted) = group {
            identity.group = Some(match wanted.parse() {
                Ok(number) => Gid::from_raw(number),
                Err(_) => {
                    let entry = Group::from_name(wanted).ok().flatten();
                    entry
                        .ok_or_else(|| DaemonError::UnknownGroup(wanted.to_owned()))?
                        .gid
                }
            });
        }
        Ok(identity)
    }

    /// Hands a file over, so that it can be changed after [`Identity::take`].
    fn own(&self, path: &Path) -> io::Result<()> {
        if self.user.is_none() && self.group.is_none() {
            return Ok(());
        }
        unistd::chown(path, self.user, self.group).map_err(io::Error::from)
    }

    /// Becomes the user for good: group first, because the user may not change it any more.
    fn take(&self) -> Result<(), DaemonError> {
        let failed = |call| {
            move |error: nix::Error| DaemonError::Identity {
                call,
                error: error.into(),
            }
        };
        if let Some(group) = self.group.filter(|group| *group != unistd::getgid()) {
            unistd::setgid(group).map_err(failed("setgid"))?;
        }
        let Some(user) = self.user.filter(|user| *user != unistd::getuid()) else {
            return Ok(());
        };
        let group = self.group.unwrap_or_else(unistd::getgid);
        match self.name.as_deref().map(CString::new) {
            Some(Ok(name)) => unistd::initgroups(&name, group).map_err(failed("initgroups"))?,
            _ => unistd::setgroups(&[group]).map_err(failed("setgroups"))?,
        }
        unistd::setuid(user).map_err(failed("setuid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_groups_by_name_and_number() {
        let root = Identity::find(Some("root"), None).expect("root");
        assert_eq!(
            (root.user, root.group),
            (Some(Uid::from_raw(0)), Some(Gid::from_raw(0)))
        );
        let numbers = Identity::find(Some("4000000"), Some("4000001")).expect("numbers");
        assert_eq!(
            (numbers.user, numbers.group),
            (
                Some(Uid::from_raw(4_000_000)),
                Some(Gid::from_raw(4_000_001))
            )
        );
        assert_eq!(numbers.name, None);
        assert_eq!(
            Identity::find(None, None).expect("nobody"),
            Identity::default()
        );
    }

    #[test]
    fn unknown_names_are_refused() {
        let user = Identity::find(Some("no-such-user-here"), None);
        assert_eq!(
            user.expect_err("unknown").to_string(),
            "bad user name/uid number: -u no-such-user-here"
        );
        assert!(matches!(
            Identity::find(None, Some("no-such-group")),
            Err(DaemonError::UnknownGroup(_))
        ));
    }

    #[test]
    fn the_runtime_directory_is_made_once() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a/b");
        for _ in 0..2 {
            make_runtime_dir(&path, &Identity::default()).expect("made");
        }
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o750
        );
    }
}
