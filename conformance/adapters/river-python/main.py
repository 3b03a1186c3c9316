"""An adapter for riverqueue, River's insert-only client for Python. It translates, and decides nothing."""

import json
import os
import sys
import traceback
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any, Callable, Optional

import riverqueue
import riverqueue.client
import sqlalchemy
from riverqueue.driver import riversqlalchemy
from riverqueue.driver.riversqlalchemy import sql_alchemy_driver
from riverqueue.driver.riversqlalchemy.dbsqlc import river_job

MICROS = 1_000_000

# riverqueue has no migrator. Version 0.7.0 uses the index that River 0.10 brought with its migration 5, and that
# migration 6 of River 0.12 dropped.
EDITION = "0.10"
MIGRATION = 5

CAPABILITIES: dict[str, Any] = {
    "insert": "supported",
    "insert.exclude_kind": {"unsupported": "riverqueue always counts the kind"},
    "insert.metadata": {"unsupported": "riverqueue takes no metadata"},
    "insert.notify": {
        "divergent": "INS-29",
        "why": "riverqueue tells no listener of a new job; workers find it when they next poll",
    },
    "insert.paths": {"unsupported": "riverqueue takes all args or none"},
    "insert.pending": {"unsupported": "riverqueue inserts no pending jobs"},
    "insert.subseconds": {"unsupported": "riverqueue takes periods in whole seconds"},
    "insert.zero": {"unsupported": "riverqueue reads zero and the empty string as unset"},
}


class Refused(Exception):
    """What is answered as an error, with a code of the protocol."""

    def __init__(self, code: str, message: str, sqlstate: Optional[str] = None):
        super().__init__(message)
        self.data = {"code": code, **({"sqlstate": sqlstate} if sqlstate else {})}


class StepTime(datetime):
    """The clock of the client's own process: it stands at the instant of the step."""

    at = datetime.fromtimestamp(0, timezone.utc)

    @classmethod
    def now(cls, tz=None):
        return cls.at.astimezone(tz)


riverqueue.client.datetime = StepTime  # type: ignore[attr-defined]
sql_alchemy_driver.datetime = StepTime  # type: ignore[attr-defined]


@dataclass
class Args:
    """Args that are JSON text already."""

    kind: str
    text: str

    def to_json(self) -> str:
        return self.text


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def insert_opts(job: dict[str, Any]) -> riverqueue.InsertOpts:
    for name in ("metadata", "pending"):
        if name in job:
            raise Refused("unsupported", CAPABILITIES[f"insert.{name}"]["unsupported"])
    due = job.get("scheduled_at")
    return riverqueue.InsertOpts(
        max_attempts=job.get("max_attempts"),
        priority=job.get("priority"),
        queue=job.get("queue"),
        scheduled_at=due and instant(due),
        tags=job.get("tags"),
        unique_opts=unique_opts(job["unique"]) if "unique" in job else None,
    )


def unique_opts(unique: dict[str, Any]) -> riverqueue.UniqueOpts:
    period = unique.get("by_period_us")
    if unique.get("exclude_kind"):
        raise Refused("unsupported", CAPABILITIES["insert.exclude_kind"]["unsupported"])
    if period is not None and period % MICROS != 0:
        raise Refused("unsupported", CAPABILITIES["insert.subseconds"]["unsupported"])
    states = unique.get("by_state")
    return riverqueue.UniqueOpts(
        by_args=unique.get("by_args") or None,
        by_period=period and period // MICROS,
        by_queue=unique.get("by_queue") or None,
        by_state=states and [riverqueue.JobState(state) for state in states],
    )


def wire_instant(at: Optional[datetime]) -> Optional[str]:
    if at is None:
        return None
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wire_job(job: riverqueue.Job) -> dict[str, Any]:
    """A row as the client returned it. It knows no `unique_states`."""
    return {
        "id": job.id,
        "state": str(getattr(job.state, "value", job.state)),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "attempted_at": wire_instant(job.attempted_at),
        "created_at": wire_instant(job.created_at),
        "finalized_at": wire_instant(job.finalized_at),
        "scheduled_at": wire_instant(job.scheduled_at),
        "priority": job.priority,
        "args": job.args,
        "attempted_by": job.attempted_by or [],
        "errors": [json.loads(error.to_json()) for error in job.errors or []],
        "kind": job.kind,
        "metadata": job.metadata,
        "queue": job.queue,
        "tags": job.tags,
        "unique_key": bytes(job.unique_key).hex() if job.unique_key else None,
        "unique_states": None,
    }


