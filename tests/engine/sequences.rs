//! Tables whose columns count by a sequence: what is not moved is named before the copy begins, and once it is there the job
//! brings the rows.

use super::replicate_zoo::expect_equal;
use crate::support::job::Job;
use crate::support::servers::mariadb;
use crate::support::sql::{connect, exec, exec_all, scratch};
use syncline::model::finding::Severity;
use syncline::replicate::{Recorded, preflight};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sequence_that_a_default_needs_is_asked_for_by_name() {
    let (Some(from), Some(to)) = (mariadb(1), mariadb(2)) else { return };
    let schema = scratch("sequences", &[from, to]).await;
    let (mut source, mut target) = (connect(from).await, connect(to).await);
    let table = format!("CREATE TABLE `{schema}`.t (id INT NOT NULL DEFAULT NEXT VALUE FOR `{schema}`.numbers PRIMARY KEY, v INT)");
    exec_all(&mut source, [format!("CREATE SEQUENCE `{schema}`.numbers"), table, format!("INSERT INTO `{schema}`.t (v) VALUES (7), (8)")])
        .await;
    let mut job = Job::new(&schema, from, to);
    let found = preflight::run(&job.spec, None, &Recorded::default()).await;
    let errors: Vec<_> = found.findings.iter().filter(|f| f.severity == Severity::Error).collect();
    assert_eq!(errors.iter().map(|f| f.code).collect::<Vec<_>>(), ["sequence_missing"], "{errors:?}");
    assert!(errors[0].message.contains(&format!("{schema}.numbers")) && errors[0].hint.contains("SHOW CREATE SEQUENCE"), "{errors:?}");
    // Beside that, every sequence of the schemas is named.
    let note = found.findings.iter().find(|f| f.code == "objects_not_moved").expect("it is noted");
    assert!(note.object.contains("numbers"), "{note:?}");
    exec(&mut target, &format!("CREATE SEQUENCE `{schema}`.numbers")).await;
    let mut run = job.start();
    run.streaming().await;
    exec(&mut source, &format!("INSERT INTO `{schema}`.t (v) VALUES (9)")).await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}
