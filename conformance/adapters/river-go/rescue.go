package main

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

type rescueParams struct {
	Now       instant `json:"now"`
	AfterUS   int64   `json:"after_us"`
	TimeoutUS int64   `json:"timeout_us"`
	Limit     int     `json:"limit"`
}

func (a *adapter) rescue(ctx context.Context, p rescueParams) (countResult, error) {
	a.clock.now = p.Now.Time
	through := &rescuing{passage: newPassage(a.exec, p.Now.Time), after: micros(p.AfterUS)}
	rescuer := serviceOf[*maintenance.JobRescuer](a.leader, through, p.Limit)
	rescuer.Config.RescueAfter = through.after
	// Before 0.41.1 the rescuer does not know the client's timeout.
	offer(rescuer.Config, "ClientJobTimeout", micros(p.TimeoutUS))
	if policy := rescuer.Config.ClientRetryPolicy; !isSince(virtualSince) {
		rescuer.Config.ClientRetryPolicy = &virtualPolicy{policy, func() time.Time { return through.now }}
		defer func() { rescuer.Config.ClientRetryPolicy = policy }()
	}
	err := through.runOnce(ctx, rescuer, nil)
	return countResult{through.count}, err
}

// virtualPolicy is River's policy, which reads the wall clock, from the instant
// that stands for now.
type virtualPolicy struct {
	real river.ClientRetryPolicy
	now  func() time.Time
}

// NextRetry takes out what passes before the policy looks at the clock: on a
// busy machine that is longer than what the policy adds at random. What is left
// of it is less than half of what the delay is rounded to.
func (v *virtualPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	for {
		before := time.Now()
		at := v.real.NextRetry(job)
		if time.Since(before) < 400*time.Microsecond {
			return v.now().Add(at.Sub(before).Round(time.Millisecond))
		}
	}
}

// rescuing is the passage of a rescuer.
type rescuing struct {
	*passage
	after time.Duration
	last  []int64
}

// circles says whether the rescuer has been given this very batch just before.
// Before 0.41 a full batch of jobs that it may not rescue comes again and again.
func (r *rescuing) circles(rows []*rivertype.JobRow) bool {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	again := len(ids) > 0 && slices.Equal(ids, r.last)
	r.last = ids
	return again
}

// JobGetStuck is the rescuer's look at a batch. A pass that goes in circles is
// ended, as nothing but stopping the client ends it in River.
func (r *rescuing) JobGetStuck(ctx context.Context, params *riverdriver.JobGetStuckParams) ([]*rivertype.JobRow, error) {
	r.ask()
	virtual := *params
	virtual.StuckHorizon = r.virtual(params.StuckHorizon, -r.after)
	rows, err := r.Executor.JobGetStuck(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return nil, r.fail(err)
	}
	if r.circles(rows) {
		return nil, context.Canceled
	}
	return r.aged(rows), nil
}

// JobRescueMany stores what the rescuer decided of a batch. Retry times come
// from the policy, so they are virtual already.
func (r *rescuing) JobRescueMany(ctx context.Context, params *riverdriver.JobRescueManyParams) (*struct{}, error) {
	virtual := *params
	if horizon := unsealed(&virtual, "StuckHorizon"); horizon.IsValid() {
		horizon.Set(reflect.ValueOf(r.virtual(horizon.Interface().(time.Time), -r.after)))
	}
	virtual.FinalizedAt = slices.Clone(params.FinalizedAt)
	for i := range virtual.FinalizedAt {
		r.finalized(&virtual.FinalizedAt[i])
	}
	var err error
	if virtual.Error, err = r.dated(params.Error); err != nil {
		return nil, r.fail(err)
	}
	r.count += len(params.ID)
	done, err := r.Executor.JobRescueMany(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return nil, r.fail(err)
	}
	return done, nil
}

// finalized makes an instant virtual, if it is one: a time before 0.23, then a pointer.
func (r *rescuing) finalized(at any) {
	switch at := at.(type) {
	case *time.Time:
		if !at.IsZero() {
			*at = r.virtual(*at, 0)
		}
	case **time.Time:
		if *at != nil {
			virtual := r.virtual(**at, 0)
			*at = &virtual
		}
	}
}
