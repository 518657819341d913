//! Script functions: accounting without a transaction.

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Status, TRUE};
use std::sync::Arc;

use super::Acc;
use super::record::Record;

const COMMENT: Arg = Arg::text("comment");
const TABLE_NAME: Arg = Arg::text("table");

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "acc_db_request",
        &[COMMENT, TABLE_NAME],
        2,
        db_request,
        "Accounts a request to a database: always fails, as no database can be configured.",
    )
    .with(Status::Partial),
    Function::anywhere(
        "acc_log_request",
        &[COMMENT],
        1,
        log_request,
        "Accounts a request to the log; the comment is a reason that may begin with a status \
              code.",
    ),
    Function::anywhere(
        "acc_request",
        &[COMMENT, TABLE_NAME],
        2,
        log_request,
        "Accounts a request to the log; the database is left out, as none can be configured.",
    )
    .with(Status::Partial),
];

fn log_request(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let comment = args.text(cx, 0);
    account(args.state(), cx, &comment);
    TRUE
}

/// Writes a record of the request in work.
pub(super) fn account(acc: &Acc, cx: &mut Context, comment: &Bytes) {
    let (code, reason) = code_and_reason(comment);
    let msg = Arc::clone(&cx.msg);
    Record {
        comment: "request accounted: ",
        method: msg.method_text(),
        from_tag: msg.from_tag().unwrap_or_default(),
        to_tag: msg.to_tag().unwrap_or_default(),
        call_id: msg.call_id().unwrap_or_default(),
        code,
        reason,
    }
    .log(&acc.settings, cx);
}

/// `404 Not here` is a status and a reason; anything else is a reason.
fn code_and_reason(comment: &Bytes) -> (&[u8], &[u8]) {
    match comment.split_at_checked(3) {
        Some((code, rest)) if code.iter().all(u8::is_ascii_digit) => {
            (code, sip::chars::trim_start(rest))
        }
        _ => (b"", comment),
    }
}

fn db_request(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.log_bytes(
        Level::Error,
        None,
        "acc",
        b"acc_db_request: accounting to a database is not supported yet",
    );
    FALSE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the installed Kamailio takes comments.
    #[test]
    fn comments() {
        let split = |text: &'static str| {
            let text = Bytes::from_static(text.as_bytes());
            let (code, reason) = code_and_reason(&text);
            (
                String::from_utf8_lossy(code).into_owned(),
                String::from_utf8_lossy(reason).into_owned(),
            )
        };
        assert_eq!(
            split("404 comment text"),
            ("404".into(), "comment text".into())
        );
        assert_eq!(split("onlycomment"), (String::new(), "onlycomment".into()));
        assert_eq!(split("500"), ("500".into(), String::new()));
    }
}
