//go:build river_0_51

package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/internal/retrypolicy"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivershared/riversharedmaintenance"
)

func (a *adapter) rescue(ctx context.Context, p rescueParams) (countResult, error) {
	a.clock.now = p.Now.Time
	through := &rescuing{passage: newPassage(a.exec, p.Now.Time), after: micros(p.AfterUS)}
	rescuer := maintenance.NewRescuer(a.archetype(), &maintenance.JobRescuerConfig{
		BatchSizes:          riversharedmaintenance.BatchSizes{Default: p.Limit, Reduced: p.Limit},
		ClientJobTimeout:    micros(p.TimeoutUS),
		ClientRetryPolicy:   retrypolicy.NewDefault(a.clock),
		RescueAfter:         through.after,
		WorkUnitFactoryFunc: factoryOf(publishedWorkers()),
	}, through)
	err := through.runOnce(ctx, rescuer, nil)
	return countResult{through.count}, err
}

func (a *adapter) clean(ctx context.Context, p cleanParams) (countResult, error) {
	through := &cleaning{newPassage(a.exec, p.Now.Time), p}
	cleaner := maintenance.NewJobCleaner(a.archetype(), &maintenance.JobCleanerConfig{
		BatchSizes:                  riversharedmaintenance.BatchSizes{Default: p.Limit, Reduced: p.Limit},
		CancelledJobRetentionPeriod: micros(p.CancelledUS),
		CompletedJobRetentionPeriod: micros(p.CompletedUS),
		DiscardedJobRetentionPeriod: micros(p.DiscardedUS),
	}, through)
	cleaner.TestSignals.Init(nil)
	err := through.runOnce(ctx, cleaner, cleaner.TestSignals.DeletedBatch.WaitC())
	return countResult{through.count}, err
}

func (a *adapter) cleanQueues(ctx context.Context, p cleanQueuesParams) (countResult, error) {
	through := &cleaningQueues{newPassage(a.exec, p.Now.Time), micros(p.AfterUS)}
	cleaner := maintenance.NewQueueCleaner(a.archetype(), &maintenance.QueueCleanerConfig{
		BatchSizes:      riversharedmaintenance.BatchSizes{Default: p.Limit, Reduced: p.Limit},
		RetentionPeriod: through.after,
	}, through)
	err := through.runOnce(ctx, cleaner, nil)
	return countResult{through.count}, err
}

func (a *adapter) newScheduler(limit int, through *scheduling) *maintenance.JobScheduler {
	return maintenance.NewJobScheduler(a.archetype(), &maintenance.JobSchedulerConfig{
		BatchSizes:   riversharedmaintenance.BatchSizes{Default: limit, Reduced: limit},
		NotifyInsert: a.tell,
	}, through)
}

func upTo(horizon time.Time, limit int) *riverdriver.JobScheduleParams {
	return &riverdriver.JobScheduleParams{Max: limit, Now: &horizon}
}

func (a *adapter) archetype() *baseservice.Archetype {
	return &baseservice.Archetype{Logger: slog.Default(), Time: a.clock}
}

// JobRescueMany stores what the rescuer decided of a batch. Retry times come
// from the policy, whose clock is virtual already.
func (r *rescuing) JobRescueMany(ctx context.Context, params *riverdriver.JobRescueManyParams) (*struct{}, error) {
	virtual := *params
	virtual.StuckHorizon = r.virtual(params.StuckHorizon, -r.after)
	virtual.FinalizedAt = make([]*time.Time, len(params.FinalizedAt))
	for i, at := range params.FinalizedAt {
		if at != nil {
			now := r.virtual(*at, 0)
			virtual.FinalizedAt[i] = &now
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