class Adapter:
    def __init__(self, url: str):
        # Args and metadata stay text, as a Python object would lose `1.0`.
        self.engine = sqlalchemy.create_engine(
            url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg2://", 1),
            json_deserializer=lambda text: text,
        )
        self.client = riverqueue.Client(riversqlalchemy.Driver(self.engine))

    def handshake(self, params: dict[str, Any]) -> dict[str, Any]:
        if 1 not in params["protocol"]:
            raise Refused("unsupported", f"protocol must include 1, but is {params['protocol']}")
        return {
            "protocol": 1,
            "nonce": params["nonce"],
            "adapter": "river-python",
            "implementation": "riverqueue-python",
            "version": version("riverqueue"),
            "language": "python",
            "clock": "database",
            "edition": EDITION,
            "migration": MIGRATION,
            "capabilities": CAPABILITIES,
        }

    def reset(self, _params: dict[str, Any]) -> dict[str, Any]:
        with self.engine.begin() as tx:
            for table in ("river_job", "river_queue", "river_leader"):
                tx.execute(sqlalchemy.text(f"delete from {table}"))
        return {}

    def insert(self, params: dict[str, Any]) -> dict[str, Any]:
        job = params["job"]
        result = self.client.insert(Args(job["kind"], job["args"]), insert_opts(job))
        return {"job": wire_job(result.job), "duplicate": result.unique_skipped_as_duplicated}

    def insert_many(self, params: dict[str, Any]) -> dict[str, Any]:
        """The client returns only a count, so the rows are looked up with its own query."""
        before = {job.id for job in self.all_jobs()}
        many = [
            riverqueue.InsertManyParams(Args(job["kind"], job["args"]), insert_opts(job))
            for job in params["jobs"]
        ]
        self.client.insert_many(many)
        inserted = [job for job in self.all_jobs() if job.id not in before]
        return {"jobs": [{"job": wire_job(job), "duplicate": False} for job in inserted]}

    def all_jobs(self) -> list[riverqueue.Job]:
        with self.engine.begin() as tx:
            rows = [sql_alchemy_driver.job_from_row(row) for row in river_job.Querier(tx).job_get_all()]
        return sorted(rows, key=lambda job: job.id)


def answer(methods: dict[str, Callable], method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method not in methods:
        return {"error": {"code": -32601, "message": f"no method is called {method}"}}
    if "now" in params:
        StepTime.at = instant(params["now"])
    try:
        return {"result": methods[method](params)}
    except Refused as error:
        return refusal(str(error), error.data)
    except (AssertionError, ValueError) as error:
        # What riverqueue raises for options that it does not take.
        return refusal(str(error), {"code": "invalid"})
    except sqlalchemy.exc.DBAPIError as error:
        sqlstate = getattr(error.orig, "pgcode", None)
        if sqlstate is not None:
            return refusal(str(error.orig).strip(), {"code": "database", "sqlstate": sqlstate})
        return broken(error)
    except Exception as error:  # pylint: disable=broad-except
        return broken(error)


def refusal(message: str, data: dict[str, str]) -> dict[str, Any]:
    return {"error": {"code": -32000, "message": message, "data": data}}


def broken(error: Exception) -> dict[str, Any]:
    traceback.print_exception(error, file=sys.stderr)
    return refusal(f"{type(error).__name__}: {error}", {"code": "internal"})


def main() -> None:
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("river-python: DATABASE_URL must name the database to use, but is not set")
    adapter = Adapter(url)
    methods = {name: getattr(adapter, name) for name in ("handshake", "reset", "insert", "insert_many")}
    for line in sys.stdin:
        asked = json.loads(line)
        said = answer(methods, asked["method"], asked.get("params", {}))
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **said}), flush=True)


main()
