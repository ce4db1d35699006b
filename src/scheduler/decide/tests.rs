use super::*;
use crate::model::job::Failure;

fn standing(desired: Desired, state: JobState, life: Life, run_open: bool) -> Standing {
    Standing { kind: JobKind::Migration, owner: Owner::Operator, desired, state, life, run_open }
}

fn running() -> Standing {
    standing(Desired::Running, JobState::Streaming, Life::Running, true)
}

fn backing_off() -> Standing {
    let life = Life::BackingOff { until: Timestamp::UNIX_EPOCH };
    standing(Desired::Running, JobState::Waiting("x".into()), life, true)
}

fn failed() -> Standing {
    let failure = Failure { code: "c".into(), message: "m".into(), hint: String::new() };
    standing(Desired::Running, JobState::Failed(failure), Life::Idle, false)
}

fn paused(run_open: bool) -> Standing {
    standing(Desired::Paused, JobState::Paused, Life::Idle, run_open)
}

/// Applies an event and returns the next standing with the names of the actions.
fn after(now: &Standing, event: Event) -> (Standing, Vec<&'static str>) {
    let Decision { desired, state, life, actions } = decide(now, event).unwrap();
    let mut run_open = now.run_open;
    let names = actions
        .iter()
        .map(|action| match action {
            Action::OpenRun => {
                run_open = true;
                "open"
            }
            Action::StartEngine => "start",
            Action::CountRestart => "count",
            Action::Cancel => "cancel",
            Action::SignalFinish => "finish",
            Action::SaveFigures => "save",
            Action::CloseRun { .. } => {
                run_open = false;
                "close"
            }
            Action::Emit(..) => "emit",
            Action::Forget => "forget",
        })
        .collect();
    (Standing { kind: now.kind, owner: now.owner, desired, state, life, run_open }, names)
}

fn transient() -> End {
    End::Failed(Verdict::Again { until: Timestamp::UNIX_EPOCH, code: "connection_lost", message: "gone".into(), hint: String::new() })
}

fn permanent() -> End {
    End::Failed(Verdict::Stop(Failure { code: "bad".into(), message: "bad".into(), hint: String::new() }))
}

#[test]
fn pause_keeps_the_run_and_resume_goes_on_in_it() {
    let (stopping, actions) = after(&running(), Event::Pause);
    assert_eq!((stopping.life, actions), (Life::Stopping(Then::Pause), vec!["cancel", "emit"]));
    let (still, actions) = after(&stopping, Event::Pause);
    assert_eq!((&still, actions.len()), (&stopping, 0), "pausing twice is pausing once");
    let (paused, actions) = after(&stopping, Event::Ended(End::Cancelled));
    assert_eq!((&paused.state, paused.run_open, actions), (&JobState::Paused, true, vec!["save"]));
    let (again, actions) = after(&paused, Event::Resume);
    assert_eq!((again.desired, again.life, actions), (Desired::Running, Life::Running, vec!["emit", "start"]));
}

#[test]
fn resume_while_stopping_starts_again_when_stopped() {
    let (stopping, _) = after(&running(), Event::Pause);
    let (turning, actions) = after(&stopping, Event::Resume);
    assert_eq!((turning.life, actions.len()), (Life::Stopping(Then::Continue), 0));
    let (again, actions) = after(&turning, Event::Ended(End::Cancelled));
    assert_eq!((again.life, actions), (Life::Running, vec!["start"]));
}

#[test]
fn transient_errors_wait_in_the_same_run_and_permanent_ones_end_it() {
    let (waiting, actions) = after(&running(), Event::Ended(transient()));
    assert!(matches!((&waiting.state, waiting.life), (JobState::Waiting(_), Life::BackingOff { .. })));
    assert_eq!((waiting.run_open, actions), (true, vec!["save", "emit"]));
    let (again, actions) = after(&waiting, Event::Due);
    assert_eq!((again.life, actions), (Life::Running, vec!["count", "emit", "start"]));
    let (dead, actions) = after(&running(), Event::Ended(permanent()));
    assert!(matches!(dead.state, JobState::Failed(_)));
    assert_eq!((dead.life, dead.run_open, actions), (Life::Idle, false, vec!["emit", "close"]));
    let (again, actions) = after(&dead, Event::Retry);
    assert_eq!((again.life, actions), (Life::Running, vec!["open", "start"]));
}

#[test]
fn an_order_starts_a_job_that_an_error_stopped_and_no_paused_one() {
    let (stopping, actions) = after(&running(), Event::Again);
    assert_eq!((stopping.life, actions), (Life::Stopping(Then::Continue), vec!["cancel"]));
    let (waiting, _) = after(&running(), Event::Ended(transient()));
    assert_eq!(after(&waiting, Event::Again).0.life, Life::Running);
    let (dead, _) = after(&running(), Event::Ended(permanent()));
    assert_eq!(after(&dead, Event::Again).0.life, Life::Running);
    let (paused, _) = after(&dead, Event::Pause);
    let (still, actions) = after(&paused, Event::Again);
    assert_eq!((still.state, still.life, actions), (JobState::Paused, Life::Idle, vec![]));
}

