// Command go-clean-retried shows River's job cleaner deleting a job that
// JobRetryTx had made available again, so that it never runs.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 8 seconds. Exit 1: the retried job is gone. Exit 0: it is there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

type Report struct{}

func (Report) Kind() string { return "report" }

type worker struct{ river.WorkerDefaults[Report] }

func (*worker) Work(context.Context, *river.Job[Report]) error {
	ran.Store(true)
	return nil
}

var ran atomic.Bool

func main() {
	ctx := context.Background()
	pool := must(pgxpool.New(ctx, os.Getenv("DATABASE_URL")))
	driver := riverpgxv5.New(pool)
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{})
	client := must(river.NewClient(driver, &river.Config{
		CancelledJobRetentionPeriod: time.Second, // the default is 24 hours
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		Workers:                     workers,
	}))

	job := must(client.Insert(ctx, Report{}, nil)).Job
	job = must(client.JobCancel(ctx, job.ID))
	fmt.Println("job 1 is", job.State)
	time.Sleep(1500 * time.Millisecond) // past its retention, and not cleaned yet: nobody leads

	tx := must(pool.Begin(ctx))
	job = must(client.JobRetryTx(ctx, tx, job.ID))
	fmt.Println("job 1 is", job.State, "by JobRetryTx, in a transaction that goes on for a while")
	must(0, client.Start(ctx))
	blocked := false // the cleaner looks within seconds, and waits for the transaction
	for deadline := time.Now().Add(20 * time.Second); !blocked && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		must(0, pool.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_locks WHERE NOT granted`).Scan(&blocked))
	}
	fmt.Println("the cleaner waits for the transaction:", blocked)
	must(0, tx.Commit(ctx))
	fmt.Println("the transaction is committed without an error")

	time.Sleep(2 * time.Second)
	job, err := client.JobGet(ctx, job.ID)
	if errors.Is(err, rivertype.ErrNotFound) {
		fmt.Println("FOUND: job 1 is gone; it has run:", ran.Load())
		os.Exit(1)
	}
	fmt.Println("not found: job 1 is", must(job, err).State)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // exit 2: the program itself failed
	}
	return value
}
