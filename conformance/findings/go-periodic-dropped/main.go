// Command go-periodic-dropped shows River's periodic enqueuer losing the run of
// one periodic job because another one's could not be inserted.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 11 seconds. Exit 1: the nightly run is lost. Exit 0: it was inserted.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

type Refresh struct {
	Why string `json:"why"`
}

func (Refresh) Kind() string { return "refresh" }

type Nightly struct{}

func (Nightly) Kind() string { return "nightly" }

type refresher struct{ river.WorkerDefaults[Refresh] }

func (*refresher) Work(context.Context, *river.Job[Refresh]) error { return nil }

type nightly struct{ river.WorkerDefaults[Nightly] }

func (*nightly) Work(context.Context, *river.Job[Nightly]) error { return nil }

// once is a schedule with one run, and then none for a day, like a nightly one.
type once struct{ at time.Time }

func (o once) Next(after time.Time) time.Time {
	if after.Before(o.at) {
		return o.at
	}
	return o.at.AddDate(0, 0, 1)
}

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &refresher{})
	river.AddWorker(workers, &nightly{})
	midnight := once{time.Now().Add(8 * time.Second)}
	unique := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByQueue: true}}
	var made atomic.Int32
	every := func(args river.JobArgs, opts *river.InsertOpts) *river.PeriodicJob {
		return river.NewPeriodicJob(midnight, func() (river.JobArgs, *river.InsertOpts) {
			made.Add(1)
			return args, opts
		}, nil)
	}
	client := must(river.NewClient(driver, &river.Config{
		Logger: slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelError})),
		PeriodicJobs: []*river.PeriodicJob{
			every(Refresh{"hourly"}, unique), every(Refresh{"daily"}, unique), every(Nightly{}, nil),
		},
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		Workers: workers,
	}))
	must(0, client.Start(ctx))
	for made.Load() < 3 {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(3 * time.Second)

	runs := must(client.JobList(ctx, river.NewJobListParams().Kinds("nightly"))).Jobs
	refreshes := must(client.JobList(ctx, river.NewJobListParams().Kinds("refresh"))).Jobs
	fmt.Printf("three runs were asked for at midnight; inserted: %d nightly, %d refresh\n", len(runs), len(refreshes))
	if len(runs) == 0 {
		fmt.Println("FOUND: tonight's nightly run is lost; the next one is tomorrow's")
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
