//! A `riverqueue` client that is told what to do over its standard input and
//! tells what happens on its standard output, one JSON object a line.

mod calls;
mod script;

use std::io::{BufRead, Write};
use std::sync::Arc;

use riverqueue::BoxError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use calls::Peer;

#[derive(Deserialize)]
struct Request {
    id: u64,
    method: String,
    params: Value,
}

/// Something that happened to a job or a queue, unasked.
#[derive(Default, Serialize)]
pub struct Event {
    pub event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
}

impl Event {
    pub fn tell(&self) {
        write(&json!(self));
    }
}

fn write(line: &Value) {
    // Nobody is there to be told that nobody reads.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn main() -> Result<(), BoxError> {
    let (line, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|text| line.send(text))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let peer = Arc::new(Peer::new(&std::env::var("DATABASE_URL")?)?);
        while let Some(text) = lines.recv().await {
            let request: Request = serde_json::from_str(&text)?;
            // Calls overlap, so that two peers can be made to do something at once.
            tokio::spawn(answer(Arc::clone(&peer), request));
        }
        Ok(())
    })
}

async fn answer(peer: Arc<Peer>, Request { id, method, params }: Request) {
    let result = match serde_json::from_value(json!({ "method": method, "params": params })) {
        Ok(call) => peer.call(call).await,
        Err(error) => Err(error.into()),
    };
    write(&match result {
        Ok(result) => json!({ "id": id, "result": result }),
        Err(error) => json!({ "id": id, "error": error.to_string() }),
    });
}
