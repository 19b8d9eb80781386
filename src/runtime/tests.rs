//! The runtime wakes the window for every event and for every end of a task.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::*;
use crate::event::OpenedFiles;

/// Longer than anything here takes, so that a lost wake-up fails the test.
const PATIENCE: Duration = Duration::from_mins(1);

fn runtime() -> (Runtime, Receiver<()>) {
    let (woken, waits) = channel();
    let woken = std::sync::Mutex::new(woken);
    let wake = move || {
        let _ = woken.lock().unwrap().send(());
    };
    (Runtime::new(wake).unwrap(), waits)
}

/// Takes events only after a wake-up, until the task has ended.
fn until_ended(runtime: &mut Runtime, waits: &Receiver<()>, task: Task) -> Vec<Event> {
    let mut events = Vec::new();
    while runtime.is_busy(task) {
        waits.recv_timeout(PATIENCE).expect("woken for the end");
        events.extend(runtime.take());
    }
    events
}

#[test]
fn the_window_is_woken_for_every_event_and_for_the_end_after_the_value_is_there() {
    let (mut runtime, waits) = runtime();
    let domain = Domain::parse("healthy.example").unwrap();
    runtime.check(true, domain, Vec::new(), OffsetDateTime::now_utc());
    let events = until_ended(&mut runtime, &waits, Task::Check);
    assert!(events.iter().any(|event| matches!(event, Event::Fact(_))));
    assert!(matches!(events.last(), Some(Event::Ended(Task::Check))));

    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.json");
    runtime.open_files(vec![missing]);
    let events = until_ended(&mut runtime, &waits, Task::Open);
    assert!(matches!(events[0], Event::FilesOpened(_)), "{events:?}");
}

#[test]
fn a_task_that_fails_in_this_program_ends_too() {
    let (mut runtime, waits) = runtime();
    runtime.stream(Task::Check, |sender| async move {
        let _held = sender;
        panic!("on purpose");
    });
    let events = until_ended(&mut runtime, &waits, Task::Check);
    assert!(
        matches!(events[..], [Event::Ended(Task::Check)]),
        "{events:?}"
    );
    runtime.blocking(Task::Save, || panic!("on purpose"));
    let events = until_ended(&mut runtime, &waits, Task::Save);
    assert!(
        matches!(events[..], [Event::Failed(_), Event::Ended(Task::Save)]),
        "{events:?}"
    );
}

#[test]
fn nothing_comes_from_a_run_that_was_cancelled() {
    let (mut runtime, waits) = runtime();
    let (go, gate) = tokio::sync::oneshot::channel::<()>();
    runtime.stream(Task::Check, |sender| async move {
        sender.send(Event::Failed("early".into()));
        let _ = gate.await;
        sender.send(Event::Failed("late".into()));
    });
    waits.recv_timeout(PATIENCE).unwrap();
    runtime.cancel(Task::Check);
    assert!(!runtime.is_busy(Task::Check));
    let _ = go.send(());
    // Dropping its sender wakes the window once more.
    assert_ne!(waits.recv_timeout(PATIENCE), Err(RecvTimeoutError::Timeout));
    assert!(runtime.take().is_empty());
}

#[test]
fn what_is_busy_takes_no_second_order() {
    let (mut runtime, waits) = runtime();
    let (go, gate) = channel::<()>();
    runtime.blocking(Task::Save, move || {
        let _ = gate.recv();
        Event::Shown(Ok(()))
    });
    let nowhere = Target::Folder("/nowhere".into());
    runtime.save(nowhere, Arc::default(), SavePlan::default(), Vec::new());
    go.send(()).unwrap();
    let events = until_ended(&mut runtime, &waits, Task::Save);
    assert_eq!(events.len(), 2, "{events:?}");
    let (answer, held) = tokio::sync::oneshot::channel::<()>();
    assert!(runtime.dialog(async {
        let _ = held.await;
        Event::Shown(Ok(()))
    }));
    assert!(!runtime.dialog(async { Event::Shown(Ok(())) }));
    drop(answer);
    let events = until_ended(&mut runtime, &waits, Task::Dialog);
    assert_eq!(events.len(), 2, "{events:?}");
}

#[test]
fn many_domains_are_checked_each_once() {
    let (mut runtime, waits) = runtime();
    let names = ["healthy.example", "null-mx.example", "wrong-name.example"];
    let domains = names.map(|name| Domain::parse(name).unwrap()).to_vec();
    runtime.check_all(true, domains.clone());
    let events = until_ended(&mut runtime, &waits, Task::CheckAll);
    let mut seen: Vec<Domain> = events
        .iter()
        .filter_map(|event| match event {
            Event::DomainChecked(Some(facts)) => Some(facts.domain.clone()),
            _ => None,
        })
        .collect();
    seen.sort();
    assert_eq!(seen, domains);
}

#[test]
fn the_reports_of_a_folder_are_read() {
    let (mut runtime, waits) = runtime();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("cur")).unwrap();
    let report = br#"{"organization-name": "Sender", "policies": []}"#;
    std::fs::write(folder.path().join("report.json"), report).unwrap();
    std::fs::write(folder.path().join("cur/photo.jpg"), b"\xff\xd8\xff").unwrap();
    runtime.open_files(vec![folder.path().to_owned()]);
    let events = until_ended(&mut runtime, &waits, Task::Open);
    let Event::FilesOpened(OpenedFiles {
        reports: opened, ..
    }) = &events[0]
    else {
        panic!("{events:?}")
    };
    assert_eq!((opened.reports.len(), opened.others.files), (1, 1));
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_not_read() {
    let (mut runtime, waits) = runtime();
    for path in ["/dev/zero", "/dev/stdin"] {
        runtime.open_files(vec![path.into()]);
        let events = until_ended(&mut runtime, &waits, Task::Open);
        let Event::FilesOpened(OpenedFiles {
            reports: opened, ..
        }) = &events[0]
        else {
            panic!("{events:?}")
        };
        assert!(
            opened.remarks[0].text.contains("isn’t a plain file"),
            "{opened:?}"
        );
    }
}
