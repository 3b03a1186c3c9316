package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// object is args that decode if they are a JSON object.
type object struct{}

func (*object) UnmarshalJSON(text []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return errors.New("args must be an object")
	}
	var members map[string]json.RawMessage
	return json.Unmarshal(text, &members)
}

type plainArgs struct{ object }
type otherArgs struct{ object }
type hourArgs struct{ object }
type neverArgs struct{ object }

func (plainArgs) Kind() string { return "weir" }
func (otherArgs) Kind() string { return "other" }
func (hourArgs) Kind() string  { return "weir_1h" }
func (neverArgs) Kind() string { return "weir_never" }

// timed is a worker that is only asked for its timeout.
type timed[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
}

func (w *timed[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (*timed[T]) Work(context.Context, *river.Job[T]) error {
	return errors.New("this worker must not be called")
}

// publishedWorkers are workers of the protocol's published kinds, registered
// as an application does it.
func publishedWorkers() *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, &timed[plainArgs]{})
	river.AddWorker(workers, &timed[otherArgs]{})
	river.AddWorker(workers, &timed[hourArgs]{timeout: time.Hour})
	river.AddWorker(workers, &timed[neverArgs]{timeout: -1})
	return workers
}
