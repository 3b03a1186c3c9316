// Command go-periodic-early shows River's periodic enqueuer skipping runs of a
// job that is unique by period: a run that another periodic job's timer takes
// along, up to 100 ms early, counts for the period before its own.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 15 seconds. Exit 1: runs were skipped. Exit 0: there is one a period.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const period = 2 * time.Second // instead of a minute

type Minutely struct{}

func (Minutely) Kind() string { return "minutely" }

type Other struct{}

func (Other) Kind() string { return "other" }

type minutely struct{ river.WorkerDefaults[Minutely] }

func (*minutely) Work(context.Context, *river.Job[Minutely]) error { return nil }

type other struct{ river.WorkerDefaults[Other] }

func (*other) Work(context.Context, *river.Job[Other]) error { return nil }

// clock runs at every whole multiple of each, or so much before it, as
// PeriodicInterval does if the leader happens to start at such a time.
type clock struct{ each, before time.Duration }

func (c clock) Next(after time.Time) time.Time {
	return after.Add(c.before).Truncate(c.each).Add(c.each - c.before)
}

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, &minutely{})
	river.AddWorker(workers, &other{})
	unique := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: period}}
	client := must(river.NewClient(driver, &river.Config{
		PeriodicJobs: []*river.PeriodicJob{
			river.NewPeriodicJob(clock{period, 0}, func() (river.JobArgs, *river.InsertOpts) { return Minutely{}, unique }, nil),
			river.NewPeriodicJob(clock{2 * period, 50 * time.Millisecond}, func() (river.JobArgs, *river.InsertOpts) { return Other{}, nil }, nil),
		},
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		Workers: workers,
	}))
	must(0, client.Start(ctx))
	time.Sleep(6*period + time.Second)

	skipped, last := 0, time.Time{}
	for _, job := range must(client.JobList(ctx, river.NewJobListParams().Kinds("minutely"))).Jobs {
		early := job.ScheduledAt.Sub(job.CreatedAt).Round(time.Millisecond)
		fmt.Println("run of", job.ScheduledAt.Format("15:04:05"), "was inserted", early, "before")
		if !last.IsZero() {
			skipped += int(job.ScheduledAt.Sub(last).Round(period)/period) - 1
		}
		last = job.ScheduledAt
	}
	if skipped > 0 {
		fmt.Println("FOUND: runs in between that were skipped:", skipped)
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
