package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/workunit"
	"github.com/riverqueue/river/rivertype"
)

// attempt is one run of a worker, given to River's executor as its work unit.
// It ends the way the outcome says; what becomes of the job is up to River.
// The rest of a work unit is that of a worker which River knows.
type attempt struct {
	workunit.WorkUnit
	now         time.Time
	attemptedAt time.Time
	outcome     outcome
	metadata    map[string]json.RawMessage
	ending      error
	cancel      context.CancelCauseFunc
	clock       *attemptClock

	reported bool
	stored   *rivertype.JobRow
	failed   error
}

// What a worker may do besides returning; River's releases add to it.
var (
	addMetadata func(ctx context.Context, members map[string]json.RawMessage) error
	stopCause   error
)

func newAttempt(p finishParams) (*attempt, error) {
	if err := require("finish." + p.Outcome.Kind); err != nil {
		return nil, err
	}
	ending, err := workerError(p.Outcome)
	if err != nil {
		return nil, err
	}
	work := &attempt{
		now: p.Now.Time, attemptedAt: p.AttemptedAt.Time, outcome: p.Outcome, ending: ending,
		clock: &attemptClock{attemptedAt: p.AttemptedAt.Time, now: p.Now.Time},
	}
	if p.Outcome.Metadata != nil {
		if err := require("finish.metadata"); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(*p.Outcome.Metadata), &work.metadata); err != nil {
			return nil, refuse("invalid", "metadata must be an object: %v", err)
		}
	}
	return work, nil
}

// workerError is what a worker returns for the outcome; nil completes the job.
// River refuses a negative snooze by panicking.
func workerError(o outcome) (ending, refused error) {
	defer func() {
		if value := recover(); value != nil {
			refused = refuse("invalid", "%v", value)
		}
	}()
	switch o.Kind {
	case "complete", "interrupt":
		return nil, nil
	case "error":
		return errors.New(o.Message), nil
	case "cancel":
		return river.JobCancel(errors.New(o.Message)), nil
	case "snooze":
		return river.JobSnooze(time.Duration(o.ForUS) * time.Microsecond), nil
	}
	return nil, refuse("invalid", "outcome must be of a known kind, but is %q", o.Kind)
}

func (w *attempt) Work(ctx context.Context) error {
	w.clock.begin()
	if w.metadata != nil {
		if err := addMetadata(ctx, w.metadata); err != nil {
			return err
		}
	}
	if w.outcome.Kind == "interrupt" {
		w.cancel(stopCause)
		return ctx.Err()
	}
	return w.ending
}

// NextRetry leaves the time to the client's policy by answering zero.
func (w *attempt) NextRetry() time.Time {
	if w.outcome.RetryAt == nil {
		return time.Time{}
	}
	return w.clock.freeze().Add(w.outcome.RetryAt.Sub(w.now))
}

func (w *attempt) Timeout() time.Duration { return -1 }

func (w *attempt) UnmarshalJob() error { return nil }

// report keeps what the database said. An error is given back as one that
// River's completer does not retry: its pauses are longer than a request may take.
func (w *attempt) report(row *rivertype.JobRow, err error) error {
	w.reported, w.stored, w.failed = true, row, err
	if err != nil {
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return nil
}

// virtual takes out of an instant that River made of the wall clock the time
// that passed between the start of the work and River's look at the clock, if
// the delay is the expected one. A delay of the retry policy's own has none of
// it.
func (w *attempt) virtual(instant *time.Time, expected time.Duration) *time.Time {
	if instant == nil || !w.clock.isWall() {
		return instant
	}
	delay := instant.Sub(w.clock.started)
	if delay >= expected && delay <= expected+time.Since(w.clock.started) {
		delay = expected
	}
	virtual := w.now.Add(delay)
	return &virtual
}

// delay is how far from its end the outcome puts the job; of what the policy
// draws nothing is expected.
func (w *attempt) delay() time.Duration {
	switch {
	case w.outcome.RetryAt != nil:
		return w.outcome.RetryAt.Sub(w.now)
	case w.outcome.Kind == "error":
		return math.MaxInt64
	}
	return time.Duration(w.outcome.ForUS) * time.Microsecond
}
