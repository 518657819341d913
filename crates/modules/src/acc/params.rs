//! Module parameters.

use engine::module::{Param, Status};

const NO_DB: &str = "there is no accounting to databases yet; db_url is refused";
const NO_CDR: &str = "there are no call records yet; cdr_enable is refused";

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text("acc_callid_column", Some("callid"), NO_DB).with(Status::Noop),
    Param::int("acc_extra_nullable", 0, NO_DB).with(Status::Noop),
    Param::int(
        "acc_extra_size",
        64,
        "there is no limit on the number of values",
    )
    .with(Status::Noop),
    Param::text("acc_from_tag_column", Some("from_tag"), NO_DB).with(Status::Noop),
    Param::text("acc_method_column", Some("method"), NO_DB).with(Status::Noop),
    Param::int(
        "acc_prepare_always",
        0,
        "Lets failure routes mark any request for accounting.",
    ),
    Param::int(
        "acc_prepare_flag",
        -1,
        "Flag of requests that failure routes may mark for accounting.",
    ),
    Param::text("acc_sip_code_column", Some("sip_code"), NO_DB).with(Status::Noop),
    Param::text("acc_sip_reason_column", Some("sip_reason"), NO_DB).with(Status::Noop),
    Param::text("acc_time_column", Some("time"), NO_DB).with(Status::Noop),
    Param::text("acc_to_tag_column", Some("to_tag"), NO_DB).with(Status::Noop),
    Param::text("cdr_duration_id", Some("duration"), NO_CDR).with(Status::Noop),
    Param::int(
        "cdr_enable",
        0,
        "Writes a record for each call: refused when set.",
    )
    .with(Status::Partial),
    Param::text("cdr_end_id", Some("end_time"), NO_CDR).with(Status::Noop),
    Param::int("cdr_expired_dlg_enable", 0, NO_CDR).with(Status::Noop),
    Param::text("cdr_extra", None, NO_CDR).with(Status::Noop),
    Param::int("cdr_extra_nullable", 0, NO_CDR).with(Status::Noop),
    Param::int("cdr_extra_size", 64, NO_CDR).with(Status::Noop),
    Param::text("cdr_facility", None, NO_CDR).with(Status::Noop),
    Param::int("cdr_log_enable", 1, NO_CDR).with(Status::Noop),
    Param::int("cdr_on_failed", 1, NO_CDR).with(Status::Noop),
    Param::text("cdr_skip", None, NO_CDR).with(Status::Noop),
    Param::text("cdr_start_id", Some("start_time"), NO_CDR).with(Status::Noop),
    Param::int("cdr_start_on_confirmed", 0, NO_CDR).with(Status::Noop),
    Param::text("cdrs_table", Some(""), NO_CDR).with(Status::Noop),
    Param::int(
        "clone_msg",
        1,
        "records always read the request as the transaction keeps it",
    )
    .with(Status::Noop),
    Param::text("db_extra", None, NO_DB).with(Status::Noop),
    Param::int("db_flag", -1, NO_DB).with(Status::Noop),
    Param::int("db_insert_mode", 0, NO_DB).with(Status::Noop),
    Param::int("db_missed_flag", -1, NO_DB).with(Status::Noop),
    Param::text("db_table_acc", Some("acc"), NO_DB).with(Status::Noop),
    Param::text("db_table_missed_calls", Some("missed_calls"), NO_DB).with(Status::Noop),
    Param::text("db_url", None, "Database to account to: refused when set.").with(Status::Partial),
    Param::int(
        "detect_direction",
        0,
        "Shows From and To tag in the caller's order in requests from the callee.",
    ),
    Param::int(
        "early_media",
        0,
        "Accounts provisional replies with a body.",
    ),
    Param::text(
        "failed_filter",
        None,
        "Codes of failures that are not accounted, separated by commas.",
    ),
    Param::int(
        "failed_transaction_flag",
        -1,
        "Flag of requests that are accounted even when they fail.",
    ),
    Param::text(
        "log_extra",
        None,
        "Further values in records: name=$variable;….",
    ),
    Param::text(
        "log_facility",
        None,
        "Syslog facility of records, LOG_DAEMON by default.",
    ),
    Param::int(
        "log_flag",
        -1,
        "Flag of requests that are accounted to the log.",
    ),
    Param::int("log_level", 1, "Level of records."),
    Param::int(
        "log_missed_flag",
        -1,
        "Flag of calls that are accounted to the log when nobody takes them.",
    ),
    Param::text(
        "multi_leg_info",
        None,
        "Values for each leg of a call, name=$avp(x);…: at most 16 legs.",
    ),
    Param::int(
        "reason_from_hf",
        0,
        "Takes the reason from the reply's Reason header.",
    ),
    Param::int("report_ack", 0, "Accounts the ACK of calls."),
    Param::int("report_cancels", 0, "Accounts CANCEL."),
    Param::text(
        "time_attr",
        Some("time_attr"),
        "Name of the time in time_mode 2.",
    ),
    Param::text(
        "time_exten",
        Some("time_exten"),
        "Name of the microseconds in time_mode 1.",
    ),
    Param::text(
        "time_format",
        Some("%Y-%m-%d %H:%M:%S"),
        "it belongs to time_mode 3 and 4, which are refused",
    )
    .with(Status::Noop),
    Param::int(
        "time_mode",
        0,
        "What is shown of the time besides the timestamp: 1 microseconds, 2 a decimal number. \
         3 and 4, formatted times, are refused.",
    )
    .with(Status::Partial),
];
