// Command go-both-discarded shows River's scheduler discarding two unique jobs
// that compete for one key, so that neither runs.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 15 seconds. Exit 1: both were discarded. Exit 0: one was kept.
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

// Sync is unique by its args in all states but retryable, the one state that
// UniqueOpts.ByState may leave out, so that a failing job does not stop a new one.
type Sync struct {
	Customer int `json:"customer"`
}

func (Sync) Kind() string { return "sync" }

func (Sync) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateCompleted, rivertype.JobStatePending,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

type worker struct{ river.WorkerDefaults[Sync] }

func (*worker) Work(_ context.Context, job *river.Job[Sync]) error {
	if job.ID == 1 && job.Attempt == 1 {
		return errors.New("the first attempt of job 1 fails")
	}
	return nil
}

func (*worker) NextRetry(*river.Job[Sync]) time.Time { return time.Now().Add(8 * time.Second) }

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
	first = await(ctx, client, first.ID, func(s rivertype.JobState) bool { return s == rivertype.JobStateRetryable })
	fmt.Println("job 1 failed once and is", first.State, "with", first.MaxAttempts-first.Attempt, "attempts left")

	// Comes due with the retry of job 1, as any job within the same 5 seconds would.
	second := must(client.Insert(ctx, Sync{7}, &river.InsertOpts{ScheduledAt: first.ScheduledAt}))
	fmt.Println("job 2 of the same key is", second.Job.State, "and a duplicate:", second.UniqueSkippedAsDuplicate)

	settled := func(s rivertype.JobState) bool {
		return s == rivertype.JobStateCompleted || s == rivertype.JobStateDiscarded
	}
	first, last := await(ctx, client, first.ID, settled), await(ctx, client, second.Job.ID, settled)
	fmt.Printf("job 1 is %s after %d attempts %s\n", first.State, first.Attempt, first.Metadata)
	fmt.Printf("job 2 is %s after %d attempts %s\n", last.State, last.Attempt, last.Metadata)
	if first.State == rivertype.JobStateDiscarded && last.State == rivertype.JobStateDiscarded {
		fmt.Println("FOUND: both are discarded, and nobody does the work")
		os.Exit(1)
	}
	fmt.Println("not found")
}

func await[T any](ctx context.Context, client *river.Client[T], id int64, ok func(rivertype.JobState) bool) *rivertype.JobRow {
	for {
		if job := must(client.JobGet(ctx, id)); ok(job.State) {
			return job
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // exit 2: the program itself failed
	}
	return value
}
