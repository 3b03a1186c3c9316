// Command go-notify-discarded shows River telling clients of a new job in a
// queue in which its scheduler only discarded one.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 15 seconds. Exit 1: the queue is told of. Exit 0: it is not.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Sync is unique by its args in all default states but retryable.
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
	pool := must(pgxpool.New(ctx, os.Getenv("DATABASE_URL")))
	driver := riverpgxv5.New(pool)
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{})
	config := &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}, "lonely": {MaxWorkers: 10}}, Workers: workers,
	}
	client := must(river.NewClient(driver, config))

	first := must(client.Insert(ctx, Sync{7}, &river.InsertOpts{Queue: "lonely"})).Job
	must(0, client.Start(ctx))
	first = await(ctx, client, first.ID, rivertype.JobStateRetryable)
	second := must(client.Insert(ctx, Sync{7}, nil))
	fmt.Println("job 1 is retryable; job 2 of the same key is a duplicate:", second.UniqueSkippedAsDuplicate)

	// Nobody leads until job 1 is overdue: of jobs that it schedules ahead, the scheduler tells nobody.
	must(0, client.Stop(ctx))
	time.Sleep(time.Until(first.ScheduledAt) + time.Second)
	client = must(river.NewClient(driver, config))

	listener := must(pool.Acquire(ctx)).Conn()
	must(listener.Exec(ctx, `LISTEN "public.river_insert"`))
	must(0, client.Start(ctx))
	await(ctx, client, first.ID, rivertype.JobStateDiscarded)
	fmt.Println("job 1 is discarded by the scheduler, and no other job was in its queue")
	waited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		notification, err := listener.WaitForNotification(waited)
		if err != nil {
			fmt.Println("not found")
			return
		}
		fmt.Println("told:", notification.Payload)
		if strings.Contains(notification.Payload, "lonely") {
			fmt.Println("FOUND: clients are told to fetch from a queue in which nothing became available")
			os.Exit(1)
		}
	}
}

func await[T any](ctx context.Context, client *river.Client[T], id int64, state rivertype.JobState) *rivertype.JobRow {
	for {
		if job := must(client.JobGet(ctx, id)); job.State == state {
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
