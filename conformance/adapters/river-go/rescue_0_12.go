//go:build river_0_12

package main

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivertype"
)

var keptSince24 = unsupported{"River Go keeps jobs for ever only since 0.24"}

// rescue leaves the client's timeout out: the rescuer of 0.12 does not know it.
func (a *adapter) rescue(ctx context.Context, p rescueParams) (countResult, error) {
	through := &rescuing{passage: newPassage(a.exec, p.Now.Time), after: micros(p.AfterUS)}
	rescuer := maintenance.NewRescuer(baseservice.NewArchetype(slog.Default()), &maintenance.JobRescuerConfig{
		ClientRetryPolicy:   &virtualPolicy{through: through.passage},
		RescueAfter:         through.after,
		WorkUnitFactoryFunc: factoryOf(publishedWorkers()),
	}, through)
	unsealed(reflect.ValueOf(rescuer).Elem().FieldByName("batchSize")).SetInt(int64(p.Limit))
	err := through.runOnce(ctx, rescuer, nil)
	return countResult{through.count}, err
}

func (a *adapter) clean(ctx context.Context, p cleanParams) (countResult, error) {
	if p.CancelledUS < 0 || p.CompletedUS < 0 || p.DiscardedUS < 0 {
		return countResult{}, refuse("unsupported", "%s", keptSince24.Reason)
	}
	through := &cleaning{newPassage(a.exec, p.Now.Time), p}
	cleaner := maintenance.NewJobCleaner(baseservice.NewArchetype(slog.Default()), &maintenance.JobCleanerConfig{
		CancelledJobRetentionPeriod: micros(p.CancelledUS),
		CompletedJobRetentionPeriod: micros(p.CompletedUS),
		DiscardedJobRetentionPeriod: micros(p.DiscardedUS),
	}, through)
	unsealed(reflect.ValueOf(cleaner).Elem().FieldByName("batchSize")).SetInt(int64(p.Limit))
	err := through.runOnce(ctx, cleaner, nil)
	return countResult{through.count}, err
}

func (a *adapter) cleanQueues(ctx context.Context, p cleanQueuesParams) (countResult, error) {
	through := &cleaningQueues{newPassage(a.exec, p.Now.Time), micros(p.AfterUS)}
	cleaner := maintenance.NewQueueCleaner(baseservice.NewArchetype(slog.Default()), &maintenance.QueueCleanerConfig{
		RetentionPeriod: through.after,
	}, through)
	unsealed(reflect.ValueOf(cleaner).Elem().FieldByName("batchSize")).SetInt(int64(p.Limit))
	err := through.runOnce(ctx, cleaner, nil)
	return countResult{through.count}, err
}

func (a *adapter) newScheduler(limit int, through *scheduling) *maintenance.JobScheduler {
	archetype := baseservice.NewArchetype(slog.Default())
	archetype.Time = a.clock
	return maintenance.NewJobScheduler(archetype, &maintenance.JobSchedulerConfig{
		Limit:        limit,
		NotifyInsert: a.tell,
	}, through)
}

func upTo(horizon time.Time, limit int) *riverdriver.JobScheduleParams {
	return &riverdriver.JobScheduleParams{Max: limit, Now: horizon}
}

// virtualPolicy is River's policy, which reads the wall clock, in virtual time.
type virtualPolicy struct {
	river.DefaultClientRetryPolicy
	through *passage
}

func (v *virtualPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return v.DefaultClientRetryPolicy.NextRetry(job).Add(v.through.now.Sub(v.through.begun))
}

// JobRescueMany stores what the rescuer decided of a batch.
func (r *rescuing) JobRescueMany(ctx context.Context, params *riverdriver.JobRescueManyParams) (*struct{}, error) {
	virtual := *params
	virtual.FinalizedAt = make([]time.Time, len(params.FinalizedAt))
	for i, at := range params.FinalizedAt {
		if !at.IsZero() {
			virtual.FinalizedAt[i] = r.virtual(at, 0)
		}
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
