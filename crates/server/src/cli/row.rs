//! What a row of the table of options is made of.

/// How far an option is implemented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Does what Kamailio's does.
    Full,
    /// Does part of it; the text says which part.
    Partial(&'static str),
    /// Accepted and without effect; the text says why.
    Noop(&'static str),
}

impl Status {
    /// The word that `--exports` prints.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial(_) => "partial",
            Self::Noop(_) => "noop",
        }
    }
}

/// Names each option inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the rows of OPTIONS are the documentation")]
pub enum OptionId {
    AutoAliases,
    Alias,
    AllErrors,
    AtExit,
    Define,
    MaxRecvBuffer,
    MaxSendBuffer,
    Check,
    CfgPrint,
    CompatCheck,
    Diagnostics,
    DebugUp,
    Debug,
    Daemonize,
    Domain,
    LogColor,
    LogStderr,
    Exports,
    Config,
    Group,
    PgidFile,
    Help,
    Internals,
    ReplyVia,
    Listen,
    LoadModule,
    LogEngine,
    ModulePath,
    SharedMemory,
    ModParam,
    PrivateMemory,
    Children,
    TcpChildren,
    Optimization,
    PidFile,
    SctpChildren,
    ViaDns,
    ViaReverseDns,
    ServerId,
    Subst,
    SubstDef,
    SubstDefs,
    NoSctp,
    Chroot,
    NoTcp,
    User,
    Version,
    SharedManager,
    PrivateManager,
    RuntimeDir,
    WorkingDir,
    PollMethod,
}

impl OptionId {
    /// Whether Kamailio looks at the option's value only when it has looked at all others.
    pub(super) const fn is_late(self) -> bool {
        matches!(
            self,
            Self::AutoAliases
                | Self::MaxRecvBuffer
                | Self::Children
                | Self::TcpChildren
                | Self::SctpChildren
                | Self::PollMethod
                | Self::Listen
                | Self::ModParam
        )
    }
}

/// One option.
#[derive(Debug, PartialEq, Eq)]
pub struct OptionRow {
    /// What it is inside the program.
    pub id: OptionId,
    /// As it is written: `-a` or `--alias`.
    pub name: &'static str,
    /// The name of its value, if it takes one.
    pub value: Option<&'static str>,
    /// What the value is called in an error; the value's name when empty.
    pub what: &'static str,
    /// The words that it takes, when they are few.
    pub words: &'static str,
    /// What it does, for the help text.
    pub doc: &'static str,
    /// How far it is implemented.
    pub status: Status,
    /// Kamailio 5.6 has it too: only such names may be shortened to what is short for several.
    pub is_kamailios: bool,
}

impl OptionRow {
    /// What an error message calls the value.
    pub(super) fn noun(&self) -> &'static str {
        if self.what.is_empty() {
            self.value.unwrap_or("option")
        } else {
            self.what
        }
    }

    pub(super) const fn what(mut self, what: &'static str) -> Self {
        self.what = what;
        self
    }

    pub(super) const fn words(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }

    pub(super) const fn own(mut self) -> Self {
        self.is_kamailios = false;
        self
    }

    pub(super) const fn partial(mut self, reason: &'static str) -> Self {
        self.status = Status::Partial(reason);
        self
    }

    pub(super) const fn noop(mut self, reason: &'static str) -> Self {
        self.status = Status::Noop(reason);
        self
    }
}

pub(super) const fn flag(id: OptionId, name: &'static str, doc: &'static str) -> OptionRow {
    OptionRow {
        id,
        name,
        value: None,
        what: "",
        words: "",
        doc,
        status: Status::Full,
        is_kamailios: true,
    }
}

pub(super) const fn with(
    id: OptionId,
    name: &'static str,
    value: &'static str,
    doc: &'static str,
) -> OptionRow {
    OptionRow {
        id,
        name,
        value: Some(value),
        what: "",
        words: "",
        doc,
        status: Status::Full,
        is_kamailios: true,
    }
}
