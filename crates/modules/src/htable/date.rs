//! Dates as listings show them.

/// `2026-11-23 04:04:56`, in UTC, of seconds since 1970.
#[must_use]
pub(super) fn date_and_time(seconds: u64) -> String {
    let days = (seconds / 86_400) as i64;
    let (year, month, day) = civil(days);
    let of_day = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01, by counting in eras of 400 years that
/// begin on March 1st, so that leap days come last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(date_and_time(10), "1970-01-01 00:00:10");
        assert_eq!(date_and_time(1_795_406_696), "2026-11-23 04:04:56");
        assert_eq!(date_and_time(951_782_400), "2000-02-29 00:00:00");
    }
}
