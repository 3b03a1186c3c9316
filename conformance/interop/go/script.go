package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"
)

// textArgs carries any kind and any args text.
type textArgs struct{ kind, text string }

func (a textArgs) Kind() string { return a.kind }

func (a textArgs) MarshalJSON() ([]byte, error) { return []byte(a.text), nil }

// uniqueFlat has a tag: River takes from it which part of the args makes a job unique.
type uniqueFlat struct {
	textArgs
	A string `json:"a" river:"unique"`
}

func argsOf(kind, text string) river.JobArgs {
	args := textArgs{kind, text}
	if kind == "weir_unique_flat" {
		return uniqueFlat{textArgs: args}
	}
	return args
}

// script is the args of the jobs that are worked: what each run does, the last
// one for all that follow.
type script struct {
	Runs []string `json:"runs"`
}

func (script) Kind() string { return "weir_script" }

// scripted does what its jobs say.
type scripted struct {
	river.WorkerDefaults[script]
	out *writer
}

func (w *scripted) Work(ctx context.Context, job *river.Job[script]) error {
	w.out.write(event{Event: "started", Job: job.ID, Attempt: job.Attempt, Queue: job.Queue, Args: string(job.EncodedArgs)})
	run, err := job.Args.run(job.Attempt, job.Metadata)
	if err != nil {
		return err
	}
	action, operand, _ := strings.Cut(run, " ")
	switch action {
	case "complete":
		return nil
	case "error":
		return errors.New("the script says so")
	case "panic":
		panic("the script says so")
	case "cancel":
		return river.JobCancel(errors.New("the script says so"))
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	case "output":
		return river.RecordOutput(ctx, json.RawMessage(operand))
	}
	return timed(ctx, action, operand)
}

func timed(ctx context.Context, action, operand string) error {
	duration, err := time.ParseDuration(operand)
	if err != nil {
		return err
	}
	switch action {
	case "snooze":
		return river.JobSnooze(duration)
	case "sleep":
		select {
		case <-time.After(duration):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("no action is called %q", action)
}

// run is what this attempt does. A snooze gives its attempt back, so that
// attempts and snoozes together count the runs.
func (s script) run(attempt int, metadata []byte) (string, error) {
	var counted struct {
		Snoozes int `json:"snoozes"`
	}
	if err := json.Unmarshal(metadata, &counted); err != nil {
		return "", err
	}
	return s.Runs[min(attempt-1+counted.Snoozes, len(s.Runs)-1)], nil
}
