//! What other modules may use.

use sip::Method;

/// Kamailio's number of a method: one bit each, so that masks can be made of them.
#[must_use]
pub fn method_id(method: Method) -> i64 {
    match method {
        Method::Invite => 1,
        Method::Cancel => 2,
        Method::Ack => 4,
        Method::Bye => 8,
        Method::Info => 16,
        Method::Register => 32,
        Method::Subscribe => 64,
        Method::Notify => 128,
        Method::Message => 256,
        Method::Options => 512,
        Method::Prack => 1024,
        Method::Update => 2048,
        Method::Refer => 4096,
        Method::Publish => 8192,
        Method::Kdmq => 16_384,
        Method::Get => 32_768,
        Method::Post => 65_536,
        Method::Put => 131_072,
        Method::Delete => 262_144,
        Method::Other => 524_288,
    }
}
