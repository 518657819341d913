//! The shape of a line, for the terminal and for syslog.

use std::io::Write as _;

use engine::log::Level;
use engine::services::LogLine;

/// A message longer than this is cut: a datagram to syslog has a limit too.
const LONGEST: usize = 60_000;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What all shapes share.
pub(super) struct Body<'a>(pub(super) &'a LogLine<'a>);

impl Body<'_> {
    /// The word of the level.
    pub(super) fn word(&self) -> &str {
        self.0.label.unwrap_or(self.0.level.word())
    }

    fn append(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(self.word().as_bytes());
        line.extend_from_slice(b": ");
        line.extend_from_slice(self.0.prefix);
        // xlog's prefix may be empty or of another shape; it then stands in the message.
        if !self.0.source.is_empty() {
            line.extend_from_slice(self.0.source.as_bytes());
            line.extend_from_slice(b": ");
        }
        let text = self.0.message.strip_suffix(b"\n").unwrap_or(self.0.message);
        line.extend_from_slice(text.get(..LONGEST).unwrap_or(text));
    }
}

/// ` 1(4711) ERROR: <script>: text`, with a newline.
pub(super) fn stderr(worker: u16, pid: u32, color: Option<&str>, body: &Body<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(body.0.message.len() + body.0.prefix.len() + 64);
    // Writing into a vector cannot fail.
    if let Some(color) = color {
        let _ = write!(line, "\x1b[{color}m");
    }
    let _ = write!(line, "{worker:2}({pid}) ");
    body.append(&mut line);
    line.push(b'\n');
    if color.is_some() {
        line.extend_from_slice(b"\x1b[0;39;49m");
    }
    line
}

/// `<27>Nov  3 04:05:06 ferrosip[4711]: ` (RFC 3164): what stands before a line for syslog.
pub(super) fn syslog_head(
    facility: u8,
    level: Level,
    local: i64,
    ident: &str,
    pid: u32,
) -> Vec<u8> {
    let mut line = Vec::with_capacity(512);
    let priority = u16::from(facility) * 8 + u16::from(level.severity());
    let (month, day) = month_and_day(local.div_euclid(86_400));
    let second = local.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let _ = write!(
        line,
        "<{priority}>{month} {day:2} {hour:02}:{minute:02}:{second:02} {ident}[{pid}]: "
    );
    line
}

impl Body<'_> {
    /// The text of a line, without what the way it takes puts in front.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(self.0.message.len() + self.0.prefix.len() + 64);
        self.append(&mut line);
        line
    }
}

/// Gregorian month and day of a day counted from 1970-01-01, by counting days from 1 March of the
/// year 0, when each leap day is a year's last.
fn month_and_day(days: i64) -> (&'static str, i64) {
    let of_era = (days + 719_468).rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let index = usize::try_from((from_march + 2) % 12).unwrap_or(0);
    (MONTHS.get(index).copied().unwrap_or("Jan"), day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::log::Place;

    const LINE: LogLine<'static> = LogLine {
        level: Level::Error,
        facility: None,
        prefix: b"{1 INVITE x} ",
        source: "<script>",
        module: "xlog",
        place: Place::Source(std::panic::Location::caller()),
        label: None,
        call_id: b"",
        message: b"text\n",
    };

    #[test]
    fn terminal_lines_look_like_kamailios() {
        assert_eq!(
            stderr(1, 47, None, &Body(&LINE)),
            b" 1(47) ERROR: {1 INVITE x} <script>: text\n"
        );
        assert_eq!(
            stderr(12, 47, Some("0;31;49"), &Body(&LINE)),
            b"\x1b[0;31;49m12(47) ERROR: {1 INVITE x} <script>: text\n\x1b[0;39;49m"
        );
    }

    #[test]
    fn syslog_lines_look_like_kamailios() {
        let mut line = syslog_head(3, Level::Error, 1_795_404_545, "foo", 47);
        line.extend(Body(&LINE).line());
        assert_eq!(
            String::from_utf8_lossy(&line),
            "<27>Nov 23 03:29:05 foo[47]: ERROR: {1 INVITE x} <script>: text"
        );
    }

    #[test]
    fn dates_cross_leap_days_and_years() {
        assert_eq!(month_and_day(0), ("Jan", 1));
        assert_eq!(month_and_day(-1), ("Dec", 31));
        assert_eq!(month_and_day(11_016), ("Feb", 29));
        assert_eq!(month_and_day(11_017), ("Mar", 1));
        assert_eq!(month_and_day(20_089), ("Jan", 1));
    }

    #[test]
    fn huge_messages_are_cut() {
        let line = LogLine {
            message: &[b'x'; 100_000],
            ..LINE
        };
        assert!(stderr(0, 1, None, &Body(&line)).len() < LONGEST + 100);
    }
}
