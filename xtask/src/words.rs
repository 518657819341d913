//! Arguments of which one is a task's own and the others are passed on.

use std::ffi::OsString;
use std::path::PathBuf;

/// The path behind an option, and all other arguments; nothing if that path is missing, which is said.
pub(crate) fn take(
    option: &str,
    arguments: Vec<OsString>,
) -> Option<(Option<PathBuf>, Vec<OsString>)> {
    let (mut path, mut passed) = (None, Vec::new());
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        if word != option {
            passed.push(word);
        } else if let Some(word) = words.next() {
            path = Some(PathBuf::from(word));
        } else {
            eprintln!("{option} wants a path");
            return None;
        }
    }
    Some((path, passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_ours_the_rest_is_passed() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let taken = take("--output", words(&["--network", "7", "--output", "x"]));
        assert_eq!(
            taken,
            Some((Some(PathBuf::from("x")), words(&["--network", "7"])))
        );
        assert_eq!(
            take("--output", words(&["--quick"])),
            Some((None, words(&["--quick"])))
        );
        assert_eq!(take("--output", words(&["--output"])), None);
    }
}
