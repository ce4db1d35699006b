//! Types that the other flavour does not have come in by a statement: no replacement brings their rows, and that is said at once,
//! with a way out.

use super::kill::{job, verified};
use super::replicate_zoo::drop_at;
use super::verify_late::streams;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::Duration;
use syncline::wire::native::jobs::{DdlAction, DdlDecision, Reload};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_uuid_column_is_refused_with_its_replacement_and_the_way_out_leads_out() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("ddltypes", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    let create = "CREATE TABLE t (id INT PRIMARY KEY) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";
    sql::exec_all(&mut conn, [format!("USE `{schema}`"), create.to_owned(), "INSERT INTO t VALUES (1)".to_owned()]).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&job(&schema, from, to, &schema)).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    sql::exec_all(&mut conn, ["ALTER TABLE t ADD COLUMN u UUID", "INSERT INTO t VALUES (2, '00112233-4455-6677-8899-aabbccddeeff')"]).await;
    let waits =
        async |code: &str| until_some(PATIENCE, code, async || client.job_ddl(&id).await.unwrap().waiting.filter(|w| w.code == code)).await;
    let waiting = waits("ddl_not_translatable").await;
    let statement = Some("ALTER TABLE t ADD COLUMN u CHAR(36)".to_owned());
    let replace = DdlDecision { action: DdlAction::Replace, transaction: Some(waiting.transaction), statement };
    client.decide_ddl(&id, &replace).await.expect("it is decided");
    let refused = waits("type_not_portable").await;
    assert!(refused.message.contains("t.u") && refused.hint.contains("jobs tables reload"), "{refused:?}");
    let listed = client.job_ddl(&id).await.unwrap().decided;
    assert!(listed[0].decision == "failed" && listed[0].error.contains("t.u"), "{listed:?}");
    let mut target = sql::connect(to).await;
    let columns = format!("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{schema}'");
    assert_eq!(sql::one(&mut target, &columns).await.as_deref(), Some("1"), "nothing was changed");

    // As the hint says.
    sql::exec(&mut conn, "ALTER TABLE t MODIFY COLUMN u CHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci").await;
    let reload = Reload { tables: vec![format!("{schema}.t")] };
    client.reload_tables(&id, &reload).await.expect("it is ordered");
    sql::exec(&mut conn, "INSERT INTO t VALUES (3, 'three')").await;
    let rows = format!("SELECT id, u FROM `{schema}`.t ORDER BY id");
    until(PATIENCE, "what follows", async || {
        let columns = sql::one(&mut target, &columns).await.as_deref() == Some("2");
        columns && sql::rows(&mut target, &rows).await == sql::rows(&mut conn, &rows).await
    })
    .await;
    assert_eq!(verified(&daemon, &id).await.state, "equal");
}
