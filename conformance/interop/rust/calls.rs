//! What the client is told to do, by what the crate exports to everybody.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::time::Duration;

use riverqueue::jiff::Timestamp;
use riverqueue::sqlx::{PgPool, postgres::PgPoolOptions};
use riverqueue::{
    BoxError, Client, Event as Happened, EventKind, EventReceiver, FETCH_COOLDOWN_MIN, InsertOpts,
    QueueConfig, RunHandle, UniqueOpts, Workers,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::sync::Mutex;

use crate::Event;
use crate::script::{Flat, Script, Scripted, Text};

#[derive(Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
pub enum Call {
    Start { client: String, queues: HashMap<String, Queue>, max_workers: usize },
    Insert(Job),
    Cancel { job: i64 },
    Pause { queue: String },
    Resume { queue: String },
    Stop {},
}

#[derive(Deserialize)]
pub struct Queue {
    poll_interval_ms: u64,
}

#[derive(Deserialize)]
pub struct Job {
    kind: String,
    args: String,
    queue: Option<String>,
    max_attempts: Option<i32>,
    scheduled_at: Option<Timestamp>,
    unique: Option<Unique>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Unique {
    by_args: bool,
    by_period_ms: Option<u64>,
    by_queue: bool,
}

/// One client of one database.
pub struct Peer {
    pool: PgPool,
    running: Mutex<Option<(Client, RunHandle)>>,
}

type Answer = Result<Value, BoxError>;

impl Peer {
    pub fn new(url: &str) -> Result<Self, BoxError> {
        // As many as a test inserts at once, or nearly: what meets must not queue here.
        let pool = PgPoolOptions::new().max_connections(10).connect_lazy(url)?;
        Ok(Self { pool, running: Mutex::new(None) })
    }

    pub async fn call(&self, call: Call) -> Answer {
        let call = match call {
            Call::Start { client, queues, max_workers } => {
                return self.start(client, queues, max_workers).await;
            }
            Call::Stop {} => return self.stop().await,
            call => call,
        };
        let client = self.client().await?;
        match call {
            Call::Insert(job) => return insert(&client, job).await,
            Call::Cancel { job } => drop(client.jobs().cancel(job).await?),
            Call::Pause { queue } => client.queues().pause(queue).await?,
            Call::Resume { queue } => client.queues().resume(queue).await?,
            Call::Start { .. } | Call::Stop {} => unreachable!("taken before"),
        }
        Ok(json!({}))
    }

    /// Returns when the client listens.
    async fn start(&self, id: String, queues: HashMap<String, Queue>, max_workers: usize) -> Answer {
        let mut workers = Workers::new();
        workers.add(Scripted)?;
        let mut builder = Client::builder(self.pool.clone())
            .allow_unregistered_job_kinds()
            // Nor is a second notification sent within this time.
            .fetch_cooldown(FETCH_COOLDOWN_MIN)
            .id(id)
            .workers(workers);
        for (name, Queue { poll_interval_ms }) in queues {
            let poll = Duration::from_millis(poll_interval_ms);
            builder = builder.queue(name, QueueConfig::new(max_workers).with_fetch_poll_interval(poll));
        }
        let client = builder.build()?;
        let kinds = TOLD.map(|(kind, _)| kind);
        tokio::spawn(tell(client.subscribe(&kinds)?));
        let mut run = client.start()?;
        run.wait_ready().await?;
        *self.running.lock().await = Some((client, run));
        Ok(json!({}))
    }

    async fn client(&self) -> Result<Client, BoxError> {
        match &*self.running.lock().await {
            Some((client, _)) => Ok(client.clone()),
            None => Err("the client must be started first".into()),
        }
    }

    async fn stop(&self) -> Answer {
        if let Some((_, mut run)) = self.running.lock().await.take() {
            run.stop().await?;
        }
        Ok(json!({}))
    }
}

const TOLD: [(EventKind, &str); 7] = [
    (EventKind::JobCancelled, "cancelled"),
    (EventKind::JobCompleted, "completed"),
    (EventKind::JobFailed, "failed"),
    (EventKind::JobInterrupted, "interrupted"),
    (EventKind::JobSnoozed, "snoozed"),
    (EventKind::QueuePaused, "paused"),
    (EventKind::QueueResumed, "resumed"),
];

/// Writes what the crate's own subscription says.
async fn tell(mut events: EventReceiver) {
    while let Ok(happened) = events.recv().await {
        let kind = happened.kind();
        let event = TOLD.iter().find(|(told, _)| *told == kind).map_or("", |(_, name)| *name);
        match happened {
            Happened::Job(it) => {
                Event { event, job: Some(it.job.id), attempt: Some(it.job.attempt), ..Event::default() }.tell();
            }
            Happened::Queue(it) => Event { event, queue: Some(it.queue.name), ..Event::default() }.tell(),
            _ => {}
        }
    }
}

async fn insert(client: &Client, job: Job) -> Answer {
    let mut opts = InsertOpts::default();
    if let Some(queue) = job.queue {
        opts = opts.with_queue(queue);
    }
    if let Some(maximum) = job.max_attempts {
        opts = opts.with_max_attempts(maximum);
    }
    if let Some(at) = job.scheduled_at {
        opts = opts.with_scheduled_at(at);
    }
    if let Some(Unique { by_args, by_period_ms, by_queue }) = job.unique {
        let mut unique = UniqueOpts::new().with_by_args(by_args).with_by_queue(by_queue);
        if let Some(period) = by_period_ms {
            unique = unique.with_by_period(Duration::from_millis(period));
        }
        opts = opts.with_unique(unique);
    }
    let args = RawValue::from_string(job.args)?;
    let (id, duplicate) = match job.kind.as_str() {
        "weir_unique_flat" => {
            let it = client.insert(Text::<Flat>(args, PhantomData)).opts(opts).await?;
            (it.id(), it.unique_skipped_as_duplicate)
        }
        _ => {
            let it = client.insert(Text::<Script>(args, PhantomData)).opts(opts).await?;
            (it.id(), it.unique_skipped_as_duplicate)
        }
    };
    Ok(json!({ "job": id, "duplicate": duplicate }))
}
