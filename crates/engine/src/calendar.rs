//! Dates and times of day in UTC, for variables, headers and logs.
//!
//! Local time is UTC here: the clock service gives no time zone.

/// A moment taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateTime {
    /// Year, 2026.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
    /// Day of the week; Sunday is 0.
    pub weekday: u8,
    /// Day of the year, from 0.
    pub yearday: u16,
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl DateTime {
    /// Takes seconds since 1970-01-01 apart.
    #[must_use]
    pub fn of_unix(seconds: i64) -> Self {
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Years counted from 1 March, so that a leap day is a year's last.
        let shifted = days.saturating_add(719_468);
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let yearday = if month <= 2 {
            of_year - 306
        } else {
            of_year + 59 + i64::from(is_leap)
        };
        // All values are small by construction.
        Self {
            year,
            month: month as u8,
            day: day as u8,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            weekday: (days + 4).rem_euclid(7) as u8,
            yearday: yearday as u16,
        }
    }

    /// Name of the day of the week.
    #[must_use]
    pub fn day_name(&self) -> &'static str {
        DAYS.get(usize::from(self.weekday)).copied().unwrap_or("")
    }

    /// Name of the month.
    #[must_use]
    pub fn month_name(&self) -> &'static str {
        MONTHS
            .get(usize::from(self.month) - 1)
            .copied()
            .unwrap_or("")
    }
}

/// Formats seconds since 1970-01-01 as strftime does in the C locale.
#[must_use]
pub fn strftime(format: &[u8], seconds: i64) -> Vec<u8> {
    let at = DateTime::of_unix(seconds);
    let mut out = Vec::with_capacity(format.len() * 2);
    let mut bytes = format.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(kind) => directive(&mut out, *kind, &at, seconds),
            None => out.push(b'%'),
        }
    }
    out
}

fn directive(out: &mut Vec<u8>, kind: u8, at: &DateTime, seconds: i64) {
    let twelve = match at.hour % 12 {
        0 => 12,
        h => h,
    };
    let half = if at.hour < 12 { "AM" } else { "PM" };
    let (year, month, day) = (at.year, at.month, at.day);
    let (hour, minute, second) = (at.hour, at.minute, at.second);
    let day3 = at.day_name().get(..3).unwrap_or("");
    let month3 = at.month_name().get(..3).unwrap_or("");
    // Weeks that begin on Sunday and on Monday.
    let sunday_week = (i64::from(at.yearday) + 7 - i64::from(at.weekday)) / 7;
    let monday_week = (i64::from(at.yearday) + 7 - (i64::from(at.weekday) + 6) % 7) / 7;
    let text = match kind {
        b'Y' => year.to_string(),
        b'C' => format!("{:02}", year / 100),
        b'y' => format!("{:02}", year.rem_euclid(100)),
        b'm' => format!("{month:02}"),
        b'd' => format!("{day:02}"),
        b'e' => format!("{day:2}"),
        b'H' => format!("{hour:02}"),
        b'k' => format!("{hour:2}"),
        b'I' => format!("{twelve:02}"),
        b'l' => format!("{twelve:2}"),
        b'M' => format!("{minute:02}"),
        b'S' => format!("{second:02}"),
        b'p' => half.to_owned(),
        b'P' => half.to_ascii_lowercase(),
        b'a' => day3.to_owned(),
        b'A' => at.day_name().to_owned(),
        b'b' | b'h' => month3.to_owned(),
        b'B' => at.month_name().to_owned(),
        b'j' => format!("{:03}", at.yearday + 1),
        b'u' => (if at.weekday == 0 { 7 } else { at.weekday }).to_string(),
        b'w' => at.weekday.to_string(),
        b'U' => format!("{sunday_week:02}"),
        b'W' => format!("{monday_week:02}"),
        b's' => seconds.to_string(),
        b'z' => "+0000".to_owned(),
        b'Z' => "UTC".to_owned(),
        b'F' => format!("{year}-{month:02}-{day:02}"),
        b'D' | b'x' => format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100)),
        b'T' | b'X' => format!("{hour:02}:{minute:02}:{second:02}"),
        b'R' => format!("{hour:02}:{minute:02}"),
        b'r' => format!("{twelve:02}:{minute:02}:{second:02} {half}"),
        b'c' => format!("{day3} {month3} {day:2} {hour:02}:{minute:02}:{second:02} {year}"),
        b'n' => "\n".to_owned(),
        b't' => "\t".to_owned(),
        b'%' => "%".to_owned(),
        other => {
            out.extend_from_slice(&[b'%', other]);
            return;
        }
    };
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_c_does() {
        let at = 1_795_406_000;
        for (format, expected) in [
            ("%a %b %d %H:%M:%S %Y", "Mon Nov 23 03:53:20 2026"),
            ("%Y-%m-%d", "2026-11-23"),
            ("%j %u %w %U %W", "327 1 1 47 47"),
            ("%I:%M %p %e %%q %", "03:53 AM 23 %q %"),
            ("%q", "%q"),
        ] {
            let text = strftime(format.as_bytes(), at);
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
        assert_eq!(strftime(b"%F %j", 951_782_400), b"2000-02-29 060");
        assert_eq!(strftime(b"%F %T", -1), b"1969-12-31 23:59:59");
    }
}
