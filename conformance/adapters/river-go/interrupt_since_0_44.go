//go:build river_since_0_44

package main

import "github.com/riverqueue/river/internal/rivercommon"

// A hard stop of River's client cancels a worker's context for this cause.
func init() { stopCause = rivercommon.ErrStop }
