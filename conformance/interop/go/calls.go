package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

type startParams struct {
	Client  string                 `json:"client"`
	Queues  map[string]queueParams `json:"queues"`
	Workers int                    `json:"max_workers"`
}

type queueParams struct {
	PollMS int64 `json:"poll_interval_ms"`
}

// start returns when the client listens.
func (p *peer) start(ctx context.Context, params startParams) (done, error) {
	queues := map[string]river.QueueConfig{}
	for name, queue := range params.Queues {
		queues[name] = river.QueueConfig{
			FetchPollInterval: time.Duration(queue.PollMS) * time.Millisecond,
			MaxWorkers:        params.Workers,
		}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &scripted{out: &p.out})
	client, err := river.NewClient(riverpgxv5.New(p.pool), &river.Config{
		// Nor is a second notification within this time.
		FetchCooldown:       river.FetchCooldownMin,
		ID:                  params.Client,
		Logger:              slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Queues:              queues,
		SkipUnknownJobCheck: true,
		Workers:             workers,
	})
	if err != nil {
		return done{}, err
	}
	p.client = client
	p.tell()
	return done{}, client.Start(ctx)
}

var told = map[river.EventKind]string{
	river.EventKindJobCancelled:   "cancelled",
	river.EventKindJobCompleted:   "completed",
	river.EventKindJobFailed:      "failed",
	river.EventKindJobInterrupted: "interrupted",
	river.EventKindJobSnoozed:     "snoozed",
	river.EventKindQueuePaused:    "paused",
	river.EventKindQueueResumed:   "resumed",
}

// tell writes what River's own subscription says.
func (p *peer) tell() {
	kinds := make([]river.EventKind, 0, len(told))
	for kind := range told {
		kinds = append(kinds, kind)
	}
	events, _ := p.client.Subscribe(kinds...)
	go func() {
		for happened := range events {
			line := event{Event: told[happened.Kind]}
			if happened.Job != nil {
				line.Job, line.Attempt = happened.Job.ID, happened.Job.Attempt
			}
			if happened.Queue != nil {
				line.Queue = happened.Queue.Name
			}
			p.out.write(line)
		}
	}()
}

type insertParams struct {
	Kind        string     `json:"kind"`
	Args        string     `json:"args"`
	Queue       string     `json:"queue"`
	MaxAttempts int        `json:"max_attempts"`
	ScheduledAt *time.Time `json:"scheduled_at"`
	Unique      struct {
		ByArgs     bool  `json:"by_args"`
		ByPeriodMS int64 `json:"by_period_ms"`
		ByQueue    bool  `json:"by_queue"`
	} `json:"unique"`
}

type inserted struct {
	Job       int64 `json:"job"`
	Duplicate bool  `json:"duplicate"`
}

func (p *peer) insert(ctx context.Context, params insertParams) (inserted, error) {
	opts := &river.InsertOpts{
		MaxAttempts: params.MaxAttempts,
		Queue:       params.Queue,
		UniqueOpts: river.UniqueOpts{
			ByArgs:   params.Unique.ByArgs,
			ByPeriod: time.Duration(params.Unique.ByPeriodMS) * time.Millisecond,
			ByQueue:  params.Unique.ByQueue,
		},
	}
	if params.ScheduledAt != nil {
		opts.ScheduledAt = *params.ScheduledAt
	}
	result, err := p.client.Insert(ctx, argsOf(params.Kind, params.Args), opts)
	if err != nil {
		return inserted{}, err
	}
	return inserted{Job: result.Job.ID, Duplicate: result.UniqueSkippedAsDuplicate}, nil
}

type jobParams struct {
	Job int64 `json:"job"`
}

func (p *peer) cancel(ctx context.Context, params jobParams) (done, error) {
	_, err := p.client.JobCancel(ctx, params.Job)
	return done{}, err
}

type pauseParams struct {
	Queue string `json:"queue"`
}

func (p *peer) pause(ctx context.Context, params pauseParams) (done, error) {
	return done{}, p.client.QueuePause(ctx, params.Queue, nil)
}

func (p *peer) resume(ctx context.Context, params pauseParams) (done, error) {
	return done{}, p.client.QueueResume(ctx, params.Queue, nil)
}
