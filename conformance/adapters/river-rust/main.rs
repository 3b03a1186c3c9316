//! Answers Weir's adapter protocol, one JSON-RPC 2.0 object a line, by calling
//! the `riverqueue` crate that it was built with. It translates and decides
//! nothing: what is stored is River's own doing.

mod aside;
mod clock;
mod control;
mod insert;
mod kinds;
mod maintenance;
mod watch;
mod wire;
mod work;

use std::io::{BufRead, Write};
use std::time::Duration;

use riverqueue::migrate::PostgresMigrator;
use riverqueue::sqlx::{self, PgPool, postgres::PgPoolOptions};
use riverqueue::{Client, Error};
use serde::Deserialize;
use serde_json::{Value, json};

use maintenance::Kept;
use wire::{Answer, Call, Failure, refuse};
use work::Attempts;

struct Adapter {
    pool: PgPool,
    client: Client,
    attempts: Attempts,
    is_migrated: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        eprintln!("river-rust: DATABASE_URL must name the database to use, but is not set");
        std::process::exit(1);
    };
    tracing::subscriber::set_global_default(watch::Log)?;
    // Nothing happens between requests: tasks of live clients run while one is answered.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut adapter = runtime.block_on(async { Adapter::new(&url) })?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = runtime.block_on(adapter.answer(&line?));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Request {
    id: Value,
    method: String,
    params: Value,
}

impl Adapter {
    fn new(url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let pool = PgPoolOptions::new().max_connections(10).connect_lazy(url)?;
        let client = inserter(&pool)?;
        Ok(Self { pool, client, attempts: Attempts::default(), is_migrated: false })
    }

    async fn answer(&mut self, line: &str) -> Value {
        let request: Request = match serde_json::from_str(line) {
            Ok(request) => request,
            Err(error) => {
                let error = Failure { code: -32_700, message: error.to_string(), data: None };
                return json!({ "jsonrpc": "2.0", "id": null, "error": error });
            }
        };
        let Request { id, method, params } = request;
        let result = match serde_json::from_value(json!({ "method": method, "params": params })) {
            Ok(call) => self.call(call).await,
            Err(error) => {
                let message = error.to_string();
                let is_unknown = message.starts_with(&format!("unknown variant `{method}`"));
                Err(Failure { code: if is_unknown { -32_601 } else { -32_602 }, message, data: None })
            }
        };
        self.rolled_back().await;
        match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
        }
    }

    async fn call(&mut self, call: Call) -> Answer {
        let (pool, client) = (&self.pool, &self.client);
        let row = |row| json!({ "job": wire::job(&row) });
        match call {
            Call::Handshake { protocol, nonce } => handshake(&protocol, &nonce),
            Call::Reset {} => self.reset().await,
            Call::Insert { now, job } => at(now, insert::one(client, job)).await,
            Call::InsertMany { now, jobs } => at(now, insert::many(client, jobs)).await,
            Call::Fetch { now, queue, limit, client } => {
                at(now, self.attempts.fetch(pool, &queue, limit, client)).await
            }
            Call::Finish { now, id, attempt, attempted_at: _, outcome } => {
                at(now, self.attempts.finish(pool, id, attempt, outcome)).await
            }
            Call::Schedule { now, .. } => at(now, maintenance::schedule(pool, client)).await,
            Call::Rescue { now, after_us, timeout_us, .. } => {
                at(now, maintenance::rescue(pool, after_us, timeout_us)).await
            }
            Call::Clean { now, cancelled_us, completed_us, discarded_us, .. } => {
                let kept = Kept { cancelled_us, completed_us, discarded_us };
                at(now, maintenance::clean(pool, kept)).await
            }
            Call::CleanQueues { now, after_us, .. } => at(now, maintenance::clean_queues(pool, after_us)).await,
            Call::QueueTouch { now, queue } => at(now, maintenance::queue_touch(pool, client, &queue)).await,
            Call::Get { now, id } => Ok(row(at(now, client.jobs().get(id).into_future()).await?)),
            Call::Delete { now, id } => Ok(row(at(now, client.jobs().delete(id).into_future()).await?)),
            Call::Cancel { now, id } => Ok(row(at(now, client.jobs().cancel(id).into_future()).await?)),
            Call::Retry { now, id } => Ok(row(at(now, client.jobs().retry(id).into_future()).await?)),
            Call::Update { now, id, output } => at(now, control::update(client, id, &output)).await,
            Call::DeleteMany(filter) => at(filter.now, control::delete_many(client, filter)).await,
            Call::List(filter) => at(filter.now, control::list(client, filter)).await,
            Call::QueuePause { now, queue } => {
                clock::set(now);
                client.queues().pause(control::selector(queue)).await?;
                Ok(json!({}))
            }
            Call::QueueResume { now, queue } => {
                clock::set(now);
                client.queues().resume(control::selector(queue)).await?;
                Ok(json!({}))
            }
            Call::QueueUpdate { now, queue, metadata } => {
                at(now, control::queue_update(client, &queue, metadata)).await
            }
            Call::QueueGet { now, queue } => {
                clock::set(now);
                Ok(json!({ "queue": wire::queue(&client.queues().get(queue).await?) }))
            }
            Call::QueueList { now, limit } => at(now, control::queue_list(client, limit)).await,
            Call::RequestResign { now } => {
                clock::set(now);
                client.request_resign().await?;
                Ok(json!({}))
            }
        }
    }

    /// Waits until what River gave up is rolled back. SQLx leaves that to a task, which would run
    /// no more once Weir has its answer, and the transaction would keep its locks from Weir.
    async fn rolled_back(&self) {
        let sql = "select exists (select from pg_stat_activity where datname = current_database() \
                   and state like 'idle in transaction%' and pid <> pg_backend_pid())";
        let ended = async {
            while sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap_or(false) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Some(())
        };
        if let Err(failure) = watch::patiently("end its transactions", ended).await {
            eprintln!("{}", failure.message);
        }
    }

    async fn reset(&mut self) -> Answer {
        if !self.is_migrated {
            PostgresMigrator::new(self.pool.clone())
                .migrate_up()
                .await
                .map_err(|error| refuse("internal", error))?;
            self.is_migrated = true;
        }
        // Deleting beats truncating by far on tables as small as these.
        for table in ["river_job", "river_queue", "river_leader"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("delete from {table}"))).execute(&self.pool).await?;
        }
        sqlx::query("select setval('river_job_id_seq', 1, false)").execute(&self.pool).await?;
        self.attempts.abandon().await?;
        // A client remembers when it last told each queue; a new one does not.
        self.client = inserter(&self.pool)?;
        Ok(json!({}))
    }
}

