//! Dates as SIP writes them (RFC 3261 section 20.17).

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Seconds since 1970 as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn rfc1123(unix: u64) -> String {
    let days = unix / 86_400;
    let second = unix % 86_400;
    let (year, month, day) = civil(days);
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS[(days % 7) as usize],
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// Year, month (from 0) and day of a number of days since 1970, by the Gregorian calendar.
///
/// Years begin in March here, so that a leap day is the last day of one.
fn civil(days: u64) -> (u64, usize, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    (year, month as usize, day)
}

/// The seconds since 1970 of a date like `Sun, 06 Nov 1994 08:49:37 GMT`; `None` for anything
/// else, and for dates before 1970. The day of the week is not compared with the date.
pub fn parse_rfc1123(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let (weekday, rest) = text.split_once(", ")?;
    DAYS.contains(&weekday).then_some(())?;
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)?;
    let mut clock = time.split(':').map(|digits| number(digits, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let (day, year) = (number(day, 2)?, number(year, 4)?);
    let valid = clock.next().is_none()
        && words.next().is_none()
        && zone == "GMT"
        && (1..=31).contains(&day)
        && year >= 1970
        && (hour, minute, second) <= (23, 59, 60)
        && minute < 60
        && second <= 60;
    valid.then(|| days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// A number of at most so many digits.
fn number(digits: &str, most: usize) -> Option<u64> {
    (digits.len() <= most && digits.bytes().all(|c| c.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

/// Days since 1970 of a date by the Gregorian calendar; the month counts from 0.
///
/// Years begin in March here, so that a leap day is the last day of one.
fn days_since_1970(year: u64, month: usize, day: u64) -> u64 {
    let year = year - u64::from(month < 2);
    let month_from_march = (month as u64 + 10) % 12;
    let era = year / 400;
    let year_of_era = year % 400;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (unix, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_406_594, "Mon, 23 Nov 2026 04:03:14 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        ] {
            assert_eq!(rfc1123(unix), text);
            assert_eq!(parse_rfc1123(text.as_bytes()), Some(unix));
        }
        for wrong in [
            "",
            "garbage",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1960 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 19944 08:49:37 GMT",
        ] {
            assert_eq!(parse_rfc1123(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
