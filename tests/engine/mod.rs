//! The engine against real servers.

mod bars_backup;
mod bars_kill;
mod copy;
mod ddl_log;
mod encode_zoo;
mod figures;
mod join;
mod kafka;
mod kafka_live;
mod kill;
mod log;
mod memory;
mod parked;
mod preflight;
mod read_only;
mod replicate_ddl;
mod replicate_writes;
mod replicate_zoo;
mod sink_conflict;
mod sink_contract;
mod sink_zoo;
mod verify;
mod verify_keys;
mod zoo;
