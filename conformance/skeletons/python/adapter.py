"""Puts a job queue under Weir's test. It only translates: replace what it does by calls of your queue."""

import json
import os
import re
import sys
from pathlib import Path

import psycopg

INSERT = (Path(__file__).parent / "insert.sql").read_text(encoding="utf-8")

HANDSHAKE = {
    "protocol": 1,
    "adapter": "my-adapter",
    "implementation": "my-queue",
    "version": "0.1.0",
    "language": "python",
    # Every call brings the time, and nothing here asks a clock.
    "clock": "injected",
    # Weir makes River's tables of this version. Leave it out if your queue does, on the first reset.
    "migration": 6,
    "capabilities": {
        "insert": "supported",
        "insert.unique": {"unsupported": "to be written"},
        "insert.paths": {"unsupported": "to be written"},
        "insert.notify": {"unsupported": "to be written"},
    },
}


class Refused(Exception):
    """An input that the queue does not take: an answer like any other."""


def refuse_bad(job):
    if not 1 <= len(job["kind"]) <= 127:
        raise Refused("kind must have 1 to 127 characters")
    if not re.fullmatch(r"(?=.{1,64}$)[a-z0-9]+([_|-][a-z0-9]+)*", job.get("queue", "default")):
        raise Refused("queue must be a name")
    if not all(re.fullmatch(r"(?=.{3,255}$)\w[\w-]+\w", tag, re.ASCII) for tag in job.get("tags", [])):
        raise Refused("tags must be words")
    if not 1 <= job.get("priority", 1) <= 4:
        raise Refused("priority must be 1 to 4")
    if not 1 <= job.get("max_attempts", 25) <= 32767:
        raise Refused("max_attempts must be 1 to 32767")
    if not isinstance(json.loads(job.get("metadata", "{}")), dict):
        raise Refused("metadata must be an object")
    if "unique" in job:
        raise Refused("unique jobs are to be written")


class Adapter:
    def __init__(self, url):
        self.db = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor)

    def handshake(self, params):
        return {**HANDSHAKE, "nonce": params["nonce"]}

    def reset(self, _params):
        for table in ("river_job", "river_queue", "river_leader"):
            self.db.execute(f"delete from {table}")
        return {}

    def insert(self, params):
        [inserted] = self.insert_all(params["now"], [params["job"]])
        return inserted

    def insert_many(self, params):
        return {"jobs": self.insert_all(params["now"], params["jobs"])}

    def insert_all(self, now, jobs):
        if not jobs:
            raise Refused("jobs must not be empty")
        for job in jobs:
            refuse_bad(job)
        row = self.db.execute(INSERT, [now, json.dumps(jobs)]).fetchone()
        return json.loads(row[0])


def answer(methods, method, params):
    if method not in methods:
        return {"error": {"code": -32601, "message": f"no method is called {method}"}}
    try:
        return {"result": methods[method](params)}
    except Refused as error:
        return refusal(error, {"code": "invalid"})
    except psycopg.Error as error:
        # Class 22: a value that the database cannot hold, such as \u0000 in args.
        if error.sqlstate and error.sqlstate.startswith("22"):
            return refusal(error, {"code": "invalid"})
        return refusal(error, {"code": "database", "sqlstate": error.sqlstate or "XX000"})


def refusal(error, data):
    return {"error": {"code": -32000, "message": str(error), "data": data}}


def main():
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("DATABASE_URL must name the database to use, but is not set")
    adapter = Adapter(url)
    methods = {name: getattr(adapter, name) for name in ("handshake", "reset", "insert", "insert_many")}
    for line in sys.stdin:
        asked = json.loads(line)
        said = answer(methods, asked["method"], asked["params"])
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **said}), flush=True)


main()
