//! A symbol that its provider does not know any more: told until it is taken out of its task, and no alarm each day.

use super::{files, ok, ready, run, table};
use crate::support::daemon::Daemon;

#[tokio::test(flavor = "multi_thread")]
async fn a_symbol_that_is_gone_is_told_and_taken_out_and_a_source_that_lost_all_is_no_small_matter() {
    let dir = files();
    let daemon = Daemon::configured(&format!("[[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = '{}'\n", dir.path().display())).await;
    ready(&daemon).await;
    ok(&daemon, &["tasks", "create", "us", "--type", "incremental", "--symbol", "FB", "--symbol", "IBM", "--days", "20000"]);
    let go = |code: i32| assert_eq!(run(&daemon, &["tasks", "run", "us", "--wait"]).code, code);
    let shown = || ok(&daemon, &["tasks", "show", "us"]);
    go(0);
    let file = |symbol: &str| dir.path().join(format!("US.{symbol}.csv"));
    let fb = std::fs::read(file("FB")).unwrap();
    std::fs::remove_file(file("FB")).unwrap();
    // News once, and then a word.
    let today = jiff::Timestamp::now().strftime("%F").to_string();
    let told =
        format!("not known to the source any more: US.FB (since {today}); out of the task: `syncline tasks update us --drop-symbol US.FB`");
    for (code, state) in [(9, "partial"), (0, "completed"), (0, "completed")] {
        go(code);
        let shown = shown();
        assert!(shown.contains(&format!(", {state}: ")) && shown.contains(&told), "{shown}");
    }
    // What fails is what somebody has to look at.
    let ibm = std::fs::read(file("IBM")).unwrap();
    std::fs::write(file("IBM"), "Date,Open\n").unwrap();
    go(9);
    assert!(shown().contains("1 symbol failed: US.IBM: "), "{}", shown());
    // All of them gone is the source's failure, however long it lasts.
    std::fs::remove_file(file("IBM")).unwrap();
    for _ in 0..2 {
        go(9);
        assert!(shown().contains("no symbol has data"), "{}", shown());
    }
    // One that is back is as any other, and news when it goes again.
    std::fs::write(file("IBM"), ibm).unwrap();
    std::fs::write(file("FB"), fb).unwrap();
    go(0);
    assert!(!shown().contains("not known to the source"), "{}", shown());
    std::fs::remove_file(file("FB")).unwrap();
    go(9);
    // The command that was told.
    for (symbol, code) in [("US.NOPE", 2), ("fb", 0), ("US.IBM", 2)] {
        assert_eq!(run(&daemon, &["tasks", "update", "us", "--drop-symbol", symbol]).code, code, "{symbol}");
    }
    assert_eq!(table(&daemon, &["tasks", "show", "us"])["bars"]["symbols"], serde_json::json!(["US.IBM"]));
    go(0);
    // A name that was never known stays what somebody has to look at.
    ok(&daemon, &["tasks", "update", "us", "--symbol", "IBM", "--symbol", "NOPE"]);
    for _ in 0..2 {
        go(9);
    }
}
