"""riverqueue 0.7.0 counts jobs of all periods as duplicates where `by_state` is given with `by_period`.

Needs `pip install riverqueue==0.7.0 "sqlalchemy<2.1" psycopg2-binary`, and in DATABASE_URL an empty database that may be thrown
away. Exits with 1 if it shows, with 0 if not.
"""

import os
import sys
from dataclasses import dataclass
from importlib.resources import files

import riverqueue
import sqlalchemy
from riverqueue import InsertOpts, JobState, UniqueOpts
from riverqueue.driver import riversqlalchemy


@dataclass
class Report:
    kind: str = "hourly_report"

    def to_json(self) -> str:
        return "{}"


url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1)
engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
# The package comes with the table that it is made for.
table = files("riverqueue.driver.riversqlalchemy.dbsqlc").joinpath("river_job.sql").read_text()
with engine.begin() as tx:
    tx.exec_driver_sql(table.split("-- name:")[0])

client = riverqueue.Client(riversqlalchemy.Driver(engine))
once_an_hour = InsertOpts(
    unique_opts=UniqueOpts(
        by_period=3600,
        by_state=[JobState.AVAILABLE, JobState.RUNNING, JobState.SCHEDULED],
    )
)
first = client.insert(Report(), once_an_hour)
with engine.begin() as tx:
    tx.exec_driver_sql("update river_job set created_at = created_at - interval '1 day'")
print(f"job {first.job.id} is of yesterday and still available")
second = client.insert(Report(), once_an_hour)
if second.unique_skipped_as_duplicated:
    print(f"the job of this hour is a duplicate of job {second.job.id}")
    print("FOUND: the period is not looked at, and the job of this hour is not inserted")
    sys.exit(1)
print(f"the job of this hour is job {second.job.id}")
