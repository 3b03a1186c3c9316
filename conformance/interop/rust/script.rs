//! The kinds of jobs, and the worker that does what its jobs say.

use std::marker::PhantomData;
use std::time::Duration;

use riverqueue::{
    BoxError, Job, JobArgs, JobCancelError, WorkCancelled, WorkContext, WorkOutcome, Worker,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Event;

/// What each run does, the last one for all that follow.
#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_script")]
pub struct Script {
    runs: Vec<String>,
}

/// Only a part of the args makes its jobs unique.
#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "weir_unique_flat", unique(by_args))]
pub struct Flat {
    #[river(unique)]
    a: Option<Box<RawValue>>,
}

/// The text of a job's args under the kind and the unique part of `T`.
pub struct Text<T>(pub Box<RawValue>, pub PhantomData<T>);

impl<T: JobArgs> JobArgs for Text<T> {
    const KIND: &'static str = T::KIND;

    fn unique_fields() -> &'static [&'static [&'static str]] {
        T::unique_fields()
    }
}

impl<T> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Deserialize::deserialize(deserializer)?, PhantomData))
    }
}

pub struct Scripted;

impl Worker<Script> for Scripted {
    type Error = BoxError;

    async fn work(&self, context: WorkContext, job: Job<Script>) -> Result<WorkOutcome, BoxError> {
        Event {
            event: "started",
            job: Some(job.row.id),
            attempt: Some(job.row.attempt),
            queue: Some(job.row.queue.clone()),
            args: Some(job.row.encoded_args.get().to_owned()),
        }
        .tell();
        let run = run(&job)?;
        let (action, operand) = run.split_once(' ').unwrap_or((run, ""));
        match action {
            "complete" => Ok(WorkOutcome::Complete),
            "error" => Err("the script says so".into()),
            "panic" => panic!("the script says so"),
            "cancel" => Err(JobCancelError::new("the script says so").into()),
            "output" => {
                context.record_output(serde_json::from_str::<serde_json::Value>(operand)?)?;
                Ok(WorkOutcome::Complete)
            }
            "snooze" => Ok(WorkOutcome::Snooze(duration(operand)?)),
            "sleep" => {
                tokio::select! {
                    () = tokio::time::sleep(duration(operand)?) => Ok(WorkOutcome::Complete),
                    () = context.cancellation_token().cancelled() => Err(WorkCancelled.into()),
                }
            }
            "hang" => {
                context.cancellation_token().cancelled().await;
                Err(WorkCancelled.into())
            }
            _ => Err(format!("no action is called {action:?}").into()),
        }
    }
}

/// What this attempt does. A snooze gives its attempt back, so that attempts
/// and snoozes together count the runs.
fn run(job: &Job<Script>) -> Result<&str, BoxError> {
    let snoozes: i32 = job.row.metadata.get("snoozes")?.unwrap_or(0);
    let before = usize::try_from(job.row.attempt - 1 + snoozes)?;
    let run = job.args.runs.get(before).or(job.args.runs.last());
    run.map(String::as_str).ok_or_else(|| "a script must have a run, but has none".into())
}

fn duration(text: &str) -> Result<Duration, BoxError> {
    Ok(match text.strip_suffix("ms") {
        Some(number) => Duration::from_millis(number.parse()?),
        None => Duration::from_secs(text.strip_suffix('s').unwrap_or(text).parse()?),
    })
}
