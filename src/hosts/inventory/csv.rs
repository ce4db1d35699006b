//! The pool as CSV: what spreadsheets and other CMDBs give, and what `hosts export` writes. An export can be imported.

use crate::hosts::address::read;
use crate::hosts::{Error, Result};
use crate::model::hosts::{Host, HostFacts, HostResources};
use std::collections::HashMap;
use std::net::IpAddr;

/// Columns of an export; the first eight are read by an import, under these names or those after them.
const HEADER: [&str; 13] = [
    "host_ip",
    "host_name",
    "host_type",
    "group_name",
    "vcpus",
    "ram",
    "disk_size",
    "remark",
    "id",
    "cpu_load",
    "used_memory",
    "total_disk",
    "measured",
];
const OTHER_NAMES: [(&str, &str); 7] = [
    ("ip", "host_ip"),
    ("name", "host_name"),
    ("type", "host_type"),
    ("group", "group_name"),
    ("cpus", "vcpus"),
    ("memory_gb", "ram"),
    ("disk_gb", "disk_size"),
];
/// Columns that an import reads.
const READ: usize = 8;

/// What a CSV file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvHosts {
    /// One for each address; a later line adds to an earlier one.
    pub hosts: Vec<(IpAddr, HostFacts)>,
    /// Columns that are not read.
    pub ignored: Vec<String>,
}

/// Reads CSV with a header line that has at least `host_ip` (or `ip`). An error names the line.
pub fn read_csv(bytes: &[u8]) -> Result<CsvHosts> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).comment(Some(b'#')).from_reader(bytes);
    let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
    let mut columns: [Option<usize>; READ] = [None; READ];
    let mut ignored = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let name = name.to_ascii_lowercase();
        let name = OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(name.as_str(), |(_, own)| *own);
        match HEADER.iter().take(READ).position(|known| *known == name) {
            Some(column) if columns[column].is_none() => columns[column] = Some(at),
            Some(_) => return Err(bad(format!("the column {name} is there twice"))),
            None if HEADER.contains(&name) => {}
            None => ignored.push(name.to_owned()),
        }
    }
    if columns[0].is_none() {
        return Err(bad("the header has no column host_ip").hint(format!("columns that are read: {}", HEADER[..READ].join(", "))));
    }
    let (mut hosts, mut at): (Vec<(IpAddr, HostFacts)>, HashMap<IpAddr, usize>) = (Vec::new(), HashMap::new());
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(&e))?;
        let line = record.position().map_or(0, ::csv::Position::line);
        let (ip, facts) = host(&record, &columns).map_err(|why| bad(format!("line {line}: {why}")))?;
        match at.get(&ip) {
            Some(&known) => hosts[known].1 = hosts[known].1.under(&facts),
            None => {
                at.insert(ip, hosts.len());
                hosts.push((ip, facts));
            }
        }
    }
    Ok(CsvHosts { hosts, ignored })
}

fn host(record: &::csv::StringRecord, columns: &[Option<usize>; READ]) -> Result<(IpAddr, HostFacts), String> {
    let text = |column: usize| columns[column].and_then(|at| record.get(at)).unwrap_or_default();
    let number = |column: usize| match text(column) {
        "" => Ok(None),
        text => text.parse::<u32>().map(Some).map_err(|_| format!("{} {text:?} is not a whole number", HEADER[column])),
    };
    let ip = read(text(0)).ok_or_else(|| format!("{:?} is not an address", text(0)))?;
    let facts = HostFacts {
        name: text(1).to_owned(),
        host_type: text(2).to_owned(),
        group: text(3).to_owned(),
        cpus: number(4)?,
        memory_gb: number(5)?,
        disk_gb: number(6)?,
        remark: text(7).to_owned(),
    };
    Ok((ip, facts))
}

fn bad(message: impl Into<String>) -> Error {
    Error::permanent("bad_csv", message)
}

