//! From what is written to a row of the table of options.

use super::error::CliError;
use super::options::OPTIONS;
use super::row::OptionRow;

/// The row of a one-letter option.
pub(super) fn short(letter: char) -> Result<&'static OptionRow, CliError> {
    OPTIONS
        .iter()
        .find(|row| {
            row.name
                .strip_prefix('-')
                .is_some_and(|name| name.chars().eq([letter]))
        })
        .ok_or(CliError::UnknownShort(letter))
}

/// The row of a long option: its name, or a prefix that no other name shares.
pub(super) fn long(name: &str) -> Result<&'static OptionRow, CliError> {
    let names = || {
        OPTIONS
            .iter()
            .filter_map(|row| Some((row.name.strip_prefix("--")?, row)))
    };
    if let Some((_, row)) = names().find(|(known, _)| *known == name) {
        return Ok(row);
    }
    let mut fitting: Vec<_> = names()
        .filter(|(known, _)| known.starts_with(name))
        .collect();
    // Names that Kamailio lacks do not make its abbreviations ambiguous.
    if fitting.iter().any(|(_, row)| row.is_kamailios) {
        fitting.retain(|(_, row)| row.is_kamailios);
    }
    match (fitting.pop(), fitting.as_slice()) {
        (Some((_, row)), []) => Ok(row),
        (Some((last, _)), others) => {
            let mut candidates: Vec<_> = others.iter().map(|(known, _)| *known).collect();
            candidates.push(last);
            Err(CliError::Ambiguous {
                name: name.to_owned(),
                candidates,
            })
        }
        (None, _) => {
            let nearest = names()
                .map(|(known, _)| (distance(known, name), known))
                .min();
            let nearest = nearest
                .filter(|(steps, known)| *steps <= known.len() / 3)
                .map(|(_, known)| known);
            Err(CliError::UnknownLong {
                name: name.to_owned(),
                nearest,
            })
        }
    }
}

/// Levenshtein's distance, bytewise.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_levenshteins() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
