package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// attempt is one run of a worker, given to River's executor as its work unit.
// It ends the way the outcome says; what becomes of the job is up to River.
type attempt struct {
	now         time.Time
	attemptedAt time.Time
	outcome     outcome
	metadata    map[string]json.RawMessage
	ending      error
	cancel      context.CancelCauseFunc

	// begin runs when the work does, after the executor took its start time.
	begin func()
	// retry is the worker's own retry time; it is called only if the outcome has one.
	retry func() time.Time

	reported bool
	stored   *rivertype.JobRow
	failed   error
}

func newAttempt(p finishParams) (*attempt, error) {
	if reason, ok := capabilities["finish."+p.Outcome.Kind].(unsupported); ok {
		return nil, refuse("unsupported", "%s", reason.Reason)
	}
	ending, err := workerError(p.Outcome)
	if err != nil {
		return nil, err
	}
	work := &attempt{now: p.Now.Time, attemptedAt: p.AttemptedAt.Time, outcome: p.Outcome, ending: ending}
	if p.Outcome.Metadata != nil {
		if reason, ok := capabilities["finish.metadata"].(unsupported); ok {
			return nil, refuse("unsupported", "%s", reason.Reason)
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
	w.begin()
	if err := addMetadata(ctx, w.metadata); err != nil {
		return err
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
	return w.retry()
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

// unsupported, as a capability, is the reason why River has no such thing.
type unsupported struct {
	Reason string `json:"unsupported"`
}

// divergent, as a capability, is a rule from which River knowingly differs.
type divergent struct {
	Rule string `json:"divergent"`
	Why  string `json:"why"`
}

const supported = "supported"

// The judgements that hold for every version so far.
var (
	noDiscard  = unsupported{"River Go gives a worker no way to discard a job at once"}
	zeroUnset  = unsupported{"River Go reads zero and the empty string as unset"}
	unfenced   = divergent{"late", "River Go finishes whatever attempt is running, also for a worker that holds an earlier one"}
	anyCursor  = divergent{"list.cursor", "River Go does not look at the order that a cursor was made for"}
	oneTime    = divergent{"horizon", "River Go's scheduler passes now plus its interval as its only time, so a job that it discards gets the horizon as finalized_at"}
	jobIDToo   = unsupported{"River Go 0.12 adds job_id 0 to what it tells of a queue, which nobody reads"}
	ownKinds   = divergent{"RSC-11", "River Go's rescuer discards jobs of kinds that its client has no worker for"}
	untimed    = unsupported{"River Go's rescuer reads the wall clock, so timeouts are not met to the microsecond"}
	timeMark   = divergent{"RSC-12", "River Go's rescuer reads cancel_attempted_at as a time; at any other value its whole pass fails"}
	pausedGoes = divergent{"CLN-7", "River Go's queue cleaner deletes the row of a paused queue like any other"}
)