fn unreadable(error: &::csv::Error) -> Error {
    let line = error.position().map_or(0, ::csv::Position::line);
    match error.kind() {
        ::csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            bad(format!("line {line}: {len} fields, the header has {expected_len}"))
        }
        ::csv::ErrorKind::Utf8 { .. } => bad(format!("line {line}: not UTF-8")),
        _ => bad("not CSV"),
    }
}

/// Writes hosts with their figures, header first.
pub fn write_csv(hosts: &[(Host, HostResources)]) -> Result<String> {
    let failed = |e: ::csv::Error| Error::permanent("bad_csv", "cannot write CSV").because(e);
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(failed)?;
    for (Host { id, ip, facts, created: _, updated: _ }, HostResources { cpu_load, used_memory, total_disk, updated }) in hosts {
        let HostFacts { name, host_type, group, cpus, memory_gb, disk_gb, remark } = facts;
        let whole = |n: &Option<u32>| n.map_or_else(String::new, |n| n.to_string());
        let figure = |n: &Option<f64>| n.map_or_else(String::new, |n| n.to_string());
        let measured = updated.map_or_else(String::new, |t| t.to_string());
        let fields = [
            ip.to_string(),
            name.clone(),
            host_type.clone(),
            group.clone(),
            whole(cpus),
            whole(memory_gb),
            whole(disk_gb),
            remark.clone(),
            id.to_string(),
            figure(cpu_load),
            figure(used_memory),
            figure(total_disk),
            measured,
        ];
        writer.write_record(fields).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::permanent("bad_csv", "cannot write CSV").because(e.into_error()))?;
    String::from_utf8(bytes).map_err(|e| Error::permanent("bad_csv", "cannot write CSV").because(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_can_be_imported() {
        let facts = HostFacts {
            name: "数据库, \"eins\"".into(),
            group: "DB组".into(),
            cpus: Some(8),
            remark: "a\nb".into(),
            ..HostFacts::default()
        };
        let host =
            |id, ip: &str, facts: &HostFacts| Host { id, ip: ip.parse().unwrap(), facts: facts.clone(), created: None, updated: None };
        let hosts = [
            (host(1, "10.0.0.1", &facts), HostResources { cpu_load: Some(85.5), ..HostResources::default() }),
            (host(2, "2001:db8::1", &HostFacts::default()), HostResources::default()),
        ];
        let text = write_csv(&hosts).unwrap();
        let back = read_csv(text.as_bytes()).unwrap();
        assert!(back.ignored.is_empty(), "{back:?}");
        assert_eq!(back.hosts, hosts.iter().map(|(h, _)| (h.ip, h.facts.clone())).collect::<Vec<_>>());
    }

    #[test]
    fn other_peoples_files_are_read_and_what_is_wrong_is_named_by_line() {
        let text = "\u{feff}IP, Name ,rack,cpus\r\n10.0.0.1, a ,r1,4\r\n# off\r\n::ffff:10.0.0.1,,r2,8\r\n";
        let read = read_csv(text.as_bytes()).unwrap();
        assert_eq!(read.ignored, ["rack"]);
        let facts = HostFacts { name: "a".into(), cpus: Some(8), ..HostFacts::default() };
        assert_eq!(read.hosts, [("10.0.0.1".parse().unwrap(), facts)]);
        for (text, why) in [
            ("name\nx\n", "host_ip"),
            ("ip\n10.0.0.1\n10.0.0\n", "line 3"),
            ("ip,cpus\n10.0.0.1,many\n", "vcpus"),
            ("ip,cpus\n10.0.0.1\n", "line 2"),
            ("ip,host_ip\n", "twice"),
        ] {
            let error = read_csv(text.as_bytes()).unwrap_err();
            assert!(error.message.contains(why), "{text:?}: {error}");
        }
        assert!(read_csv(b"ip\n\xff\xfe\n").is_err());
    }
}
