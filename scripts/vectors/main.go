// Command vectors prints golden values as one JSON object: what the River that
// it was built with answers to many inputs. It is built together with the
// adapter's sources, all but its main, and decides nothing itself.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// asked is the River version that the build was to contain, set by the linker.
var asked string

func main() {
	families := map[string]any{
		"cron":  cronVectors(),
		"retry": retryVectors(),
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(families); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}
