//! Elasticsearch behind TLS and a login, as most are: a certificate of an authority of the operator's own, and each kind of
//! credentials against something that checks them.

use super::tasks::{fill, ok, run};
use crate::support::daemon::Daemon;
use crate::support::elastic;
use crate::support::front::{Authority, Front, LetsIn};
use std::path::Path;

const INDEX: &str = "cli-tls";

/// The reply's place in the settings, and the file with the secret.
fn settings(dir: &Path, port: u16, credentials: &str, secret: &str) -> String {
    std::fs::write(dir.join("secret"), format!("{secret}\n")).unwrap();
    let (ca, file) = (dir.join("ca.pem"), dir.join("secret"));
    let credentials = credentials.replace("FILE", &format!("'{}'", file.display()));
    format!("[hosts]\nendpoint = 'https://localhost:{port}'\nindex_pattern = '{INDEX}'\nca_file = '{}'\n{credentials}\n", ca.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_shown_to_a_server_of_the_operator_s_own_authority() {
    let Some(node) = elastic::opensearch() else { return };
    fill(node, INDEX, "10.9.2.1").await;
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.write(&dir.path().join("ca.pem"));
    for (lets_in, credentials, secret, wrong) in [
        (LetsIn::Basic("syncline", "p:ä ss"), "user = 'syncline'\npassword_file = FILE", "p:ä ss", "p:a ss"),
        // base64 of "id-1:key-1", as the server gives it.
        (LetsIn::ApiKey("id-1", "key-1"), "api_key_file = FILE", "aWQtMTprZXktMQ==", "aWQtMTprZXktMg=="),
        (LetsIn::Bearer("t0ken"), "bearer_file = FILE", "t0ken", "t0kem"),
    ] {
        let front = Front::start(node.port(), &authority, "localhost", lets_in).await;
        let daemon = Daemon::configured(&settings(dir.path(), front.port, credentials, secret)).await;
        assert!(ok(&daemon, &["es", "check"]).contains("opensearch"), "{credentials}");
        ok(&daemon, &["hosts", "add", "10.9.2.1"]);
        assert!(ok(&daemon, &["sync", "hosts", "10.9.2.1", "-o", "csv"]).contains(",updated,12.50,"), "{credentials}");
        assert!(!daemon.log().contains(secret), "{}", daemon.log());
        let daemon = Daemon::configured(&settings(dir.path(), front.port, credentials, wrong)).await;
        let refused = run(&daemon, &["es", "check"]);
        assert!(refused.code != 0 && refused.stderr.contains("access to the endpoint was denied"), "{}", refused.stderr);
        assert!(!refused.stderr.contains(wrong), "{}", refused.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_trusted_is_shown_nothing() {
    let Some(node) = elastic::opensearch() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(), Authority::new());
    ours.write(&dir.path().join("ca.pem"));
    let bearer = "bearer_file = FILE";
    for (authority, name) in [(&theirs, "localhost"), (&ours, "other.example")] {
        let front = Front::start(node.port(), authority, name, LetsIn::Bearer("t0ken")).await;
        let daemon = Daemon::configured(&settings(dir.path(), front.port, bearer, "t0ken")).await;
        let refused = run(&daemon, &["es", "check"]);
        assert!(
            refused.code != 0 && refused.stderr.contains("no TLS connection") && refused.stderr.contains("ca_file"),
            "{}",
            refused.stderr
        );
        // A run says it of every host, and does not try for each.
        ok(&daemon, &["hosts", "add", "10.9.2.1"]);
        let failed = run(&daemon, &["sync", "hosts", "10.9.2.1", "-o", "json"]);
        assert!(failed.code == 1 && failed.stdout.contains("es_tls"), "{}{}", failed.stdout, failed.stderr);
    }
}
