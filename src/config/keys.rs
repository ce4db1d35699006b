//! The one table of scalar keys.

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Path,
    Bool,
    /// A whole number within these bounds.
    Int(u64, u64),
    /// Bytes: an integer or a text such as `64MB`, within these bounds.
    Bytes(u64, u64),
    OneOf(&'static [&'static str]),
    /// A list of texts; in the environment separated by commas.
    List,
}

pub(super) struct Key {
    /// `section.key`.
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// As it would stand in the file, without quotes. Empty: unset.
    pub(super) default: &'static str,
    /// One line for the example file.
    pub(super) why: &'static str,
}

const fn key(name: &'static str, form: Form, default: &'static str, why: &'static str) -> Key {
    Key { name, form, default, why }
}

const GIB: u64 = 1 << 30;

pub(super) const KEYS: &[Key] = &[
    key(
        "server.listen",
        Form::Text,
        "127.0.0.1:8190",
        "address of the listener that serves every family; \"\" = only those under [[listeners]]",
    ),
    key(
        "server.data_dir",
        Form::Path,
        "",
        "state, key file and spool; unset = $XDG_STATE_HOME/syncline, else ~/.local/state/syncline, else /var/lib/syncline",
    ),
    key("server.shutdown_seconds", Form::Int(1, 3600), "30", "how long a stop waits for running jobs to record where they are"),
    key("server.node_name", Form::Text, "", "how this node is called; unset = the machine's host name"),
    key("server.region", Form::Text, "global", "shown with the node"),
    key("server.datacenter", Form::Text, "dc1", "shown with the node"),
    key(
        "security.allow_anonymous_network",
        Form::Bool,
        "false",
        "true = a listener beyond loopback may start without [auth]; warned about at every start",
    ),
    key(
        "security.allow_endpoints",
        Form::List,
        "",
        "servers that jobs and tasks may reach: host, host:port, *.suffix or CIDR; unset = all but link-local and metadata addresses",
    ),
    key("security.rsa_private_key_file", Form::Path, "", "PEM key that opens RSA-encrypted passwords of dtle clients"),
    key("log.level", Form::Text, "info", "trace, debug, info, warn or error; also per module: \"info,syncline::replicate=debug\""),
    key("log.format", Form::OneOf(&["auto", "text", "json"]), "auto", "auto = text on a terminal, JSON elsewhere"),
    key("log.memory_bytes", Form::Bytes(64 << 10, GIB), "8MB", "recent lines kept for `syncline logs`"),
    key("compat.dtle_errors", Form::OneOf(&["http", "always_500"]), "http", "always_500 = dtle clients get the status they had before"),
    key("replication.memory_bytes", Form::Bytes(8 << 20, 1 << 40), "64MB", "rows in flight per job"),
    key("replication.spool_bytes", Form::Bytes(64 << 20, 1 << 50), "8GB", "disk per job for log that is read and not applied yet"),
    key(
        "replication.stall_seconds",
        Form::Int(10, 86400),
        "60",
        "a job that makes no progress for so long, while its source does, is stalled and begins again",
    ),
    key("replication.lag_seconds", Form::Int(1, 86400), "10", "a job that is further behind counts as lagging"),
    key("replication.copy_workers", Form::Int(1, 64), "2", "copy connections of a job that does not say"),
    key(
        "replication.apply_workers",
        Form::Int(1, 64),
        "4",
        "connections that apply a job's stream, where it does not say; 1 = commits in the source's order",
    ),
    key("files.dir", Form::Path, "", "folder that jobs may write files of messages to; unset = such jobs are refused"),
    key("tasks.time_zone", Form::Text, "", "zone of tasks that name none, e.g. Asia/Shanghai; unset = the machine's"),
    key("tasks.grace_seconds", Form::Int(0, 604_800), "3600", "a fire that was missed for longer than this does not run any more"),
    key("tasks.deadline_seconds", Form::Int(1, 604_800), "21600", "longest time that a task's run may take"),
    key("tasks.concurrent_runs", Form::Int(1, 1000), "16", "runs of tasks that work at a time; others wait"),
    key(
        "hosts.endpoint",
        Form::Text,
        "",
        "Elasticsearch or OpenSearch that host metrics come from: http(s)://host:port[/path], of tasks that name none",
    ),
    key(
        "hosts.style",
        Form::OneOf(&["search", "proxy"]),
        "search",
        "search = POST {endpoint}/{index}/_search; proxy = POST {endpoint} with the index in the body",
    ),
    key("hosts.index_pattern", Form::Text, "", "indices, e.g. \"cluster*:data-zabbix-host-monitor-*\", of tasks that name none"),
    key("hosts.group", Form::Text, "DB组", "group of a full sync that names none"),
    key("hosts.user", Form::Text, "", "user for HTTP Basic; credentials are sent to the server of hosts.endpoint only"),
    key("hosts.password_file", Form::Path, "", "file that holds the user's password"),
    key("hosts.api_key_file", Form::Path, "", "file that holds an API key (the encoded form), instead of a user"),
    key("hosts.bearer_file", Form::Path, "", "file that holds a bearer token, instead of a user"),
    key("hosts.ca_file", Form::Path, "", "PEM with certificate authorities to trust besides the system's"),
    key("hosts.batch_hosts", Form::Int(1, 5000), "500", "hosts asked for in one request; 1 = a request for each host"),
    key("hosts.in_flight", Form::Int(1, 10), "10", "requests under way at a time, per run"),
    key("hosts.request_seconds", Form::Int(1, 3600), "30", "longest time of one request, its answer read to the end"),
    key("hosts.response_bytes", Form::Bytes(64 << 10, GIB), "32MB", "largest answer"),
    key(
        "hosts.database",
        Form::Text,
        "",
        "CMDB with hosts_pool and server_resources: mysql://user@host:3306/database; unset = embedded, in server.data_dir",
    ),
    key("hosts.database_password_file", Form::Path, "", "file that holds the database user's password"),
    key("hosts.database_tls", Form::OneOf(&["disabled", "preferred", "required", "verify_identity"]), "preferred", "TLS to the database"),
    key("hosts.database_ca_file", Form::Path, "", "PEM with the authorities to trust for the database"),
    key("hosts.field_time", Form::Text, "@timestamp", "field of the documents that holds their time"),
    key("hosts.field_ip", Form::Text, "hostIp", "field with the host's address; text fields are read through .keyword by themselves"),
    key("hosts.field_name", Form::Text, "hostName.keyword", "field with the host's name"),
    key("hosts.field_group", Form::Text, "group.keyword", "field with the host's group"),
    key(
        "hosts.field_cpu",
        Form::Text,
        "cpu",
        "field with CPU use in percent; of an object the path of its largest value, e.g. cpu.value_max",
    ),
    key("hosts.field_cpu_avg", Form::Text, "", "field to average; unset = field_cpu. Of an object e.g. cpu.value_avg"),
    key("hosts.field_memory", Form::Text, "available_memory", "field with memory in GB"),
    key("hosts.field_memory_avg", Form::Text, "", "field to average; unset = field_memory"),
    key("hosts.field_disk", Form::Text, "total_disk_space_all", "field with disk space in GB"),
    key("hosts.field_disk_avg", Form::Text, "", "field to average; unset = field_disk"),
    key("history.keep_runs", Form::Int(1, 1_000_000), "100", "ended runs kept per job"),
    key("history.keep_days", Form::Int(1, 36500), "90", "ended runs older than this are deleted; a job's totals stay"),
    key("dms.enabled", Form::Bool, "true", "false = market data is neither opened nor served"),
    key("dms.role", Form::OneOf(&["master", "slave"]), "master", "a slave takes bars from its master only and serves them read-only"),
    key("dms.master", Form::Text, "", "a slave's master: http://host:11183; without it the first one that brings bars stays its master"),
    key(
        "dms.cluster_token_file",
        Form::Path,
        "",
        "file with the token that dms daemons show each other: an operator's in [auth] of the other one",
    ),
    key("dms.pull_seconds", Form::Int(0, 86_400), "30", "how often a slave asks its master for changes; 0 = only when told to"),
    key("dms.push_seconds", Form::Int(0, 86_400), "30", "how often a master brings changes to its slaves; 0 = only when told to"),
    key(
        "dms.holidays_file",
        Form::Path,
        "",
        "days on which exchanges are closed, \"HK 2024-02-12\", or end early, \"HK 2024-02-09 12:00\"; New York's are known",
    ),
    key("dms.settle_minutes", Form::Int(0, 10_080), "15", "how long sources take to have a bar right after it is over"),
    key("dms.concurrent_symbols", Form::Int(1, 1000), "8", "symbols that a task works on at a time"),
    key("limits.body_bytes", Form::Bytes(1 << 10, GIB), "8MB", "largest request body"),
    key("limits.import_bytes", Form::Bytes(1 << 20, 1 << 40), "1GB", "largest CSV body of a bars import, which is read as it comes"),
    key("limits.request_seconds", Form::Int(1, 3600), "60", "longest time that a request may take"),
    key("limits.concurrent_requests", Form::Int(1, 100_000), "256", "requests served at a time; more are answered 503"),
];

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

impl Key {
    /// Returns `SYNCLINE_SECTION_KEY`.
    pub(super) fn env(&self) -> String {
        format!("SYNCLINE_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// Returns the sections in order.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<&str> = Vec::new();
    for key in KEYS {
        let section = key.name.split('.').next().expect("split yields at least one part");
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    sections
}
