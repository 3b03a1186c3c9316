module my-adapter

go 1.26

require github.com/jackc/pgx/v5 v5.11.0
