//! Random configurations by seed: statements, expressions, blocks and parameters in legal shapes, of
//! which some have a word changed.

use fastrand::Rng;

/// What stands before every random part.
pub const BASE: &str = "\
debug=1
log_stderror=yes
listen=udp:127.0.48.1:5060
loadmodule \"tm.so\"
loadmodule \"tmx.so\"
loadmodule \"sl.so\"
loadmodule \"rr.so\"
loadmodule \"pv.so\"
loadmodule \"maxfwd.so\"
loadmodule \"textops.so\"
loadmodule \"siputils.so\"
loadmodule \"xlog.so\"
loadmodule \"htable.so\"
loadmodule \"corex.so\"
modparam(\"tm\", \"failure_reply_mode\", 3)
flags FLT_A:5, FLT_B
avpflags AF
";

/// How deep statements and expressions are nested.
const MAX_DEPTH: u32 = 2;

/// The configuration of a seed.
#[must_use]
pub fn config(seed: u64) -> String {
    let mut maker = Maker {
        rng: Rng::with_seed(seed),
    };
    let mut text = String::new();
    for _ in 0..maker.rng.usize(1..3) {
        text.push_str(&maker.item());
        text.push('\n');
    }
    if maker.one_in(3) {
        text = maker.changed(&text);
    }
    format!("{BASE}{text}request_route {{\n\texit;\n}}\n")
}

const VARIABLES: [&str; 26] = [
    "$var(x)",
    "$var(y)",
    "$avp(a)",
    "$avp(s:b)",
    "$(avp(a)[0])",
    "$(avp(a)[*])",
    "$ru",
    "$rU",
    "$rd",
    "$du",
    "$si",
    "$rm",
    "$fu",
    "$tU",
    "$ci",
    "$rs",
    "$retcode",
    "$hdr(X)",
    "$(hdr(Via)[-1])",
    "$xavp(a=>b)",
    "$xavp(a[0]=>b[1])",
    "$sht(t=>k)",
    "$shv(x)",
    "$T_branch_idx",
    "$null",
    "$(ru{uri.user})",
];

const TRANSFORMATIONS: [&str; 12] = [
    "{s.len}",
    "{s.int}",
    "{s.substr,0,2}",
    "{s.select,0,;}",
    "{uri.host}",
    "{param.value,a}",
    "{nameaddr.uri}",
    "{s.md5}",
    "{re.subst,/a/b/g}",
    "{s.nosuch}",
    "{s.substr}",
    "{nosuch.len}",
];

const SELECTS: [&str; 8] = [
    "@ruri.user",
    "@method",
    "@via[1].host",
    "@hf_value[\"X\"]",
    "@hf_value.from",
    "@cfg_get.core.debug",
    "@nosuch.name",
    "@from.uri.params",
];

const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "5",
    "42",
    "0x1f",
    "017",
    "101b",
    "2147483648",
    "yes",
    "off",
];

const STRINGS: [&str; 10] = [
    "\"a\"",
    "\"\"",
    "'b'",
    "\"200\"",
    "\"$var(x) $ru\"",
    "\"a\" \"b\"",
    "\"a\\n\\\"\\x41\"",
    "\"^sip:(.*)@\"",
    "'$ru'",
    "\"x$(ru{s.len})\"",
];

const OPERATORS: [&str; 30] = [
    "==", "!=", "=~", "<", ">", "<=", ">=", "&&", "||", "and", "or", "+", "-", "*", "/", "mod",
    "|", "&", "^", "<<", ">>", "eq", "ne", "ieq", "ine", "==", "==", "+", "&&", "||",
];

const UNARY: [&str; 10] = [
    "!",
    "not ",
    "-",
    "~",
    "(int)",
    "(str)",
    "defined ",
    "strlen(",
    "strempty(",
    "+",
];

/// Comparisons of what only the core knows.
const KEYWORD_TESTS: [&str; 22] = [
    "method == \"INVITE\"",
    "method == INVITE",
    "method =~ \"A|B\"",
    "uri == myself",
    "uri != myself",
    "uri =~ \"^sip:\"",
    "from_uri == myself",
    "src_ip == 10.0.0.1",
    "src_ip == 10.0.0.0/8",
    "src_ip != myself",
    "src_ip == \"10.0.0.1\"",
    "dst_ip == [::1]",
    "dst_port == 5060",
    "dst_port > 5000",
    "src_port != $var(x)",
    "proto == UDP",
    "proto != tcp",
    "af == INET6",
    "msg:len > 1000",
    "status == \"200\"",
    "status =~ \"[56]..\"",
    "myself == uri",
];

