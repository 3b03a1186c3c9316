// Command river-go answers Weir's adapter protocol, one JSON-RPC 2.0 object per
// line, by calling the River Go module that it was built with. It translates
// and decides nothing: what is stored is River's own doing.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// asked is the River version that the build was to contain, set by the linker.
var asked string

var riverModules = []string{
	"github.com/riverqueue/river",
	"github.com/riverqueue/river/riverdriver",
	"github.com/riverqueue/river/riverdriver/riverpgxv5",
	"github.com/riverqueue/river/rivershared",
	"github.com/riverqueue/river/rivertype",
}

type request struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

type response struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *failure        `json:"error,omitempty"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "river-go:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	if err := checkModules(); err != nil {
		return err
	}
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errors.New("DATABASE_URL must name the database to use, but is not set")
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))

	ctx := context.Background()
	a, err := newAdapter(ctx, url)
	if err != nil {
		return err
	}
	defer a.pool.Close()

	lines := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := encoder.Encode(a.reply(ctx, line)); err != nil {
				return fmt.Errorf("writing a reply: %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
	}
}

func (a *adapter) reply(ctx context.Context, line []byte) response {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return response{JSONRPC: "2.0", ID: json.RawMessage("null"), Error: &failure{Code: codeParse, Message: err.Error()}}
	}
	if req.ID == nil {
		req.ID = json.RawMessage("null")
	}
	result, err := a.dispatch(ctx, req)
	if err != nil {
		return response{JSONRPC: "2.0", ID: req.ID, Error: asFailure(err)}
	}
	return response{JSONRPC: "2.0", ID: req.ID, Result: result}
}

// dispatch turns a panic of River into an error, so that one bad request does
// not end the process.
func (a *adapter) dispatch(ctx context.Context, req request) (result any, err error) {
	defer func() {
		if value := recover(); value != nil {
			fmt.Fprintf(os.Stderr, "panic in %s: %v\n%s", req.Method, value, debug.Stack())
			err = refuse("internal", "panic: %v", value)
		}
	}()
	if req.Method == "handshake" {
		return call(ctx, req.Params, a.handshake)
	}
	if known, ok := methods[req.Method]; ok {
		return known(a, ctx, req.Params)
	}
	if capability, ok := later[req.Method]; ok {
		return nil, require(capability)
	}
	return nil, &failure{Code: codeMethodNotFound, Message: "no method is called " + req.Method}
}

type handshakeParams struct {
	Protocol []int  `json:"protocol"`
	Nonce    string `json:"nonce"`
}

func (a *adapter) handshake(_ context.Context, p handshakeParams) (map[string]any, error) {
	if !slices.Contains(p.Protocol, 1) {
		return nil, refuse("unsupported", "protocol must include 1, but is %v", p.Protocol)
	}
	return map[string]any{
		"protocol":       1,
		"nonce":          p.Nonce,
		"adapter":        "river-go",
		"implementation": "river",
		"version":        asked,
		"language":       "go",
		"clock":          clockLevel,
		"capabilities":   capabilities(),
	}, nil
}

// checkModules makes sure that the build holds exactly the River that was asked
// for: Go's module resolution may pick a newer one without a word.
func checkModules() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("the binary must carry its build information, but does not")
	}
	var wrong []string
	for _, path := range riverModules {
		built := "nothing"
		for _, module := range info.Deps {
			if module.Path == path {
				built = module.Version
				if module.Replace != nil {
					built = "a replacement"
				}
			}
		}
		if built != "v"+asked {
			wrong = append(wrong, path+" is "+built)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("River must be v%s throughout, but %s", asked, strings.Join(wrong, ", "))
	}
	return nil
}
