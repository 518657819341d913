//! Where a line of the log was written.

use std::panic::Location;

use script::ast::Span;
use script::host::RouteId;

use crate::Program;

/// The place behind a line: a call in the configuration, or else a line of our own source.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// A function that the configuration calls.
    Script {
        /// What runs.
        program: &'a Program,
        /// The call.
        span: Span,
        /// The block that it stands in.
        route: Option<RouteId>,
    },
    /// Our source.
    Source(&'static Location<'static>),
}

/// A place as it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Position {
    /// A file of the configuration, or of our source.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// The block of the configuration, or the part of the program.
    pub function: String,
}

impl Place<'_> {
    /// Looks up what is shown; only a log that shows places asks.
    #[must_use]
    pub fn position(&self) -> Position {
        match *self {
            Self::Script {
                program,
                span,
                route,
            } => {
                let at = program.source().locate(span);
                Position {
                    file: at.file,
                    line: at.line,
                    function: route.map_or("", |r| block_name(program, r)).to_owned(),
                }
            }
            Self::Source(location) => of_source(location.file(), location.line()),
        }
    }
}

/// What a block is called: the name in brackets, or that of a main block.
#[must_use]
pub fn block_name(program: &Program, route: RouteId) -> &str {
    match program.name(route) {
        "" if program.reply_route() == Some(route) => "DEFAULT_ONREPLY",
        "" if program.onsend_route() == Some(route) => "DEFAULT_SEND",
        "" => "DEFAULT_ROUTE",
        name => name,
    }
}

impl std::fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.position().fmt(f)
    }
}

/// `crates/engine/src/receive.rs` is shown as `engine/receive.rs`, a part that is named `receive`.
fn of_source(path: &str, line: u32) -> Position {
    let path = path.split_once("crates/").map_or(path, |(_, rest)| rest);
    let file = path.replacen("/src/", "/", 1);
    let whole = file.strip_suffix(".rs").unwrap_or(&file);
    let folder = whole.strip_suffix("/mod").or(whole.strip_suffix("/lib"));
    let part = folder.unwrap_or(whole).rsplit('/').next();
    let function = part.unwrap_or_default().to_owned();
    Position {
        file,
        line,
        function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_after_their_files() {
        for (path, file, function) in [
            (
                "crates/engine/src/receive.rs",
                "engine/receive.rs",
                "receive",
            ),
            ("crates/modules/src/tm/mod.rs", "modules/tm/mod.rs", "tm"),
            ("crates/server/src/lib.rs", "server/lib.rs", "server"),
            (
                "/a/crates/sip/src/uri/print.rs",
                "sip/uri/print.rs",
                "print",
            ),
        ] {
            let position = of_source(path, 7);
            assert_eq!((&*position.file, &*position.function), (file, function));
            assert_eq!(position.line, 7);
        }
    }

    #[test]
    fn our_own_lines_have_a_place() {
        let position = Place::Source(Location::caller()).position();
        assert_eq!(position.file, "engine/log/place.rs");
        assert_eq!(position.function, "place");
        assert!(position.line > 0);
    }
}
