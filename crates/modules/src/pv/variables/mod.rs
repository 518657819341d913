//! The rows, by topic.

mod addresses;
pub(crate) mod avp;
mod branches;
mod credentials;
mod headers;
mod message;
mod network;
mod request;
mod script_vars;
mod sending;
mod times;
mod vias;
mod wire;
pub(crate) mod xavp;

use engine::module::Variable;
use engine::table;

const PARTS: &[&[Variable]] = &[
    addresses::ROWS,
    avp::ROWS,
    branches::ROWS,
    credentials::ROWS,
    headers::ROWS,
    message::ROWS,
    network::ROWS,
    request::ROWS,
    script_vars::ROWS,
    sending::ROWS,
    times::ROWS,
    vias::ROWS,
    wire::ROWS,
    xavp::ROWS,
];

/// Every variable of the module.
pub(super) static TABLE: [Variable; table::total(PARTS)] = table::join(PARTS);
