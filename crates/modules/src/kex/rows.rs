//! The statistics of the core that kex shows, by name, for the reference.

use engine::module::Statistic;

const fn row(group: &'static str, name: &'static str, doc: &'static str) -> Statistic {
    Statistic { group, name, doc }
}

/// All of them; the core counts the first ones itself.
pub(super) static STATISTICS: &[Statistic] = &[
    row("core", "rcv_requests", "Requests received."),
    row("core", "rcv_replies", "Replies received."),
    row("core", "fwd_requests", "Requests forwarded."),
    row("core", "fwd_replies", "Replies forwarded."),
    row("core", "drop_requests", "Requests dropped."),
    row("core", "drop_replies", "Replies dropped."),
    row("core", "err_requests", "Requests that failed."),
    row("core", "err_replies", "Replies that failed."),
    row("core", "bad_URIs_rcvd", "URIs that could not be parsed."),
    row(
        "core",
        "bad_msg_hdr",
        "Messages with a header that could not be parsed.",
    ),
    row(
        "core",
        "unsupported_methods",
        "Requests with a method that the core does not know.",
    ),
    row("core", "rcv_requests_ack", "ACK requests received."),
    row("core", "rcv_requests_bye", "BYE requests received."),
    row("core", "rcv_requests_cancel", "CANCEL requests received."),
    row("core", "rcv_requests_info", "INFO requests received."),
    row("core", "rcv_requests_invite", "INVITE requests received."),
    row("core", "rcv_requests_message", "MESSAGE requests received."),
    row("core", "rcv_requests_notify", "NOTIFY requests received."),
    row("core", "rcv_requests_options", "OPTIONS requests received."),
    row("core", "rcv_requests_prack", "PRACK requests received."),
    row("core", "rcv_requests_publish", "PUBLISH requests received."),
    row("core", "rcv_requests_refer", "REFER requests received."),
    row(
        "core",
        "rcv_requests_register",
        "REGISTER requests received.",
    ),
    row(
        "core",
        "rcv_requests_subscribe",
        "SUBSCRIBE requests received.",
    ),
    row("core", "rcv_requests_update", "UPDATE requests received."),
    row("core", "rcv_replies_1xx", "Replies 100 to 199 received."),
    row(
        "core",
        "rcv_replies_1xx_bye",
        "Replies 100 to 199 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_cancel",
        "Replies 100 to 199 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_invite",
        "Replies 100 to 199 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_message",
        "Replies 100 to 199 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_prack",
        "Replies 100 to 199 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_refer",
        "Replies 100 to 199 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_reg",
        "Replies 100 to 199 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_1xx_update",
        "Replies 100 to 199 to UPDATE received.",
    ),
    row("core", "rcv_replies_2xx", "Replies 200 to 299 received."),
    row(
        "core",
        "rcv_replies_2xx_bye",
        "Replies 200 to 299 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_cancel",
        "Replies 200 to 299 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_invite",
        "Replies 200 to 299 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_message",
        "Replies 200 to 299 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_prack",
        "Replies 200 to 299 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_refer",
        "Replies 200 to 299 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_reg",
        "Replies 200 to 299 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_2xx_update",
        "Replies 200 to 299 to UPDATE received.",
    ),
    row("core", "rcv_replies_3xx", "Replies 300 to 399 received."),
    row(
        "core",
        "rcv_replies_3xx_bye",
        "Replies 300 to 399 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_cancel",
        "Replies 300 to 399 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_invite",
        "Replies 300 to 399 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_message",
        "Replies 300 to 399 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_prack",
        "Replies 300 to 399 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_refer",
        "Replies 300 to 399 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_reg",
        "Replies 300 to 399 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_3xx_update",
        "Replies 300 to 399 to UPDATE received.",
    ),
    row("core", "rcv_replies_4xx", "Replies 400 to 499 received."),
    row(
        "core",
        "rcv_replies_4xx_bye",
        "Replies 400 to 499 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_cancel",
        "Replies 400 to 499 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_invite",
        "Replies 400 to 499 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_message",
        "Replies 400 to 499 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_prack",
        "Replies 400 to 499 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_refer",
        "Replies 400 to 499 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_reg",
        "Replies 400 to 499 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_4xx_update",
        "Replies 400 to 499 to UPDATE received.",
    ),
    row("core", "rcv_replies_5xx", "Replies 500 to 599 received."),
    row(
        "core",
        "rcv_replies_5xx_bye",
        "Replies 500 to 599 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_cancel",
        "Replies 500 to 599 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_invite",
        "Replies 500 to 599 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_message",
        "Replies 500 to 599 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_prack",
        "Replies 500 to 599 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_refer",
        "Replies 500 to 599 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_reg",
        "Replies 500 to 599 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_5xx_update",
        "Replies 500 to 599 to UPDATE received.",
    ),
    row("core", "rcv_replies_6xx", "Replies 600 to 699 received."),
    row(
        "core",
        "rcv_replies_6xx_bye",
        "Replies 600 to 699 to BYE received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_cancel",
        "Replies 600 to 699 to CANCEL received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_invite",
        "Replies 600 to 699 to INVITE received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_message",
        "Replies 600 to 699 to MESSAGE received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_prack",
        "Replies 600 to 699 to PRACK received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_refer",
        "Replies 600 to 699 to REFER received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_reg",
        "Replies 600 to 699 to REGISTER received.",
    ),
    row(
        "core",
        "rcv_replies_6xx_update",
        "Replies 600 to 699 to UPDATE received.",
    ),
    row("core", "rcv_replies_401", "Replies 401 received."),
    row("core", "rcv_replies_404", "Replies 404 received."),
    row("core", "rcv_replies_407", "Replies 407 received."),
    row("core", "rcv_replies_480", "Replies 480 received."),
    row("core", "rcv_replies_486", "Replies 486 received."),
    row("core", "rcv_replies_18x", "Replies 180 to 189 received."),
    row("shmem", "total_size", "Memory that the machine has."),
    row("shmem", "free_size", "Memory that the machine has free."),
    row("shmem", "used_size", "Memory that the process holds."),
    row("shmem", "real_used_size", "Memory that the process holds."),
    row(
        "shmem",
        "max_used_size",
        "The most memory that the process held.",
    ),
    row("shmem", "fragments", "Always 0."),
    row(
        "tcp",
        "con_reset",
        "Connections that the peer or the network broke.",
    ),
    row("tcp", "con_timeout", "Connections closed for being idle."),
    row("tcp", "connect_failed", "Attempts to connect that failed."),
    row("tcp", "connect_success", "Connections that we opened."),
    row("tcp", "current_opened_connections", "Open connections."),
    row(
        "tcp",
        "current_write_queue_size",
        "Bytes that wait for their peers to read.",
    ),
    row(
        "tcp",
        "established",
        "Connections established by either side.",
    ),
    row(
        "tcp",
        "local_reject",
        "Connections refused because of a limit.",
    ),
    row("tcp", "passive_open", "Connections accepted."),
    row(
        "tcp",
        "send_timeout",
        "Connections closed because the peer did not read.",
    ),
    row(
        "tcp",
        "sendq_full",
        "Messages refused because a queue was full.",
    ),
];
