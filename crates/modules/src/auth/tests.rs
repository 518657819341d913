//! What cannot be compared with Kamailio 5.6.3: randomness, restarts, other servers, misuse.
