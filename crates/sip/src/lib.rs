//! The SIP wire format: messages, headers, URIs, deferred edits and printing. No I/O.
