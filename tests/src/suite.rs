//! A test binary whose trials are made of files.

use std::error::Error;
use std::path::Path;

use libtest_mimic::{Arguments, Conclusion, Trial};

/// Makes the trials of a suite and runs them as the command line says, at most `at_once` at a time if that says nothing. `trials`
/// gets the folder of this package. What the trials hold, servers for one, is gone when this returns. Ends the process when
/// there is no making them.
pub fn run(
    at_once: Option<usize>,
    trials: impl FnOnce(&Path) -> Result<Vec<Trial>, Box<dyn Error>>,
) -> Conclusion {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(at_once);
    match trials(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        Ok(trials) => libtest_mimic::run(&arguments, trials),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(101);
        }
    }
}
