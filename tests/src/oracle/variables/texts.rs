//! Texts with variables in them.

use crate::oracle::{Form, Row};

/// The texts, as they are printed.
pub(super) fn rows() -> Vec<Row> {
    let texts = [
        "$ru",
        "$$",
        "$$ru",
        "a$rU,b",
        "$rU.x",
        "$rU-x",
        "$(rU)x",
        "${rU}",
        "100% $rU %d",
        "$var(i)$var(s)",
        "$rU$rd",
        "$fU@$fd",
        "$(hdr(X-List)[0])-$(hdr(X-List)[1])",
        "$hdr(X-List)",
        "$avp(m)|$(avp(m)[*])",
        "$xavp(one=>a)",
        "$(ru{s.len})",
        "<$null>",
        "$si:$sp",
        "[$avp(u)]",
        "$(avp(u){s.len})",
        "a\\tb",
        "a\\\"b",
        "$var(e)|",
        "$_s($ru)",
        "$rm $ru $rv",
        "$$(ru)",
        "$(var(csv){s.select,1,,})",
        "$rs $rr",
        "@method",
        "$sel(method)",
        "$var(never)|$vn(never)",
        "$( rU )",
        "$rU($rd)",
        "$fu;tag=$ft",
        "$tu;tag=$tt",
        "$cs $rm",
        "$C(rx)red$C(xx)",
        // The text's own escapes are read before its transformations.
        "$(var(lines){s.rm,\\r})",
        "$(var(lines){s.rm,\\n})",
        "$(var(lines){s.rm,\\r\\n})",
        "$(var(lines){s.rm,\\\\r})",
        "$(var(pad){s.rm,\\t})",
        "$(var(space){s.rm,\\t})",
        "$(var(lines){s.replace,\\r\\n,|})",
        "$(var(lines){s.replace,\\n,\\t})",
        "$(var(lines){s.count,\\n})",
        "$(var(lines){s.select,1,\\n})",
        "$(var(lines){s.before,\\n})",
        "$(var(lines){s.after,\\n})",
        "$(var(lines){s.after,\\r})",
        "$(var(lines){s.stripto,\\n})",
        "$(var(lines){re.subst,/\\r\\n/|/})",
        "$(var(lines){line.sw,\\n})",
    ];
    texts
        .into_iter()
        .map(|text| Row::new(Form::Text, text))
        .collect()
}
