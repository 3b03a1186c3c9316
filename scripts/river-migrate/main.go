// Command river-migrate runs River's own migrator, so that Weir's migrations can be compared with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

func main() {
	databaseURL := flag.String("database-url", "", "where to migrate")
	direction := flag.String("direction", "up", "up or down")
	schema := flag.String("schema", "", "schema of River's tables; empty means the first in the search_path")
	version := flag.Int("version", 0, "version to end at; 0 means the latest up, and nothing left down")
	flag.Parse()

	versions, err := migrate(context.Background(), *databaseURL, *schema, rivermigrate.Direction(*direction), *version)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, version := range versions {
		fmt.Println(version.Version)
	}
}

func migrate(ctx context.Context, url, schema string, direction rivermigrate.Direction, version int) ([]rivermigrate.MigrateVersion, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	defer pool.Close()

	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema})
	if err != nil {
		return nil, err
	}
	// River's word for "nothing left" is -1, because its 0 means that no target was given.
	if direction == rivermigrate.DirectionDown && version == 0 {
		version = -1
	}
	result, err := migrator.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: version})
	if err != nil {
		return nil, err
	}
	return result.Versions, nil
}