/// Calls; `E` stands for an expression, `S` for a text, `V` for a variable, `N` for a number.
const CALLS: [&str; 50] = [
    "xlog(S)",
    "xlog(\"L_INFO\", S)",
    "xlog(V)",
    "xlog(E)",
    "sl_send_reply(\"404\", S)",
    "sl_send_reply(\"404\", \"Not here\")",
    "sl_send_reply(N, \"Not here\")",
    "send_reply(\"$var(x)\", S)",
    "t_relay()",
    "t_newtran()",
    "t_reply(\"500\", \"Error\")",
    "t_on_failure(\"F\")",
    "t_on_branch(\"B\")",
    "t_set_fr(\"1000\", \"2000\")",
    "t_set_fr(N)",
    "t_check_trans()",
    "t_any_timeout()",
    "record_route()",
    "loose_route()",
    "add_rr_param(S)",
    "mf_process_maxfwd_header(\"10\")",
    "is_method(\"INVITE|BYE\")",
    "is_method(V)",
    "has_totag()",
    "append_hf(S)",
    "append_hf(S, S)",
    "remove_hf(\"X\")",
    "is_present_hf(\"X\")",
    "search(S)",
    "subst(\"/a/b/\")",
    "subst_uri('/a/b/')",
    "setflag(FLT_A)",
    "setflag(3)",
    "setflag(N)",
    "isflagset(FLT_B)",
    "resetflag(\"FLT_A\")",
    "setavpflag(%a, AF)",
    "rewritehost(\"a.example\")",
    "rewriteuser(S)",
    "strip(1)",
    "strip(N)",
    "prefix(\"1\")",
    "append_branch(S)",
    "append_branch()",
    "force_rport()",
    "force_rport",
    "add_local_rport()",
    "forward(uri:host, uri:port)",
    "forward(10.0.0.1, 5060)",
    "no_such_function(E)",
];

const PARAMETERS: [&str; 24] = [
    "children=N",
    "debug=N",
    "fork=N",
    "log_facility=LOG_LOCAL0",
    "log_prefix=S",
    "server_header=S",
    "user_agent_header=S",
    "disable_tcp=N",
    "tcp_connection_lifetime=N",
    "alias=a.example",
    "alias=S",
    "listen=udp:127.0.48.2:5060 name S",
    "listen=tcp:127.0.48.3:5061 advertise 192.0.2.1:5060",
    "mhomed=N",
    "max_while_loops=N",
    "tos=IPTOS_LOWDELAY",
    "udp_mtu=N",
    "udp_mtu_try_proto=TCP",
    "dns_try_ipv6=N",
    "version_table=S",
    "xavp_via_params=S",
    "onsend_route_reply=N",
    "own.value=N",
    "own.text=S desc S",
];

const MODULE_PARAMETERS: [&str; 16] = [
    "modparam(\"tm\", \"fr_timer\", N)",
    "modparam(\"tm\", \"fr_timer\", S)",
    "modparam(\"tm\", \"contacts_avp\", S)",
    "modparam(\"tm\", \"failure_reply_mode\", N)",
    "modparam(\"tm|rr\", \"enable_full_lr\", N)",
    "modparam(\"rr\", \"enable_full_lr\", N)",
    "modparam(\"rr\", \"append_fromtag\", N)",
    "modparam(\"htable\", \"htable\", \"t=>size=8;autoexpire=5;\")",
    "modparam(\"htable\", \"htable\", \"size=8\")",
    "modparam(\"xlog\", \"prefix\", S)",
    "modparam(\"xlog\", \"force_color\", N)",
    "modparam(\"pv\", \"shvset\", \"x=i:5\")",
    "modparam(\"pv\", \"varset\", \"x=s:a\")",
    "modparam(\"pv\", \"shvset\", S)",
    "modparam(\"nosuch\", \"value\", N)",
    "modparam(\"sl\", \"default_code\", N)",
];

