// Command go-late-result shows the result of a rescued attempt ending the
// attempt that runs in its place, whose own result is dropped.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 50 seconds. Exit 1: the job is completed by the old attempt while
// the new one runs and fails. Exit 0: it is not.
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

type Import struct{}

func (Import) Kind() string { return "import" }

// worker's first attempt overstays its timeout, and returns nil while the
// second is at work, which fails.
type worker struct {
	river.WorkerDefaults[Import]
	second, first, failed chan struct{}
	attempts              atomic.Int32
}

func (w *worker) Work(_ context.Context, job *river.Job[Import]) error {
	switch w.attempts.Add(1) {
	case 1:
		<-w.second
		fmt.Println("attempt 1, rescued long ago, returns nil while attempt 2 runs")
		return nil
	case 2:
		fmt.Println("attempt", job.Attempt, "starts")
		close(w.second)
		<-w.first
		fmt.Println("attempt 2 returns an error")
		defer close(w.failed)
		return errors.New("attempt 2 fails")
	}
	return nil
}

func (*worker) NextRetry(*river.Job[Import]) time.Time { return time.Now().Add(time.Second) }

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	importer := &worker{second: make(chan struct{}), first: make(chan struct{}), failed: make(chan struct{})}
	workers := river.NewWorkers()
	river.AddWorker(workers, importer)
	client := must(river.NewClient(driver, &river.Config{
		JobTimeout:           10 * time.Millisecond,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		RescueStuckJobsAfter: 20 * time.Millisecond, // the default is an hour
		Workers:              workers,
	}))
	job := must(client.Insert(ctx, Import{}, nil)).Job
	must(0, client.Start(ctx)) // its rescuer looks within a second, and every 30 seconds

	<-importer.second
	time.Sleep(2 * time.Second)
	between := must(client.JobGet(ctx, job.ID))
	fmt.Println("job 1 is", between.State, "while attempt 2 runs")
	close(importer.first)
	<-importer.failed
	time.Sleep(2 * time.Second)
	after := must(client.JobGet(ctx, job.ID))
	fmt.Printf("job 1 is %s after attempt 2 failed, with %d errors\n", after.State, len(after.Errors))
	if between.State == rivertype.JobStateCompleted && after.State == rivertype.JobStateCompleted {
		fmt.Println("FOUND: the late result counts, and the failure of the latest attempt does not")
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
