//go:build river_since_0_18

package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/riverqueue/river/internal/jobexecutor"
)

func init() {
	addMetadata = func(ctx context.Context, members map[string]json.RawMessage) error {
		updates, ok := jobexecutor.MetadataUpdatesFromWorkContext(ctx)
		if !ok {
			return errors.New("the work context holds no metadata updates")
		}
		for name, value := range members {
			updates[name] = value
		}
		return nil
	}
}
