//! A record: one line of the log.

use engine::context::Context;
use engine::variable::Readable;
use script::value::Value;
use script::view::View;

use super::settings::Settings;

/// What a record says besides the configured values.
pub(super) struct Record<'a> {
    /// `transaction answered: `.
    pub(super) comment: &'a str,
    pub(super) method: &'a [u8],
    pub(super) from_tag: &'a [u8],
    pub(super) to_tag: &'a [u8],
    pub(super) call_id: &'a [u8],
    /// Status as text: functions of the script may leave it out.
    pub(super) code: &'a [u8],
    pub(super) reason: &'a [u8],
}

impl Record<'_> {
    /// Writes the line to the log. Variables are read from `cx`, now.
    pub(super) fn log(&self, settings: &Settings, cx: &mut Context) {
        let mut line = Vec::with_capacity(320);
        line.extend_from_slice(b"ACC: ");
        line.extend_from_slice(self.comment.as_bytes());
        let now = cx.core.services.clock.unix();
        settings.time.write(&mut line, now);
        for (name, value) in [
            ("method", self.method),
            ("from_tag", self.from_tag),
            ("to_tag", self.to_tag),
            ("call_id", self.call_id),
            ("code", self.code),
            ("reason", self.reason),
        ] {
            pair(&mut line, name, value);
        }
        for extra in &settings.log_extra {
            let add = |value: View<'_>| value.with_bytes(|text| pair(&mut line, &extra.name, text));
            extra.value.look(cx, add);
        }
        legs(&mut line, settings, cx);
        let source = "acc";
        cx.log_bytes(
            settings.log_level,
            Some(settings.log_facility),
            source,
            &line,
        );
    }
}

fn pair(line: &mut Vec<u8>, name: &str, value: &[u8]) {
    line.push(b';');
    line.extend_from_slice(name.as_bytes());
    line.push(b'=');
    line.extend_from_slice(value);
}

/// The values of each leg, newest first, until no value is left; always at least one leg.
fn legs(line: &mut Vec<u8>, settings: &Settings, cx: &mut Context) {
    let most = settings.legs.iter().map(|l| l.values.len()).max();
    for index in 0..most.unwrap_or(0) {
        let values: Vec<Value> = settings
            .legs
            .iter()
            .map(|leg| leg.values.get(index).map_or(Value::Null, |v| read(v, cx)))
            .collect();
        if index > 0 && values.iter().all(|v| *v == Value::Null) {
            return;
        }
        for (leg, value) in settings.legs.iter().zip(&values) {
            value.with_bytes(|bytes| pair(line, &leg.name, bytes));
        }
    }
}

fn read(variable: &Readable, cx: &mut Context) -> Value {
    variable.read(cx)
}
