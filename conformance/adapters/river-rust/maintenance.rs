//! `schedule`, `rescue`, `clean`, `clean_queues`, `queue_touch`: a live client
//! starts, leads, and stops after a pass of the service in question.

use std::time::Duration;

use riverqueue::database::{PostgresDatabase, PostgresReindexConfig};
use riverqueue::sqlx::{self, PgPool};
use riverqueue::{
    Client, ClientBuilder, Job, JobArgs, JobListParams, MaintenanceConfig, QueueConfig, Retention,
    WorkContext, WorkOutcome, Worker, WorkerTimeout, Workers,
};
use serde_json::json;

use crate::aside::Aside;
use crate::kinds::{Nobody, Object, each_own_kind};
use crate::watch::Watch;
use crate::wire::{self, Answer};

/// A service begins within its interval, and does not look ahead by less than a microsecond.
const AT_ONCE: Duration = Duration::from_nanos(1);
const NEVER: Duration = Duration::from_secs(50 * 365 * 86_400);
/// No client starts without a queue. This one has no jobs.
const IDLE: &str = "weir-idle";
/// In the statement with which the rescuer begins a pass.
const RESCUES: &str = "AND attempted_at < $2";

pub struct Kept {
    pub cancelled_us: i64,
    pub completed_us: i64,
    pub discarded_us: i64,
}

pub async fn schedule(pool: &PgPool, client: &Client) -> Answer {
    let sql = "select id from river_job where state in ('scheduled', 'retryable')";
    let waiting: Vec<i64> = sqlx::query_scalar(sql).fetch_all(pool).await?;
    let config = still().with_scheduler_interval(AT_ONCE);
    pass(pool, builder(pool).maintenance(config), "WITH jobs_to_schedule", "WITH jobs_to_schedule").await?;
    let sql = "select id from river_job where id = any($1) and state not in ('scheduled', 'retryable')";
    let moved: Vec<i64> = sqlx::query_scalar(sql).bind(&waiting).fetch_all(pool).await?;
    if moved.is_empty() {
        return Ok(json!({ "jobs": [] }));
    }
    let page = client.jobs().list(JobListParams::default().ids(moved).limit(10_000)).await?;
    Ok(wire::jobs(&page.jobs))
}

pub async fn rescue(pool: &PgPool, after_us: u64, timeout_us: i64) -> Answer {
    let config = still()
        .with_rescue_after(Duration::from_micros(after_us))
        .with_rescuer_interval(AT_ONCE);
    let builder = builder(pool).maintenance(config);
    let builder = match u64::try_from(timeout_us) {
        Ok(timeout) => builder.job_timeout(Duration::from_micros(timeout)),
        Err(_) => builder.without_job_timeout(),
    };
    let count = unscheduled(pool, builder, RESCUES, "errors = array_append(job.errors").await?;
    Ok(json!({ "count": count }))
}

pub async fn clean(pool: &PgPool, kept: Kept) -> Answer {
    let config = still()
        .with_job_cleaner_interval(AT_ONCE)
        .with_cancelled_job_retention(retention(kept.cancelled_us))
        .with_completed_job_retention(retention(kept.completed_us))
        .with_discarded_job_retention(retention(kept.discarded_us));
    let marker = "state = 'cancelled' AND $1 AND finalized_at";
    let keeps_all = [kept.cancelled_us, kept.completed_us, kept.discarded_us].iter().all(|us| *us < 0);
    // A cleaner that keeps everything runs no statement: then passes of the rescuer, begun as often, tell that its time has come.
    let (config, begins) = match keeps_all {
        true => (config.with_rescuer_interval(AT_ONCE), RESCUES),
        false => (config, marker),
    };
    let count = unscheduled(pool, builder(pool).maintenance(config), begins, marker).await?;
    Ok(json!({ "count": count }))
}

pub async fn clean_queues(pool: &PgPool, after_us: u64) -> Answer {
    let config = still()
        .with_queue_cleaner_interval(AT_ONCE)
        .with_queue_retention(Duration::from_micros(after_us));
    let marker = "WHERE updated_at < $1 ORDER BY name";
    let count = unscheduled(pool, builder(pool).maintenance(config), marker, marker).await?;
    Ok(json!({ "count": count }))
}