async fn at<F: Future>(now: riverqueue::jiff::Timestamp, then: F) -> F::Output {
    clock::set(now);
    then.await
}

/// A client that is never started. Steps are further apart than its shortest pause between notifications.
fn inserter(pool: &PgPool) -> Result<Client, Error> {
    Client::builder(pool.clone()).fetch_cooldown(Duration::from_millis(1)).build()
}

fn handshake(protocol: &[u32], nonce: &str) -> Answer {
    if !protocol.contains(&1) {
        return Err(refuse("unsupported", format!("protocol must include 1, but is {protocol:?}")));
    }
    Ok(json!({
        "protocol": 1,
        "nonce": nonce,
        "adapter": "river-rust",
        "implementation": "riverqueue",
        "version": env!("RIVERQUEUE"),
        "language": "rust",
        "clock": "database",
        "capabilities": capabilities(),
    }))
}

fn capabilities() -> Value {
    let unsupported = |reason: &str| json!({ "unsupported": reason });
    let divergent = |rule: &str, why: &str| json!({ "divergent": rule, "why": why });
    let batches = "the services take batches of 10,000, which no option changes";
    json!({
        "insert": "supported",
        "control": "supported",
        "queue": "supported",
        "fetch": "supported",
        "finish": "supported",
        "finish.discard": divergent("FIN-13", "a worker that discards its job gives no reason: its error is job discarded by worker"),
        "finish.late": unsupported("a worker ends its attempt once"),
        "finish.past": unsupported("a worker names a delay until its retry, which is never negative"),
        "schedule": "supported",
        "schedule.horizon": divergent("horizon", "the scheduler's interval is its horizon, and its only time"),
        "schedule.limit": unsupported(batches),
        "rescue": "supported",
        "rescue.unknown_kind": divergent("RSC-11", "the rescuer discards jobs of kinds that its client has no worker for"),
        "rescue.any_mark": divergent("RSC-12", "the rescuer takes only a time for a mark"),
        "clean": "supported",
        "clean.limit": unsupported(batches),
        "clean_queues": "supported",
        "clean_queues.limit": unsupported(batches),
        "clean_queues.paused": divergent("CLN-7", "the queue cleaner deletes the row of a paused queue like any other"),
        "put": unsupported("a worker ends only attempts that it began"),
        "enqueue_periodic": unsupported("leaders take the time from their own clock only"),
        "leader": unsupported("clients elect one another in their own time"),
    })
}
