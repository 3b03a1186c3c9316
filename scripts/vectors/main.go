// Command vectors prints golden values as one JSON object: what the River that
// it was built with answers to many inputs, in the database that DATABASE_URL
// names. It is built together with the adapter's sources, all but its main,
// and decides nothing itself.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
)

// asked is the River version that the build was to contain, set by the linker.
var asked string

func main() {
	if err := run(context.Background(), os.Getenv("DATABASE_URL")); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	a, err := newAdapter(ctx, url)
	if err != nil {
		return err
	}
	defer a.pool.Close()
	if _, err := a.reset(ctx, resetParams{}); err != nil {
		return err
	}
	families := map[string]any{
		"cron":     cronVectors(),
		"retry":    retryVectors(),
		"unique":   uniqueVectors(ctx, a),
		"snoozes":  snoozeVectors(ctx, a),
		"payloads": payloadVectors(ctx, a, url),
		"cursors":  cursorVectors(ctx, a),
		"encoding": encodingVectors(),
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(families)
}
