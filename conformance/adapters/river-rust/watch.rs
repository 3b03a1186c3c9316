//! Tells which statements have run. River's live services say nothing else
//! about a pass that found nothing to do.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::wire::{Failure, refuse};

/// How long a live client has for what it is asked; less than Weir's budget for a step.
const PATIENCE: Duration = Duration::from_secs(4);

static LISTENER: Mutex<Option<UnboundedSender<Statement>>> = Mutex::new(None);

/// A statement that has run, whether or not it is committed.
#[derive(Default)]
pub struct Statement {
    text: String,
    pub rows: u64,
}

/// The statements that run from its creation on.
pub struct Watch(UnboundedReceiver<Statement>);

impl Watch {
    pub fn start() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        *LISTENER.lock().expect("no thread panics here") = Some(sender);
        Self(receiver)
    }

    /// Waits for a statement with one of these texts in it, and says with which.
    pub async fn until(&mut self, texts: &[&str]) -> Result<(usize, Statement), Failure> {
        patiently("run its statement", async {
            while let Some(statement) = self.0.recv().await {
                if let Some(which) = texts.iter().position(|text| statement.text.contains(text)) {
                    return Some((which, statement));
                }
            }
            None
        })
        .await
    }
}

/// What River does not do in time is a failure, and never an answer.
pub async fn patiently<T>(what: &str, done: impl Future<Output = Option<T>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, done).await {
        Ok(Some(value)) => Ok(value),
        _ => Err(refuse("internal", format!("River's client must {what} within 4 s, but did not"))),
    }
}

/// Takes SQLx's log for the watch, and leaves warnings to standard error.
pub struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query" || *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if event.metadata().target() != "sqlx::query" {
            return eprintln!("{} {}", event.metadata().level(), fields.all);
        }
        if let Some(sender) = &*LISTENER.lock().expect("no thread panics here") {
            let _ = sender.send(fields.statement);
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Fields {
    statement: Statement,
    all: String,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_affected" {
            self.statement.rows = value;
        }
    }

    /// A short statement is its own summary; a longer one follows it.
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" || field.name() == "db.statement" {
            self.statement.text.push_str(value);
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.all.push_str(&format!("{}={value:?} ", field.name()));
    }
}
