//! The hash of a file at start, so that operators see whether it was changed since.

use std::path::PathBuf;
use std::sync::OnceLock;

use engine::Core;
use engine::log::Level;
use engine::module::InitError;
use md5::{Digest, Md5};

/// The file to watch, if one is configured, and what it hashed to.
pub(super) struct ConfigHash {
    file: Option<PathBuf>,
    kept: OnceLock<String>,
}

/// What a look at the file shows.
pub(super) enum Verdict {
    /// No file is configured.
    NoFile,
    /// It is as it was.
    Same,
    /// It is another one.
    Changed,
    /// It cannot be read.
    Unreadable,
}

impl ConfigHash {
    /// Watches a file, or none.
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self {
            file,
            kept: OnceLock::new(),
        }
    }

    /// Reads the file and keeps its hash.
    pub(super) fn remember(&self, core: &Core) -> Result<(), InitError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let hash = hash(file)
            .map_err(|e| InitError::of_param("hash_file", format!("{}: {e}", file.display())))?;
        core.log(
            Level::Info,
            &format!("the hash of {} is {hash}", file.display()),
        );
        self.kept.get_or_init(|| hash);
        Ok(())
    }

    /// The hash that the file had at start.
    pub(super) fn kept(&self) -> Option<&str> {
        self.kept.get().map(String::as_str)
    }

    /// Compares the file with what it was.
    pub(super) fn check(&self) -> Verdict {
        let (Some(file), Some(kept)) = (&self.file, self.kept()) else {
            return Verdict::NoFile;
        };
        match hash(file) {
            Ok(now) if now == kept => Verdict::Same,
            Ok(_) => Verdict::Changed,
            Err(_) => Verdict::Unreadable,
        }
    }
}

fn hash(file: &PathBuf) -> std::io::Result<String> {
    let digest = Md5::digest(std::fs::read(file)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl From<Option<bytes::Bytes>> for ConfigHash {
    fn from(file: Option<bytes::Bytes>) -> Self {
        let named = file.filter(|name| !name.is_empty());
        Self::new(named.map(|name| PathBuf::from(String::from_utf8_lossy(&name).into_owned())))
    }
}
