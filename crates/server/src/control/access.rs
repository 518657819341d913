//! The files of control sockets: made with the right owner and permissions, never in place of a
//! file that is something else.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use engine::control::ControlAccess;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Group, Uid, User, chown};

/// Makes a socket or pipe at a path and gives it to whom it belongs. Nobody else can open it
/// meanwhile.
pub(super) fn with_access<T>(
    path: &Path,
    access: &ControlAccess,
    make: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    remove_stale(path)?;
    let outer = umask(Mode::from_bits_truncate(0o177));
    let made = make();
    umask(outer);
    let made = made?;
    let user = access.user.as_deref().map(user_id).transpose()?;
    let group = access.group.as_deref().map(group_id).transpose()?;
    if user.is_some() || group.is_some() {
        chown(path, user, group)?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(access.mode))?;
    Ok(made)
}

/// A server that was killed leaves its socket behind.
fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() || meta.file_type().is_fifo() => {
            fs::remove_file(path)
        }
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file of another kind",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn user_id(name: &str) -> io::Result<Uid> {
    if let Ok(number) = name.parse() {
        return Ok(Uid::from_raw(number));
    }
    User::from_name(name)?
        .map(|u| u.uid)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no user `{name}`")))
}

fn group_id(name: &str) -> io::Result<Gid> {
    if let Ok(number) = name.parse() {
        return Ok(Gid::from_raw(number));
    }
    Group::from_name(name)?
        .map(|g| g.gid)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no group `{name}`")))
}
