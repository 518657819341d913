//! Tables of rows that are kept in parts.

/// How many rows the parts of a table have.
#[must_use]
pub const fn total<T>(parts: &[&[T]]) -> usize {
    let (mut part, mut sum) = (0, 0);
    while part < parts.len() {
        sum += parts[part].len();
        part += 1;
    }
    sum
}

/// Joins the parts of a table into one; `N` is their [`total`].
#[must_use]
pub const fn join<T: Copy, const N: usize>(parts: &[&[T]]) -> [T; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    assert!(at == N, "N is the total of the parts");
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_one_table() {
        const PARTS: &[&[u8]] = &[&[1, 2], &[], &[3]];
        const ALL: [u8; total(PARTS)] = join(PARTS);
        assert_eq!(ALL, [1, 2, 3]);
    }
}
