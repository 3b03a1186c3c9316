//go:build river_since_0_48

package main

import (
	"errors"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

func fetchedRows(result *riverdriver.JobGetAvailableResult, err error) ([]*rivertype.JobRow, error) {
	if err != nil {
		return nil, err
	}
	for _, undecoded := range result.DecodeErrors {
		err = errors.Join(err, undecoded)
	}
	if err != nil {
		return nil, refuse("internal", "fetched a row that River cannot decode: %v", err)
	}
	return result.Jobs, nil
}
