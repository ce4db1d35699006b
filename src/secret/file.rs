//! Databases that nobody but this account may read: what others wrote is in them as they wrote it, passwords in statements too.

use std::io;
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a database. It makes them with the database's own mode.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Makes a database's file where there is none, so that it is nobody else's from the first byte on, and closes one that is there to
/// everybody else. Where the file system does not do that, the log says so: the folder is closed, too.
pub fn close_to_others(database: &Path) -> io::Result<()> {
    make(database)?;
    for file in BESIDE.map(|beside| beside_of(database, beside)) {
        match close(&file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => tracing::warn!(file = %file.display(), error = %e, "a database could not be closed to other accounts"),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn beside_of(database: &Path, beside: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(beside);
    PathBuf::from(name)
}

/// Never opens one that is there: to close it again would take SQLite's locks from whoever in this process has it open.
fn make(file: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn close(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)) }
}

#[cfg(not(unix))]
fn close(_: &Path) -> io::Result<()> {
    Ok(())
}
