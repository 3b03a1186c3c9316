//go:build river_since_0_35

package main

import (
	"context"
	"errors"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

func (a *adapter) reelect(ctx context.Context, p reelectParams) (electResult, error) {
	return toElectResult(a.exec.LeaderAttemptReelect(ctx, &riverdriver.LeaderReelectParams{
		ElectedAt: p.ElectedAt.Time, LeaderID: p.Client, TTL: p.lease(),
	}))
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
