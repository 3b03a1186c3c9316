//go:build river_0_51

package main

import (
	"context"
	"errors"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

func touchQuery(p queueParams) *riverdriver.QueueCreateOrSetUpdatedAtParams {
	return &riverdriver.QueueCreateOrSetUpdatedAtParams{Metadata: []byte("{}"), Name: p.Queue, Now: &p.Now.Time}
}

func (a *adapter) queueUpdate(ctx context.Context, p queueUpdateParams) (queueResult, error) {
	a.clock.now = p.Now.Time
	params := &river.QueueUpdateParams{}
	if p.Metadata != nil {
		params.Metadata = []byte(*p.Metadata)
	}
	return toQueueResult(a.client.QueueUpdate(ctx, p.Queue, params))
}

func (a *adapter) elect(ctx context.Context, p electParams) (electResult, error) {
	return a.inTx(ctx, func(tx riverdriver.ExecutorTx) (electResult, error) {
		expired := &riverdriver.LeaderDeleteExpiredParams{Now: &p.Now.Time}
		if _, err := tx.LeaderDeleteExpired(ctx, expired); err != nil {
			return electResult{}, err
		}
		return toElectResult(tx.LeaderAttemptElect(ctx, &riverdriver.LeaderElectParams{
			LeaderID: p.Client, Now: &p.Now.Time, TTL: p.lease(),
		}))
	})
}

func (a *adapter) reelect(ctx context.Context, p reelectParams) (electResult, error) {
	return toElectResult(a.exec.LeaderAttemptReelect(ctx, &riverdriver.LeaderReelectParams{
		ElectedAt: p.ElectedAt.Time, LeaderID: p.Client, Now: &p.Now.Time, TTL: p.lease(),
	}))
}

func resignQuery(p resignParams) *riverdriver.LeaderResignParams {
	return &riverdriver.LeaderResignParams{
		ElectedAt: p.ElectedAt.Time, LeaderID: p.Client, LeadershipTopic: leadershipTopic,
	}
}

func (a *adapter) requestResign(ctx context.Context, p struct {
	Now instant `json:"now"`
}) (struct{}, error) {
	a.clock.now = p.Now.Time
	return struct{}{}, a.client.Notify().RequestResign(ctx)
}

func toElectResult(row *riverdriver.Leader, err error) (electResult, error) {
	if errors.Is(err, rivertype.ErrNotFound) {
		return electResult{}, nil
	}
	if err != nil {
		return electResult{}, err
	}
	return electResult{true, &wireLeader{row.LeaderID, instant{row.ElectedAt}, instant{row.ExpiresAt}}}, nil
}
