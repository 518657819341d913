//! What a test over many cases found wrong, told all at once.
//!
//! Most files of cases say what Kamailio does. The installed Kamailio must do it, too, and ferrosip
//! must agree, or the case says why it does not.

use std::fmt::Debug;

/// What was wrong, in the order it was found.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Something is wrong.
    pub fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    /// What was found must be what the file says.
    pub fn expect<T: Debug + PartialEq>(&mut self, name: &str, found: &T, listed: &T) {
        if found != listed {
            self.note(format!("{name}: {found:?} instead of {listed:?}"));
        }
    }

    /// What was found must be what the file says, unless the case says why it differs; then it has
    /// to differ.
    pub fn expect_or_why<T: Debug + PartialEq>(
        &mut self,
        name: &str,
        found: &T,
        listed: &T,
        why: Option<&str>,
    ) {
        match (found == listed, why) {
            (true, Some(why)) => self.note(format!("{name}: no longer differs ({why})")),
            (false, None) => self.expect(name, found, listed),
            _ => {}
        }
    }

    /// The end of the test.
    ///
    /// # Panics
    /// When something is wrong.
    pub fn report(self) {
        let Self(wrong) = self;
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::Findings;

    #[test]
    fn only_what_differs_without_a_reason_is_wrong() {
        let mut findings = Findings::default();
        findings.expect("same", &1, &1);
        findings.expect_or_why("same, no reason", &1, &1, None);
        findings.expect_or_why("other, a reason", &1, &2, Some("safer"));
        assert!(findings.0.is_empty(), "{findings:?}");
        findings.expect("other", &1, &2);
        findings.expect_or_why("other, no reason", &1, &2, None);
        findings.expect_or_why("same, a reason", &1, &1, Some("safer"));
        let expected = [
            "other: 1 instead of 2",
            "other, no reason: 1 instead of 2",
            "same, a reason: no longer differs (safer)",
        ];
        assert_eq!(findings.0, expected);
    }
}