#[test]
fn a_taken_over_job_is_not_tried_again() {
    let (over, actions) = after(&running(), Event::Ended(End::Failed(Verdict::TakenOver)));
    assert!(matches!(over.state, JobState::Failed(f) if f.code == "taken_over"));
    assert_eq!((over.life, actions), (Life::Idle, vec!["close"]));
}

#[test]
fn delete_waits_for_the_engine_and_then_forgets() {
    let (stopping, _) = after(&running(), Event::Delete);
    assert_eq!(stopping.life, Life::Stopping(Then::Delete));
    assert_eq!(decide(&stopping, Event::Resume).unwrap_err().code, "job_deleting");
    // What the engine had said before: an error here would be taken for a store that does not write, and the job would go on.
    let said = decide(&stopping, Event::Seen(JobState::Streaming)).unwrap();
    assert_eq!((said.life, said.state, said.actions), (stopping.life, stopping.state.clone(), vec![]));
    // Even a job that failed or completed meanwhile goes.
    for end in [End::Cancelled, End::Complete, permanent()] {
        let (forgetting, actions) = after(&stopping, Event::Ended(end));
        assert_eq!((forgetting.life, actions), (Life::Forgetting, vec!["emit", "close", "forget"]));
    }
    let (forgetting, actions) = after(&failed(), Event::Delete);
    assert_eq!((forgetting.life, actions), (Life::Forgetting, vec!["forget"]));
}

#[test]
fn update_begins_a_new_run_and_leaves_a_paused_job_paused() {
    let (stopping, actions) = after(&running(), Event::Update);
    assert_eq!((stopping.life, actions), (Life::Stopping(Then::Renew), vec!["cancel"]));
    let (again, actions) = after(&stopping, Event::Ended(End::Cancelled));
    assert_eq!((again.life, actions), (Life::Running, vec!["close", "open", "start"]));
    let (still, actions) = after(&paused(true), Event::Update);
    assert_eq!((&still.state, still.run_open, actions), (&JobState::Paused, false, vec!["close"]));
    let (again, actions) = after(&failed(), Event::Update);
    assert_eq!((again.life, actions), (Life::Running, vec!["open", "start"]));
    let (again, actions) = after(&backing_off(), Event::Update);
    assert_eq!((again.life, actions), (Life::Running, vec!["close", "open", "start"]));
}

#[test]
fn finish_is_for_migrations_that_run() {
    let (finishing, actions) = after(&running(), Event::Finish);
    assert_eq!((finishing.desired, actions), (Desired::Finished, vec!["finish", "emit"]));
    let (done, _) = after(&finishing, Event::Ended(End::Complete));
    assert_eq!((&done.state, done.run_open), (&JobState::Complete, false));
    assert!(after(&done, Event::Finish).1.is_empty());
    for event in [Event::Pause, Event::Resume, Event::Retry, Event::Update] {
        assert_eq!(decide(&done, event).unwrap_err().code, "job_complete");
    }
    let sync = Standing { kind: JobKind::Sync, ..running() };
    assert_eq!(decide(&sync, Event::Finish).unwrap_err().code, "job_runs_on");
    assert_eq!(decide(&paused(true), Event::Finish).unwrap_err().code, "job_paused");
    assert_eq!(decide(&failed(), Event::Finish).unwrap_err().code, "job_failed");
}

#[test]
fn boot_starts_what_should_run_and_nothing_else() {
    let stored = |desired, state| after(&standing(desired, state, Life::Idle, false), Event::Boot);
    assert_eq!(stored(Desired::Running, JobState::Streaming).1, ["open", "start"]);
    assert_eq!(stored(Desired::Finished, JobState::Waiting("x".into())).1, ["open", "start"]);
    assert_eq!(stored(Desired::Running, failed().state).1.len(), 0);
    assert_eq!(stored(Desired::Finished, JobState::Complete).1.len(), 0);
    let (job, actions) = stored(Desired::Paused, JobState::Streaming);
    assert_eq!((job.state, actions.len()), (JobState::Paused, 0), "the daemon died between pause and its end");
}

#[test]
fn shutdown_ends_runs_and_remembers_what_was_wanted() {
    let (stopping, _) = after(&running(), Event::Shutdown);
    let (down, actions) = after(&stopping, Event::Ended(End::Cancelled));
    assert_eq!((down.desired, &down.state, down.life, actions), (Desired::Running, &JobState::Pending, Life::Idle, vec!["close"]));
    assert_eq!(after(&paused(true), Event::Shutdown).0.state, JobState::Paused);
    assert!(matches!(after(&failed(), Event::Shutdown).0.state, JobState::Failed(_)));
}

