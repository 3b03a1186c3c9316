// Command go-differs shows where River's public client answers otherwise than
// Weir's own rules ask: a line each, with the rule's id. None of it loses work.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 3 seconds. Exit 1: at least one shows. Exit 0: none.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

type Job struct {
	Name string `json:"name"`
	kind string
}

func (j Job) Kind() string { return cmp.Or(j.kind, "job") }

var shown int

// raw shows an error that is the database's own.
func raw(rule, what string, err error) {
	var fromDB *pgconn.PgError
	if errors.As(err, &fromDB) {
		show(rule, what+": SQLSTATE "+fromDB.Code)
	}
}

func show(rule, what string) {
	shown++
	fmt.Println(rule, what)
}

func panics(call func()) (did bool) {
	defer func() { did = recover() != nil }()
	call()
	return
}

func main() {
	ctx := context.Background()
	pool := must(pgxpool.New(ctx, os.Getenv("DATABASE_URL")))
	driver := riverpgxv5.New(pool)
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))
	client := must(river.NewClient(driver, &river.Config{}))
	insert := func(job Job, opts *river.InsertOpts) (*rivertype.JobRow, error) {
		result, err := client.Insert(ctx, job, opts)
		if err != nil {
			return nil, err
		}
		return result.Job, nil
	}
	unique := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
	plain := must(insert(Job{Name: "plain"}, nil))

	_, err := client.InsertMany(ctx, []river.InsertManyParams{
		{Args: Job{Name: "twice"}, InsertOpts: unique}, {Args: Job{Name: "twice"}, InsertOpts: unique}, {Args: Job{Name: "other"}},
	})
	raw("INS-16", "InsertMany of two jobs of one key and a third one", err)

	rival := must(insert(Job{Name: "rival"}, unique))
	must(client.JobCancel(ctx, rival.ID))
	must(insert(Job{Name: "rival"}, unique))
	_, err = client.JobRetry(ctx, rival.ID)
	raw("RET-8", "JobRetry of a job whose key another holds", err)

	if many := must(insert(Job{Name: "many"}, &river.InsertOpts{MaxAttempts: 100_000})); many.MaxAttempts != 100_000 {
		show("INS-25", fmt.Sprint("Insert with MaxAttempts 100000 is stored as ", many.MaxAttempts))
	}
	_, err = insert(Job{Name: "long", kind: strings.Repeat("k", 128)}, nil)
	raw("INS-26", "Insert of a kind of 128 characters", err)
	if odd, err := insert(Job{Name: "odd"}, &river.InsertOpts{Metadata: []byte(`[]`)}); err == nil {
		_, err := client.JobCancel(ctx, odd.ID)
		show("INS-27", fmt.Sprintf("Insert stores metadata %s; JobCancel of that job: %v", odd.Metadata, err))
	}
	_, err = insert(Job{Name: "nul \x00"}, nil)
	raw("INS-28", "Insert of args with a NUL", err)
	_, err = client.JobUpdate(ctx, plain.ID, &river.JobUpdateParams{Output: "\x00"})
	raw("UPD-3", "JobUpdate with an output with a NUL", err)
	_, err = client.JobList(ctx, river.NewJobListParams().Metadata("{"))
	raw("LST-15", "JobList with metadata that are no JSON", err)
	page := must(client.JobList(ctx, river.NewJobListParams().First(1)))
	byTime := river.NewJobListParams().OrderBy(river.JobListOrderByScheduledAt, river.SortOrderAsc).After(page.LastCursor)
	if _, err := client.JobList(ctx, byTime); err == nil {
		show("LST-14", "JobList by scheduled_at takes the cursor of a list by id")
	}
	if panics(func() {
		byEnd := river.NewJobListParams().OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderAsc)
		_, _ = client.JobList(ctx, byEnd.After(river.JobListCursorFromJob(plain)))
	}) {
		show("LST-10", "JobList by finalized_at after a job that is not final panics")
	}

	// A client works the queue `idle` and goes; the row is then made two days old, which takes SQL.
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[Job]) error { return nil }))
	worker := must(river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{"busy": {MaxWorkers: 1}}, Workers: workers,
	}))
	must(pool.Exec(ctx, `INSERT INTO river_queue (name, created_at, updated_at) VALUES ('idle', now(), now())`))
	if _, err := client.QueueUpdate(ctx, "idle", &river.QueueUpdateParams{Metadata: []byte(`[]`)}); err == nil {
		show("PAU-13", "QueueUpdate stores metadata []")
	}
	must(0, client.QueuePause(ctx, "idle", nil))
	must(pool.Exec(ctx, `UPDATE river_queue SET updated_at = now() - interval '2 days' WHERE name = 'idle'`))
	must(0, worker.Start(ctx))
	for range 100 {
		if _, err := client.QueueGet(ctx, "idle"); errors.Is(err, rivertype.ErrNotFound) {
			show("CLN-7", "the row of a paused queue is deleted, and with it the pause")
			break
		}
		time.Sleep(100 * time.Millisecond)
	}

	if shown > 0 {
		fmt.Println("FOUND:", shown, "differences")
		os.Exit(1)
	}
	fmt.Println("not found")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // exit 2: the program itself failed
	}
	return value
}
