//! `fetch` and `finish`: a live client fetches once, and its workers wait until
//! Weir says how their attempts end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use riverqueue::jiff::{SignedDuration, Timestamp};
use riverqueue::sqlx::{self, PgPool};
use riverqueue::{
    BoxError, Client, Hook, Job, JobArgs, JobCancelError, JobRow, Metric, QueueConfig, RunHandle,
    WorkCancelled, WorkContext, WorkError, WorkOutcome, Worker, WorkerTimeout, Workers,
};
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::aside::Aside;
use crate::kinds::{Text, each_kind};
use crate::watch::{Watch, patiently};
use crate::wire::{self, Answer, Failure, Outcome, refuse};

const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// From 1,000 on, River claims in two statements at once, and counts each.
const ONE_CLAIM: usize = 999;

/// What the workers of one client tell.
enum News {
    Fetched(u64),
    Began(JobRow, oneshot::Sender<Ending>),
}

/// How Weir wants an attempt to end.
struct Ending {
    outcome: Outcome,
    metadata: Map<String, Value>,
}

/// An attempt under way: the worker that waits, and the client that it works for.
struct Attempt {
    end: oneshot::Sender<Ending>,
    client: usize,
}

/// The clients that fetched something, and their attempts by job and number.
#[derive(Default)]
pub struct Attempts {
    clients: Vec<RunHandle>,
    held: HashMap<(i64, i32), Attempt>,
}

impl Attempts {
    pub async fn fetch(&mut self, pool: &PgPool, queue: &str, limit: usize, id: String) -> Answer {
        let (tell, mut news) = mpsc::unbounded_channel();
        let client = Client::builder(pool.clone())
            .id(id)
            .hook(Listening(tell.clone()))
            .job_stuck_threshold(FOREVER)
            .queue(queue, QueueConfig::new(limit.min(ONE_CLAIM)).with_fetch_poll_interval(FOREVER))
            .without_leader_election()
            .workers(workers(&tell)?)
            .build()?;
        let aside = Aside::queue(pool, queue).await?;
        let run = client.start()?;
        let begun = patiently("fetch", begun(&mut news)).await;
        // It fetches no more, nor listens; what it fetched it works on.
        run.stopper().stop();
        aside.put_back(pool).await?;
        self.clients.push(run);
        let client = self.clients.len() - 1;
        let mut jobs = Vec::new();
        for (row, end) in begun? {
            jobs.push(wire::job(&row));
            self.held.insert((row.id, row.attempt), Attempt { end, client });
        }
        Ok(json!({ "jobs": jobs }))
    }

    pub async fn finish(&mut self, pool: &PgPool, id: i64, attempt: i32, outcome: Outcome) -> Answer {
        let metadata = match outcome.metadata() {
            Some(text) => serde_json::from_str(text)?,
            None => Map::new(),
        };
        if matches!(outcome, Outcome::Snooze { for_us, .. } if for_us < 0) {
            return Err(refuse("invalid", "a snooze is of a duration, which is never negative"));
        }
        let Some(Attempt { end, client }) = self.held.remove(&(id, attempt)) else {
            return Err(refuse("not_found", format!("nobody works on attempt {attempt} of job {id}")));
        };
        let is_stopped = matches!(outcome, Outcome::Interrupt { .. });
        if is_stopped {
            self.clients[client].stopper().stop_and_cancel();
        }
        let mut watch = Watch::start();
        let _ = end.send(Ending { outcome, metadata });
        watch.until(&["WITH job_input AS"]).await?;
        if is_stopped && is_available(pool, id).await? {
            watch.until(&["SELECT pg_notify"]).await?;
        }
        Ok(json!({ "job": null }))
    }

    /// Lets all workers go, whose jobs must be gone already.
    pub async fn abandon(&mut self) -> Result<(), Failure> {
        self.held.clear();
        for mut run in self.clients.drain(..) {
            patiently("stop", async { run.stop_and_cancel().await.ok() }).await?;
        }
        Ok(())
    }
}

async fn is_available(pool: &PgPool, id: i64) -> sqlx::Result<bool> {
    let sql = "select exists (select from river_job where id = $1 and state = 'available')";
    sqlx::query_scalar(sql).bind(id).fetch_one(pool).await
}

/// The attempts that the one fetch began.
async fn begun(news: &mut mpsc::UnboundedReceiver<News>) -> Option<Vec<(JobRow, oneshot::Sender<Ending>)>> {
    let (mut expected, mut begun) = (None, Vec::new());
    while expected.is_none_or(|count| (begun.len() as u64) < count) {
        match news.recv().await? {
            News::Fetched(count) => expected = Some(count),
            News::Began(row, end) => begun.push((row, end)),
        }
    }
    Some(begun)
}

struct Listening(mpsc::UnboundedSender<News>);

impl Hook for Listening {
    async fn metric_emit(&self, metric: Metric) -> Result<(), BoxError> {
        if let Metric::JobGetAvailableCount(count) = metric {
            let _ = self.0.send(News::Fetched(count));
        }
        Ok(())
    }
}

/// Does what it is told, and remembers when it wants to be tried again.
struct Told {
    tell: mpsc::UnboundedSender<News>,
    retry_at: Mutex<HashMap<i64, Timestamp>>,
}

struct Obedient(Arc<Told>);

impl<T: JobArgs> Worker<Text<T>> for Obedient {
    type Error = BoxError;

    async fn work(&self, context: WorkContext, job: Job<Text<T>>) -> Result<WorkOutcome, BoxError> {
        let id = job.row.id;
        let (end, ending) = oneshot::channel();
        let _ = self.0.tell.send(News::Began(job.row, end));
        let Ending { outcome, metadata } = ending.await?;
        for (key, value) in metadata {
            context.metadata_set(key, value)?;
        }
        match outcome {
            Outcome::Complete { .. } => Ok(WorkOutcome::Complete),
            Outcome::Discard { .. } => Ok(WorkOutcome::Discard),
            Outcome::Cancel { message, .. } => Err(JobCancelError::new(message).into()),
            Outcome::Snooze { for_us, .. } => {
                Ok(WorkOutcome::Snooze(Duration::from_micros(for_us.unsigned_abs())))
            }
            Outcome::Interrupt { .. } => Err(WorkCancelled.into()),
            Outcome::Error { message, retry_at, .. } => {
                if let Some(at) = retry_at {
                    self.0.retry_at.lock().expect("no worker panics").insert(id, at);
                }
                Err(message.into())
            }
        }
    }

    fn next_retry(&self, job: &Job<Text<T>>, _: &WorkError, now: Timestamp) -> Option<Duration> {
        let at = self.0.retry_at.lock().expect("no worker panics").remove(&job.row.id)?;
        Some(at.duration_since(now).max(SignedDuration::ZERO).unsigned_abs())
    }

    fn timeout(&self, _: &Job<Text<T>>) -> WorkerTimeout {
        WorkerTimeout::Disabled
    }
}

fn workers(tell: &mpsc::UnboundedSender<News>) -> Result<Workers, riverqueue::Error> {
    let told = Arc::new(Told { tell: tell.clone(), retry_at: Mutex::default() });
    let mut workers = Workers::new();
    each_kind!(Kind => {
        workers.add::<Text<Kind>, _>(Obedient(Arc::clone(&told)))?;
    });
    Ok(workers)
}
