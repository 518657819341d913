//! Answers as kamcmd prints them.

use engine::rpc::RpcValue;

/// A line for each value; structures are indented by tabs.
pub(crate) fn values(values: &[RpcValue]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values {
        print(value, 0, &mut out);
        out.push(b'\n');
    }
    out
}

fn print(value: &RpcValue, depth: usize, out: &mut Vec<u8>) {
    match value {
        RpcValue::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
        RpcValue::Double(d) => out.extend_from_slice(format!("{d:.6}").as_bytes()),
        RpcValue::Text(text) => out.extend_from_slice(text),
        RpcValue::Null => {}
        RpcValue::Struct(members) => {
            out.extend_from_slice(b"{\n");
            for (name, member) in members {
                tabs(depth + 1, out);
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b": ");
                print(member, depth + 1, out);
                out.push(b'\n');
            }
            tabs(depth, out);
            out.push(b'}');
        }
        RpcValue::List(items) => {
            out.extend_from_slice(b"[\n");
            for item in items {
                tabs(depth + 1, out);
                print(item, depth + 1, out);
                out.push(b'\n');
            }
            tabs(depth, out);
            out.push(b']');
        }
    }
}

fn tabs(count: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + count, b'\t');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_kamcmd() {
        let inner = RpcValue::Struct(vec![("proto".into(), "udp".into())]);
        let outer = RpcValue::Struct(vec![("socket".into(), inner), ("n".into(), 5.into())]);
        assert_eq!(
            values(&[outer, "text".into()]),
            b"{\n\tsocket: {\n\t\tproto: udp\n\t}\n\tn: 5\n}\ntext\n"
        );
    }
}
