//! A live client touches its queue and takes the lead, which are steps of their
//! own for Weir: the rows are set aside before one runs, and put back after it.

use riverqueue::sqlx::{self, AssertSqlSafe, PgPool};

/// A row of a table, if there was one, as JSON.
pub struct Aside {
    table: &'static str,
    name: String,
    row: Option<String>,
}

impl Aside {
    pub async fn queue(pool: &PgPool, name: &str) -> sqlx::Result<Self> {
        Self::take(pool, "river_queue", name).await
    }

    pub async fn leader(pool: &PgPool) -> sqlx::Result<Self> {
        Self::take(pool, "river_leader", "default").await
    }

    async fn take(pool: &PgPool, table: &'static str, name: &str) -> sqlx::Result<Self> {
        let sql = format!("delete from {table} where name = $1 returning to_jsonb({table})::text");
        let row = sqlx::query_scalar(AssertSqlSafe(sql)).bind(name).fetch_optional(pool).await?;
        Ok(Self { table, name: name.to_owned(), row })
    }

    pub async fn put_back(self, pool: &PgPool) -> sqlx::Result<()> {
        let Self { table, name, row } = self;
        let delete = format!("delete from {table} where name = $1");
        sqlx::query(AssertSqlSafe(delete)).bind(name).execute(pool).await?;
        let insert = format!(
            "insert into {table} select * from jsonb_populate_record(null::{table}, $1::jsonb) where $1 is not null"
        );
        sqlx::query(AssertSqlSafe(insert)).bind(row).execute(pool).await?;
        Ok(())
    }
}
