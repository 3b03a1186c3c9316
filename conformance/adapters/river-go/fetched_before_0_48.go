//go:build !river_since_0_48

package main

import "github.com/riverqueue/river/rivertype"

func fetchedRows(rows []*rivertype.JobRow, err error) ([]*rivertype.JobRow, error) { return rows, err }
