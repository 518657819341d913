//! What other modules may use: substitution expressions.

use engine::format::{Format, Part};

pub(crate) use super::subst::{Subst, SubstError, parse_arg as parse_subst};

impl Subst {
    /// Parses an expression whose variables, if it had any, have been read: what looks like one is
    /// text.
    pub(crate) fn parse_plain(expression: &[u8]) -> Result<Self, SubstError> {
        Self::parse(expression, &mut |text| {
            let text = text.replace("$$", "$").into_bytes();
            Ok(Format::new(vec![Part::Text(text.into())]))
        })
    }
}
