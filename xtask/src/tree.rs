//! The repository's files.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root: this package lies one below.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A text file of the repository.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Relative to the root.
    pub(crate) path: PathBuf,
    /// Its content.
    pub(crate) text: String,
}

impl File {
    /// Whether the name ends in `.extension`.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|own| own == extension)
    }
}

/// Every text file under the root, sorted; build output and version control are left out.
pub(crate) fn files(root: &Path) -> Vec<File> {
    let mut found = Vec::new();
    collect(root, Path::new(""), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let path = folder.join(&name);
        let name = name.to_string_lossy();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            let hidden = name.starts_with('.') && name != ".ci" && name != ".cargo";
            let generated = matches!(&*name, "target" | "corpus" | "artifacts");
            if !hidden && !generated {
                collect(root, &path, found);
            }
        } else if kind.is_file()
            && name != "Cargo.lock"
            && let Ok(text) = fs::read_to_string(root.join(&path))
        {
            found.push(File { path, text });
        }
    }
}