const HEADS: [&str; 12] = [
    "route[A]",
    "route[A]",
    "route[1]",
    "route[\"a-b\"]",
    "route",
    "reply_route",
    "onreply_route[A]",
    "failure_route[F]",
    "branch_route[B]",
    "onsend_route",
    "event_route[tm:local-request]",
    "event_route[e:x]",
];

/// Words that take the place of others.
const STRAY: [&str; 46] = [
    ";",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ".",
    "=",
    "==",
    "!",
    "&&",
    "-",
    "+",
    "/",
    "5",
    "\"a\"",
    "$var(x)",
    "$ru",
    "@method",
    "if",
    "else",
    "while",
    "switch",
    "case",
    "default",
    "break",
    "return",
    "exit",
    "drop",
    "route",
    "method",
    "uri",
    "myself",
    "foo",
    "udp",
    "yes",
    "10.0.0.1",
    "%a",
    "defined",
    "strlen",
    "(int)",
    "#!ifdef A\n",
    "/*",
];

struct Maker {
    rng: Rng,
}

impl Maker {
    fn one_in(&mut self, count: u32) -> bool {
        self.rng.u32(0..count) == 0
    }

    fn pick(&mut self, of: &[&'static str]) -> &'static str {
        of[self.rng.usize(0..of.len())]
    }

    fn item(&mut self) -> String {
        match self.rng.u32(0..12) {
            0 | 1 => self.filled(&PARAMETERS, 0),
            2 | 3 => self.filled(&MODULE_PARAMETERS, 0),
            4 => {
                let value = self.expression(1);
                format!("#!define NAME {value}\nroute[D] {{ $var(x) = NAME; }}")
            }
            5 => {
                let (inner, other) = (self.block(), self.block());
                let negation = self.pick(&["ifdef", "ifndef"]);
                format!("#!{negation} NAME\n{inner}\n#!else\n{other}\n#!endif")
            }
            _ => self.block(),
        }
    }

    fn block(&mut self) -> String {
        let head = self.pick(&HEADS);
        format!("{head} {{\n{}}}", self.statements(0))
    }

    fn statements(&mut self, depth: u32) -> String {
        let count = self.rng.usize(1..3);
        (0..count).map(|_| self.statement(depth) + "\n").collect()
    }

    fn statement(&mut self, depth: u32) -> String {
        let is_deep = depth >= MAX_DEPTH;
        match self.rng.u32(0..if is_deep { 9 } else { 14 }) {
            0..=2 => {
                let target = self.variable(depth);
                format!("{target} = {};", self.expression(depth))
            }
            3..=5 => self.filled(&CALLS, depth) + ";",
            6 => {
                let way = self.pick(&["return", "exit", "drop"]);
                let value = match self.rng.u32(0..4) {
                    0 => format!(" {}", self.expression(depth)),
                    1 => format!("({})", self.expression(depth)),
                    2 => "()".to_owned(),
                    _ => String::new(),
                };
                format!("{way}{value};")
            }
            7 => {
                let name = self.pick(&["A", "\"A\"", "1", "$var(x)", "\"a-b\"", "NOSUCH"]);
                format!("route({name});")
            }
            8 => self
                .pick(&["break;", ";", "%a = \"b\";", "$x = 1;"])
                .to_owned(),
            9..=11 => {
                let condition = self.condition(depth);
                let then = self.body(depth);
                let otherwise = match self.rng.u32(0..3) {
                    0 => format!(" else {}", self.body(depth)),
                    1 => {
                        let condition = self.condition(depth);
                        format!(" else if {condition} {}", self.body(depth))
                    }
                    _ => String::new(),
                };
                format!("if {condition} {then}{otherwise}")
            }
            12 => format!("while {} {}", self.condition(depth), self.body(depth)),
            _ => self.switch(depth),
        }
    }

    fn body(&mut self, depth: u32) -> String {
        match self.one_in(3) {
            true => self.statement(depth + 1),
            false => format!("{{ {} }}", self.statements(depth + 1)),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        let test = self.expression(depth);
        match self.one_in(8) {
            true => test,
            false => format!("({test})"),
        }
    }

    fn switch(&mut self, depth: u32) -> String {
        let mut text = format!("switch ({}) {{\n", self.expression(depth + 1));
        let of_numbers = self.one_in(2);
        for _ in 0..self.rng.u32(0..4) {
            let label = match (self.one_in(8), of_numbers) {
                (true, _) => self.expression(depth + 1),
                (false, true) => self.pick(&NUMBERS).to_owned(),
                (false, false) if self.one_in(3) => format!("/{}", self.pick(&STRINGS)),
                (false, false) => self.pick(&STRINGS).to_owned(),
            };
            let body = self.statements(depth + 1);
            text.push_str(&format!("case {label}: {body}"));
        }
        if self.one_in(2) {
            text.push_str(&format!("default: {}", self.statements(depth + 1)));
        }
        text + "}"
    }

    fn variable(&mut self, _depth: u32) -> String {
        let name = self.pick(&VARIABLES);
        if self.one_in(8)
            && let Some(name) = name.strip_prefix('$').filter(|name| !name.starts_with('('))
        {
            return format!("$({name}{})", self.pick(&TRANSFORMATIONS));
        }
        name.to_owned()
    }

    fn expression(&mut self, depth: u32) -> String {
        let is_deep = depth >= MAX_DEPTH;
        match self.rng.u32(0..if is_deep { 8 } else { 14 }) {
            0 | 1 => self.variable(depth),
            2 => self.pick(&NUMBERS).to_owned(),
            3 | 4 => self.pick(&STRINGS).to_owned(),
            5 => self.pick(&SELECTS).to_owned(),
            6 => self.pick(&KEYWORD_TESTS).to_owned(),
            7 => self.filled(&CALLS, depth + 1),
            8 => {
                let operator = self.pick(&UNARY);
                let operand = self.expression(depth + 1);
                match operator.ends_with('(') && operator.len() > 1 {
                    true => format!("{operator}{operand})"),
                    false => format!("{operator}{operand}"),
                }
            }
            9 => format!("({})", self.expression(depth + 1)),
            10 if self.one_in(3) => {
                let parts: Vec<String> = (0..3).map(|_| self.expression(depth + 1)).collect();
                format!("selval({})", parts.join(", "))
            }
            _ => {
                let left = self.expression(depth + 1);
                let operator = self.pick(&OPERATORS);
                format!("{left} {operator} {}", self.expression(depth + 1))
            }
        }
    }

    /// One of these texts with its letters filled in.
    fn filled(&mut self, texts: &[&'static str], depth: u32) -> String {
        let text = self.pick(texts);
        let mut out = String::new();
        let mut before = ' ';
        for (at, letter) in text.char_indices() {
            let next = text[at + 1..].chars().next().unwrap_or(' ');
            let is_alone = !before.is_ascii_alphanumeric()
                && !next.is_ascii_alphanumeric()
                && !matches!((before, next), ('"' | '_', _) | (_, '"' | '_'));
            match letter {
                'E' if is_alone => out.push_str(&self.expression(depth + 1)),
                'S' if is_alone => out.push_str(self.pick(&STRINGS)),
                'V' if is_alone => out.push_str(&self.variable(depth)),
                'N' if is_alone => out.push_str(self.pick(&NUMBERS)),
                letter => out.push(letter),
            }
            before = letter;
        }
        out
    }

    /// The text with one of its words left out, said twice, or another one in its place.
    fn changed(&mut self, text: &str) -> String {
        let words: Vec<&str> = text
            .split_inclusive([' ', '\n', '(', ')', ';', ','])
            .collect();
        let at = self.rng.usize(0..words.len());
        let stray = self.pick(&STRAY);
        let how = self.rng.u32(0..4);
        let mut out = String::new();
        for (number, word) in words.into_iter().enumerate() {
            match (number == at, how) {
                (false, _) => out.push_str(word),
                (true, 0) => {}
                (true, 1) => out.push_str(&word.repeat(2)),
                (true, 2) => out.push_str(&format!("{stray} ")),
                (true, _) => out.push_str(&format!("{word} {stray} ")),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::config;

    #[test]
    fn a_seed_is_always_the_same_configuration() {
        assert_eq!(config(7), config(7));
        assert_ne!(config(7), config(8));
    }
}
