//! The names of the timers, with the section that defines each and the interval that Kamailio gives it.
//!
//! Timers that only repeat a message (A, E: requests; G: a negative final reply; each from `retr_timer1` doubling to
//! `retr_timer2`) run inside the machines and show as retransmissions. Timers D, I, J, K, L and M, which wait for delayed
//! messages, are one wait timer (`wt_timer`) that begins with the final reply and shows as `Terminated`.

/// A timer whose firing is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// INVITE without any reply (RFC 3261 §17.1.1.2): `fr_timer`.
    B,
    /// INVITE without a final reply after a provisional one (§16.6 item 11): `fr_inv_timer`.
    C,
    /// Non-INVITE without a final reply (§17.1.2.2): `fr_timer`.
    F,
    /// Negative final reply to an INVITE without ACK (§17.2.1): `fr_timer`.
    H,
    /// The transaction as a whole has been active for too long: `max_inv_lifetime`, `max_noninv_lifetime`.
    Lifetime,
}
