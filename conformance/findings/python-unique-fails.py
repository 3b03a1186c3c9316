"""riverqueue 0.7.0 cannot insert unique jobs into the tables that River has had since 0.12.

Needs `pip install riverqueue==0.7.0 "sqlalchemy<2.1" psycopg2-binary`, and in DATABASE_URL a database that may be thrown away and
that River's own `rivermigrate` of 0.51.1 has migrated. Exits with 1 if it shows, with 0 if not.
"""

import os
import sys
from dataclasses import dataclass

import riverqueue
import sqlalchemy
from riverqueue import InsertOpts, UniqueOpts
from riverqueue.driver import riversqlalchemy


@dataclass
class Invoice:
    kind: str = "invoice"

    def to_json(self) -> str:
        return '{"id": 1}'


url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1)
engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
client = riverqueue.Client(riversqlalchemy.Driver(engine))

plain = client.insert(Invoice())
print(f"a plain job is inserted: job {plain.job.id}")
try:
    unique = client.insert(Invoice(), InsertOpts(unique_opts=UniqueOpts(by_args=True)))
except sqlalchemy.exc.ProgrammingError as error:
    print(f"a unique job is not: {error.orig.pgcode} {str(error.orig).strip()}")
    print("FOUND: no unique job can be inserted")
    sys.exit(1)
print(f"a unique job is inserted: job {unique.job.id}")
