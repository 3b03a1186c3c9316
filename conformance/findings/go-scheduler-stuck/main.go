// Command go-scheduler-stuck shows one unique job keeping River's scheduler
// from scheduling any other job, on every pass.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 25 seconds. Exit 1: the other job waits on. Exit 0: it ran.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Sync is unique by its args. UniqueOpts says of ByState that discarded may
// safely be added, and retryable removed.
type Sync struct {
	Customer int `json:"customer"`
}

func (Sync) Kind() string { return "sync" }

func (Sync) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateCompleted, rivertype.JobStateDiscarded,
		rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

type Innocent struct{}

func (Innocent) Kind() string { return "innocent" }

type syncWorker struct{ river.WorkerDefaults[Sync] }

func (*syncWorker) Work(_ context.Context, job *river.Job[Sync]) error {
	if job.ID == 1 {
		return errors.New("job 1 fails")
	}
	return nil
}

func (*syncWorker) NextRetry(*river.Job[Sync]) time.Time { return time.Now().Add(6 * time.Second) }

type innocentWorker struct{ river.WorkerDefaults[Innocent] }

func (*innocentWorker) Work(context.Context, *river.Job[Innocent]) error { return nil }

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &syncWorker{})
	river.AddWorker(workers, &innocentWorker{})
	client := must(river.NewClient(driver, &river.Config{
		Logger:  slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelError})),
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		Workers: workers,
	}))

	first := must(client.Insert(ctx, Sync{7}, nil)).Job
	must(0, client.Start(ctx))
	for must(client.JobGet(ctx, first.ID)).State != rivertype.JobStateRetryable {
		time.Sleep(50 * time.Millisecond)
	}
	second := must(client.Insert(ctx, Sync{7}, nil))
	fmt.Println("job 1 is retryable; job 2 of the same key is a duplicate:", second.UniqueSkippedAsDuplicate)
	due := time.Now().Add(6 * time.Second)
	third := must(client.Insert(ctx, Innocent{}, &river.InsertOpts{ScheduledAt: due})).Job

	for time.Since(due) < 16*time.Second && third.State == rivertype.JobStateScheduled {
		time.Sleep(100 * time.Millisecond)
		third = must(client.JobGet(ctx, third.ID))
	}
	fmt.Printf("job 1 is %s, job 2 %s, the innocent job 3 %s\n",
		must(client.JobGet(ctx, first.ID)).State, must(client.JobGet(ctx, second.Job.ID)).State, third.State)
	if third.State == rivertype.JobStateScheduled {
		fmt.Println("FOUND: job 3 waits", time.Since(due).Round(time.Second), "after it came due, and nothing is scheduled any more")
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
