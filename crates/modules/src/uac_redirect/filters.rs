//! Which contacts are followed: filters of the configuration and those that a failure route adds.

use script::regex::Pattern;

/// What becomes of a contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rule {
    /// It is followed.
    Accept,
    /// It is left out.
    Deny,
}

/// The filters of the configuration.
pub(super) struct Defaults {
    pub(super) accept: Option<Pattern>,
    pub(super) deny: Option<Pattern>,
    /// For contacts that no filter fits.
    pub(super) otherwise: Rule,
}

/// What `set_accept_filter` and `set_deny_filter` set aside before they add.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reset {
    /// Nothing.
    None,
    /// The filters added before.
    Added,
    /// The filter of the configuration.
    Default,
    /// Both.
    All,
}

/// The filters that a failure route added. Kept with its message.
#[derive(Default)]
pub(super) struct Added {
    accept: List,
    deny: List,
}

#[derive(Default)]
struct List {
    patterns: Vec<Pattern>,
    without_default: bool,
}

/// How many filters a route may add beside the one of the configuration.
const MAX_ADDED: usize = 5;

/// More filters than are allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too many filters")]
pub(super) struct TooMany;

impl Reset {
    pub(super) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"" => Self::None,
            b"reset_added" => Self::Added,
            b"reset_default" => Self::Default,
            b"reset_all" => Self::All,
            _ => return None,
        })
    }
}

impl Added {
    pub(super) fn add(
        &mut self,
        rule: Rule,
        pattern: Pattern,
        reset: Reset,
    ) -> Result<(), TooMany> {
        let list = match rule {
            Rule::Accept => &mut self.accept,
            Rule::Deny => &mut self.deny,
        };
        if matches!(reset, Reset::Added | Reset::All) {
            list.patterns.clear();
        }
        if matches!(reset, Reset::Default | Reset::All) {
            list.without_default = true;
        }
        if list.patterns.len() >= MAX_ADDED {
            return Err(TooMany);
        }
        list.patterns.push(pattern);
        Ok(())
    }
}

impl List {
    fn fits(&self, default: Option<&Pattern>, uri: &[u8]) -> bool {
        let default = default.filter(|_| !self.without_default);
        default
            .into_iter()
            .chain(&self.patterns)
            .any(|pattern| pattern.is_match(uri))
    }
}

/// What becomes of a contact: accept filters come first.
pub(super) fn rule(defaults: &Defaults, added: &Added, uri: &[u8]) -> Rule {
    if added.accept.fits(defaults.accept.as_ref(), uri) {
        return Rule::Accept;
    }
    if defaults.otherwise == Rule::Deny || added.deny.fits(defaults.deny.as_ref(), uri) {
        return Rule::Deny;
    }
    Rule::Accept
}

#[cfg(test)]
mod tests {
    use super::*;
    use script::regex::Case;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text.as_bytes(), Case::Insensitive).unwrap()
    }

    #[test]
    fn six_at_most() {
        let mut added = Added::default();
        for _ in 0..5 {
            added.add(Rule::Deny, pattern("z"), Reset::None).unwrap();
        }
        assert_eq!(
            added.add(Rule::Deny, pattern("z"), Reset::None),
            Err(TooMany)
        );
        added.add(Rule::Accept, pattern("z"), Reset::None).unwrap();
        added.add(Rule::Deny, pattern("z"), Reset::Added).unwrap();
    }
}