#[test]
fn the_engines_words_count_only_while_it_runs() {
    assert_eq!(after(&running(), Event::Seen(JobState::Lagging)).0.state, JobState::Lagging);
    assert_eq!(after(&running(), Event::Busy("an ALTER runs".into())).0.state, JobState::Waiting("an ALTER runs".into()));
    assert_eq!(after(&running(), Event::Seen(JobState::Complete)).0.state, JobState::Streaming, "that is told by its end");
    let (stopping, _) = after(&running(), Event::Pause);
    assert_eq!(after(&stopping, Event::Seen(JobState::Lagging)).0.state, JobState::Streaming);
}

/// Whatever comes in whatever order: an engine is started only where none runs, and cancelled only where one does.
#[test]
fn no_sequence_of_events_runs_two_engines() {
    use proptest::prelude::*;
    let events = prop::collection::vec(0usize..12, 1..40);
    proptest!(|(events in events)| {
        let mut job = standing(Desired::Running, JobState::Pending, Life::Idle, false);
        let mut engines = 0i32;
        for number in events {
            let ends = [End::Cancelled, End::Complete, transient(), permanent()];
            let event = match number {
                0 => Event::Boot, 1 => Event::Pause, 2 => Event::Resume, 3 => Event::Finish, 4 => Event::Retry, 5 => Event::Update,
                6 => Event::Delete, 7 => Event::Due, n => Event::Ended(ends[n - 8].clone()),
            };
            // Boot comes once, an end needs an engine.
            if (event == Event::Boot && (engines > 0 || job.life != Life::Idle)) || (matches!(event, Event::Ended(_)) && engines == 0) {
                continue;
            }
            engines -= i32::from(matches!(event, Event::Ended(_)));
            if decide(&job, event.clone()).is_ok() {
                let (next, actions) = after(&job, event);
                engines += i32::try_from(actions.iter().filter(|a| **a == "start").count()).unwrap();
                job = next;
            }
            prop_assert!((0..=1).contains(&engines));
            prop_assert_eq!(engines == 1, matches!(job.life, Life::Running | Life::Stopping(_)));
            prop_assert!(engines == 0 || job.run_open, "an engine without a run");
        }
    });
}

#[test]
fn a_readers_job_ends_with_its_reader_and_with_its_own_end() {
    let of = |owner, life| Standing { owner, life, ..running() };
    let left = decide(&of(Owner::Nobody, Life::Running), Event::Left).unwrap();
    assert_eq!((left.life, left.actions[0].clone()), (Life::Stopping(Then::Delete), Action::Cancel));
    let gone = decide(&of(Owner::Nobody, Life::Stopping(Then::Delete)), Event::Ended(End::Cancelled)).unwrap();
    let closed = Action::CloseRun { state: RunState::Cancelled, error: "the job's reader has gone".into() };
    let told = Action::Emit(RunEventKind::Killed, "the job's reader has gone".into());
    assert_eq!((gone.life, gone.actions), (Life::Forgetting, vec![told, closed, Action::Forget]));
    let twice = decide(&of(Owner::Nobody, Life::Forgetting), Event::Left).unwrap();
    assert_eq!((twice.life, twice.actions), (Life::Forgetting, vec![]));

    let failure = Failure { code: "c".into(), message: "m".into(), hint: String::new() };
    let failed = decide(&of(Owner::Reader, Life::Running), Event::Ended(End::Failed(Verdict::Stop(failure)))).unwrap();
    assert!(failed.life == Life::Forgetting && failed.actions.contains(&Action::Forget) && matches!(failed.state, JobState::Failed(_)));
    let again = Verdict::Again { until: Timestamp::UNIX_EPOCH, code: "c", message: "m".into(), hint: "h".into() };
    let waits = decide(&of(Owner::Reader, Life::Running), Event::Ended(End::Failed(again))).unwrap();
    assert!(matches!(waits.life, Life::BackingOff { .. }), "what may pass by itself is waited for");

    let stopped = decide(&of(Owner::Reader, Life::Stopping(Then::Shutdown)), Event::Ended(End::Cancelled)).unwrap();
    assert!(stopped.life == Life::Forgetting && stopped.actions.contains(&Action::Forget));
    let found = decide(&Standing { run_open: false, ..of(Owner::Nobody, Life::Idle) }, Event::Boot).unwrap();
    assert_eq!((found.life, found.actions), (Life::Forgetting, vec![Action::Forget]));
    assert_eq!(decide(&of(Owner::Reader, Life::Running), Event::Pause).unwrap_err().code, "job_is_read");
}