/// A producer touches its queue when it starts; this one knows no kind of job.
pub async fn queue_touch(pool: &PgPool, client: &Client, queue: &str) -> Answer {
    let mut workers = Workers::new();
    workers.add::<Object<Nobody>, _>(Idle)?;
    let toucher = Client::builder(pool.clone())
        .fetch_only_known_kinds(true)
        .queue(queue, QueueConfig::new(1))
        .without_leader_election()
        .without_notifications()
        .workers(workers)
        .build()?;
    let mut run = toucher.start()?;
    run.wait_ready().await?;
    run.stop().await?;
    Ok(json!({ "queue": wire::queue(&client.queues().get(queue).await?) }))
}

/// Services that find nothing to do. The scheduler looks no further ahead than it must.
fn still() -> MaintenanceConfig {
    MaintenanceConfig::default()
        .with_cancelled_job_retention(Retention::Keep)
        .with_completed_job_retention(Retention::Keep)
        .with_discarded_job_retention(Retention::Keep)
        .with_queue_retention(NEVER)
        .with_rescue_after(NEVER)
        .with_scheduler_interval(Duration::from_millis(1))
}

fn retention(micros: i64) -> Retention {
    u64::try_from(micros).map_or(Retention::Keep, |kept| Retention::DeleteAfter(Duration::from_micros(kept)))
}

fn builder(pool: &PgPool) -> ClientBuilder {
    let nothing = PostgresReindexConfig::default().with_index_names([] as [&str; 0]);
    let mut workers = Workers::new();
    each_own_kind!(Kind => {
        workers.add::<Object<Kind>, _>(Idle).expect("each kind is added once");
    });
    Client::builder(PostgresDatabase::new(pool.clone()).with_reindex(nothing))
        .without_job_timeout()
        .queue(IDLE, QueueConfig::new(1).with_fetch_poll_interval(NEVER))
        .without_notifications()
        .workers(workers)
}

/// A pass during which the scheduler, which every leader runs, is kept from what is due.
async fn unscheduled(pool: &PgPool, builder: ClientBuilder, begins: &str, counts: &str) -> Result<u64, wire::Failure> {
    let mut locks = pool.begin().await?;
    let sql = "select id from river_job where state in ('scheduled', 'retryable') for update";
    sqlx::query(sql).execute(&mut *locks).await?;
    let count = pass(pool, builder, begins, counts).await;
    locks.rollback().await?;
    count
}

/// Leads until the service begins its second pass, by when the first is committed. How many rows the statement of the first changed.
async fn pass(pool: &PgPool, builder: ClientBuilder, begins: &str, counts: &str) -> Result<u64, wire::Failure> {
    let client = builder.build()?;
    let (leader, queue) = (Aside::leader(pool).await?, Aside::queue(pool, IDLE).await?);
    let mut watch = Watch::start();
    let mut run = client.start()?;
    let counted = async {
        let (mut passes, mut rows) = (0, 0);
        loop {
            let (which, statement) = watch.until(&[begins, counts]).await?;
            passes += u64::from(which == 0);
            if passes > 1 {
                return Ok(rows);
            }
            if which == 1 || begins == counts {
                rows += statement.rows;
            }
        }
    }
    .await;
    // Without its row it resigns from nothing, and tells nobody.
    leader.put_back(pool).await?;
    let stopped = run.stop().await;
    queue.put_back(pool).await?;
    stopped?;
    counted
}

/// Works on nothing, and tells how long it might.
struct Idle;

impl<T: JobArgs> Worker<Object<T>> for Idle {
    type Error = riverqueue::BoxError;

    async fn work(&self, _: WorkContext, _: Job<Object<T>>) -> Result<WorkOutcome, Self::Error> {
        Err("it must have no jobs".into())
    }

    fn timeout(&self, _: &Job<Object<T>>) -> WorkerTimeout {
        match T::KIND {
            "weir_1h" => WorkerTimeout::After(Duration::from_hours(1)),
            "weir_never" => WorkerTimeout::Disabled,
            _ => WorkerTimeout::ClientDefault,
        }
    }
}
