//! Bytes in, bytes out: sockets, connections and name resolution.
