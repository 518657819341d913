//! "Did you mean …": the known name that is nearest to what was written.

/// The candidate with the fewest edits from `name`, when it is near enough to be meant.
///
/// Upper and lower case count as equal for nearness. At most a third of the letters may differ.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<u8> = name
        .bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .take(64)
        .collect();
    let limit = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(wanted.len()) <= limit)
        .map(|candidate| (distance(&wanted, candidate), candidate))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Edit distance where swapping two neighbours counts as one edit.
fn distance(left: &[u8], right: &str) -> usize {
    let right: Vec<u8> = right
        .bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    let width = right.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, a) in left.iter().enumerate() {
        let mut current = vec![row + 1; width];
        for (column, b) in right.iter().enumerate() {
            let mut edits = (last[column] + usize::from(a != b))
                .min(last[column + 1] + 1)
                .min(current[column] + 1);
            let swapped = row > 0 && column > 0 && left[row - 1] == *b && right[column - 1] == *a;
            if swapped {
                edits = edits.min(before_last[column - 1] + 1);
            }
            current[column + 1] = edits;
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[width - 1]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_typo() {
        let names = ["loadmodule", "modparam", "children", "listen"];
        assert_eq!(nearest("laodmodule", names), Some("loadmodule"));
        assert_eq!(nearest("modparm", names), Some("modparam"));
        assert_eq!(nearest("LISTEN", names), Some("listen"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(nearest("", names), None);
    }
}
