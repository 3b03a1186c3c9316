// Command go-unknown-kind shows River's rescuer discarding a job that another
// client is working, because the leading client has no worker of its kind.
//
// It wants DATABASE_URL to name an empty database that may be thrown away, and
// takes about 40 seconds. Exit 1: the job was discarded. Exit 0: it was not.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

type Email struct{}

func (Email) Kind() string { return "email" }

type emailWorker struct{ river.WorkerDefaults[Email] }

func (*emailWorker) Work(context.Context, *river.Job[Email]) error { return nil }

type Video struct{}

func (Video) Kind() string { return "video" }

// videoWorker takes long, and says so: without a timeout a job is never stuck.
type videoWorker struct{ river.WorkerDefaults[Video] }

func (*videoWorker) Timeout(*river.Job[Video]) time.Duration { return -1 }

var done = make(chan struct{})

func (*videoWorker) Work(context.Context, *river.Job[Video]) error {
	time.Sleep(36 * time.Second)
	fmt.Println("the video service has done its work without an error")
	close(done)
	return nil
}

func main() {
	ctx := context.Background()
	driver := riverpgxv5.New(must(pgxpool.New(ctx, os.Getenv("DATABASE_URL"))))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	emails, videos := river.NewWorkers(), river.NewWorkers()
	river.AddWorker(emails, &emailWorker{})
	river.AddWorker(videos, &videoWorker{})
	service := func(queue string, workers *river.Workers) *river.Client[pgx.Tx] {
		return must(river.NewClient(driver, &river.Config{
			ID:                   queue + " service",
			JobTimeout:           time.Second,
			Queues:               map[string]river.QueueConfig{queue: {MaxWorkers: 10}},
			RescueStuckJobsAfter: 2 * time.Second, // the default is an hour
			Workers:              workers,
		}))
	}
	leader, client := service("email", emails), service("video", videos)
	must(0, leader.Start(ctx)) // the first to start leads, and rescues for all
	time.Sleep(time.Second)
	must(0, client.Start(ctx))
	job := must(client.Insert(ctx, Video{}, &river.InsertOpts{Queue: "video"})).Job

	<-done // the rescuer looks every 30 seconds
	time.Sleep(2 * time.Second)
	job = must(client.JobGet(ctx, job.ID))
	fmt.Printf("job 1 is %s after %d of %d attempts, errors %v\n", job.State, job.Attempt, job.MaxAttempts, job.Errors)
	if job.State == rivertype.JobStateDiscarded {
		fmt.Println("FOUND: the job was discarded with attempts left")
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
