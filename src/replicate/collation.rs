//! What is known of collations without asking a server.

/// Languages whose collations take different ASCII letters as equal, as Lithuanian does with i and y.
const SHARED_LETTERS: [&str; 5] = ["lithuanian", "lt", "lv", "roman", "la"];

/// Whether two printable ASCII texts that this collation takes as equal are so in upper case and without trailing spaces;
/// false also where that is not known. `engine::collations` asks both servers.
pub fn ascii_is_plain(charset: &str, collation: &str) -> bool {
    ["utf8mb4", "utf8mb3", "utf8", "latin1", "ascii"].contains(&charset) && !collation.split('_').any(|part| SHARED_LETTERS.contains(&part))
}
