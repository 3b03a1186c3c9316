// Command go-cancel-conflict shows a unique job that River's JobCancel cannot
// cancel.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 2 seconds. Exit 1: the cancel fails. Exit 0: the job is cancelled.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Sync is unique by its args. UniqueOpts says of ByState that cancelled may
// safely be added, and retryable removed.
type Sync struct {
	Customer int `json:"customer"`
}

func (Sync) Kind() string { return "sync" }

func (Sync) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateCancelled, rivertype.JobStateCompleted,
		rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

type worker struct{ river.WorkerDefaults[Sync] }

func (*worker) Work(_ context.Context, job *river.Job[Sync]) error {
	if job.ID == 1 {
		return errors.New("job 1 fails")
	}
	return nil
}

func (*worker) NextRetry(*river.Job[Sync]) time.Time { return time.Now().Add(time.Hour) }

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{})
	client := must(river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}}, Workers: workers,
	}))

	first := must(client.Insert(ctx, Sync{7}, nil)).Job
	must(0, client.Start(ctx))
	for must(client.JobGet(ctx, first.ID)).State != rivertype.JobStateRetryable {
		time.Sleep(50 * time.Millisecond)
	}
	second := must(client.Insert(ctx, Sync{7}, nil))
	fmt.Println("job 1 is retryable; job 2 of the same key is a duplicate:", second.UniqueSkippedAsDuplicate)

	if _, err := client.JobCancel(ctx, first.ID); err != nil {
		fmt.Println("JobCancel:", err)
		fmt.Println("FOUND: job 1 cannot be cancelled, and is", must(client.JobGet(ctx, first.ID)).State)
		os.Exit(1)
	}
	fmt.Println("not found: job 1 is", must(client.JobGet(ctx, first.ID)).State)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // exit 2: the program itself failed
	}
	return value
}
