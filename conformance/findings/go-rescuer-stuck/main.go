// Command go-rescuer-stuck shows one stuck job with odd metadata keeping
// River's rescuer from rescuing any other job.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 35 seconds. Exit 1: nothing is rescued. Exit 0: the others are.
package main

import (
	"context"
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

type Stuck struct{}

func (Stuck) Kind() string { return "stuck" }

// worker never returns, as if its process were gone.
type worker struct{ river.WorkerDefaults[Stuck] }

func (*worker) Work(context.Context, *river.Job[Stuck]) error { select {} }

func (*worker) NextRetry(*river.Job[Stuck]) time.Time { return time.Now().Add(time.Hour) }

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{})
	client := must(river.NewClient(driver, &river.Config{
		JobTimeout:           10 * time.Millisecond,
		Logger:               slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelError})),
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		RescueStuckJobsAfter: 20 * time.Millisecond, // the default is an hour
		Workers:              workers,
	}))

	metadata := `{"cancel_attempted_at": "yesterday"}`
	if len(os.Args) > 1 {
		metadata = os.Args[1] // try []
	}
	odd := must(client.Insert(ctx, Stuck{}, &river.InsertOpts{Metadata: []byte(metadata)})).Job
	plain := must(client.Insert(ctx, Stuck{}, nil)).Job
	must(0, client.Start(ctx))
	// The rescuer looks at the start and every 30 seconds.
	for deadline := time.Now().Add(35 * time.Second); plain.State != rivertype.JobStateRetryable && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
		plain = must(client.JobGet(ctx, plain.ID))
	}

	odd, plain = must(client.JobGet(ctx, odd.ID)), must(client.JobGet(ctx, plain.ID))
	fmt.Printf("job 1 with metadata %s is %s, job 2 with metadata %s is %s\n", odd.Metadata, odd.State, plain.Metadata, plain.State)
	if plain.State == rivertype.JobStateRunning {
		fmt.Println("FOUND: job 2 is not rescued, as job 1 comes before it")
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
