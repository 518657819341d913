//! The reason that a record shows for a reply made here: the usual phrase of its status, whatever
//! was sent.

/// The phrase that Kamailio shows for a status.
pub(super) fn usual(status: u16) -> &'static [u8] {
    match status {
        200 => b"OK",
        300 => b"Multiple Choices",
        301 => b"Moved Permanently",
        302 => b"Moved Temporarily",
        305 => b"Use Proxy",
        380 => b"Alternative Service",
        400 => b"Bad Request",
        401 => b"Unauthorized",
        402 => b"Payment Required",
        403 => b"Forbidden",
        404 => b"Not Found",
        405 => b"Method Not Allowed",
        406 | 606 => b"Not Acceptable",
        407 => b"Proxy Authentication Required",
        408 => b"Request Timeout",
        410 => b"Gone",
        413 => b"Request Entity Too Large",
        414 => b"Request-URI Too Long",
        415 => b"Unsupported Media Type",
        416 => b"Unsupported URI Scheme",
        417 => b"Bad Extension",
        421 => b"Extension Required",
        423 => b"Interval Too Brief",
        480 => b"Temporarily Unavailable",
        481 => b"Call/Transaction Does Not Exist",
        482 => b"Loop Detected",
        483 => b"Too Many Hops",
        484 => b"Address Incomplete",
        485 => b"Ambiguous",
        486 => b"Busy Here",
        487 => b"Request Terminated",
        488 => b"Not Acceptable Here",
        491 => b"Request Pending",
        500 => b"Server Internal Error",
        501 => b"Not Implemented",
        502 => b"Bad Gateway",
        503 => b"Service Unavailable",
        504 => b"Server Time-Out",
        505 => b"Version Not Supported",
        513 => b"Message Too Large",
        600 => b"Busy Everywhere",
        603 => b"Decline",
        604 => b"Does Not Exist Anywhere",
        _ => of_class(status),
    }
}

fn of_class(status: u16) -> &'static [u8] {
    match status / 100 {
        2 => b"Successful",
        3 => b"Redirection",
        4 => b"Request Failure",
        5 => b"Server Failure",
        _ => b"Global Failure",
    }
}
