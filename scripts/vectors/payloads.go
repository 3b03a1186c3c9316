package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// payloadVector is what a call sent, in order, each as the channel without its
// schema and the payload's text. An insertion is as the protocol's insert_many puts it.
type payloadVector struct {
	Call   string          `json:"call"`
	Insert json.RawMessage `json:"insert,omitempty"`
	Sent   [][2]string     `json:"sent"`
}

type payloadAsker struct {
	*adapter
	listener *pgx.Conn
	vectors  []payloadVector
}

// ask makes a call, then a mark of its own, and reads up to the mark.
func (p *payloadAsker) ask(ctx context.Context, call string, do func() error) {
	check(do())
	_, err := p.pool.Exec(ctx, "select pg_notify('weir_mark', '')")
	check(err)
	vector := payloadVector{Call: call, Sent: [][2]string{}}
	for {
		got, err := p.listener.WaitForNotification(ctx)
		check(err)
		if got.Channel == "weir_mark" {
			break
		}
		vector.Sent = append(vector.Sent, [2]string{got.Channel[len("public."):], got.Payload})
	}
	p.vectors = append(p.vectors, vector)
}

func payloadVectors(ctx context.Context, a *adapter, url string) []payloadVector {
	listener, err := pgx.Connect(ctx, url)
	check(err)
	defer func() { check(listener.Close(ctx)) }()
	for _, channel := range []string{"public.river_insert", "public.river_control", "public.river_leadership", "weir_mark"} {
		_, err := listener.Exec(ctx, fmt.Sprintf("listen %q", channel))
		check(err)
	}
	_, err = a.reset(ctx, resetParams{})
	check(err)
	p := &payloadAsker{adapter: a, listener: listener}
	p.askInserts(ctx)
	p.askCancels(ctx)
	p.askQueues(ctx)
	p.askLeaders(ctx)
	return p.vectors
}

// askInserts takes a queue once only, and another second each time: the client
// holds back a second notification within 100 ms.
func (p *payloadAsker) askInserts(ctx context.Context) {
	calls := [][]string{
		{`{"kind":"weir","args":"{}"}`},
		{`{"kind":"weir","args":"{}","queue":"a-b_c|d"}`},
		{`{"kind":"weir","args":"{}","queue":"q_later","scheduled_at":"2040-01-01T01:00:00Z"}`},
		{`{"kind":"weir","args":"{}","queue":"q_past","scheduled_at":"2039-12-31T23:00:00Z"}`},
		{`{"kind":"weir","args":"{}","queue":"q_pending","pending":true}`},
		{`{"kind":"weir","args":"{}","queue":"q_unique","unique":{"by_queue":true}}`},
		{
			`{"kind":"weir","args":"{}","queue":"q1"}`, `{"kind":"weir","args":"{}","queue":"q2"}`, `{"kind":"weir","args":"{}","queue":"q1"}`,
			`{"kind":"weir","args":"{}","queue":"q3","scheduled_at":"2040-01-01T01:00:00Z"}`,
		},
	}
	for second, jobs := range calls {
		now := fmt.Sprintf("2040-01-01T00:00:%02dZ", second)
		var params insertManyParams
		insert := fmt.Sprintf(`{"now":%q,"jobs":[%s]}`, now, strings.Join(jobs, ","))
		check(json.Unmarshal([]byte(insert), &params))
		p.ask(ctx, "insert", func() error {
			_, err := p.insertMany(ctx, params)
			return err
		})
		p.vectors[len(p.vectors)-1].Insert = json.RawMessage(insert)
	}
}

func (p *payloadAsker) askCancels(ctx context.Context) {
	states := []rivertype.JobState{"available", "pending", "retryable", "running", "scheduled", "cancelled", "completed", "discarded"}
	for i, state := range states {
		id := int64(100 + i)
		_, err := p.pool.Exec(ctx, `
			insert into river_job (id, state, kind, args, max_attempts, queue, finalized_at)
			values ($1, $2::text::river_job_state, 'weir', '{}', 25, 'q_cancel', case when $2::text in ('cancelled', 'completed', 'discarded') then now() end)`, id, string(state))
		check(err)
		p.ask(ctx, fmt.Sprintf("cancel job %d in q_cancel, %s", id, state), func() error {
			_, err := p.client.JobCancel(ctx, id)
			return err
		})
	}
}

func (p *payloadAsker) askQueues(ctx context.Context) {
	for _, name := range []string{"default", "q_quiet"} {
		_, err := p.exec.QueueCreateOrSetUpdatedAt(ctx, &riverdriver.QueueCreateOrSetUpdatedAtParams{Metadata: []byte("{}"), Name: name})
		check(err)
	}
	calls := []struct {
		call string
		do   func(context.Context, string, *river.QueuePauseOpts) error
	}{{"pause", p.client.QueuePause}, {"resume", p.client.QueueResume}}
	for _, name := range []string{"default", "*"} {
		for _, each := range calls {
			p.ask(ctx, each.call+" "+name, func() error { return each.do(ctx, name, nil) })
			p.ask(ctx, each.call+" "+name+" again", func() error { return each.do(ctx, name, nil) })
		}
	}
	p.ask(ctx, `set metadata of q_quiet to {"a": 1}`, func() error {
		_, err := p.client.QueueUpdate(ctx, "q_quiet", &river.QueueUpdateParams{Metadata: []byte(`{"a": 1}`)})
		return err
	})
}

func (p *payloadAsker) askLeaders(ctx context.Context) {
	p.ask(ctx, "request resignation", func() error { return p.client.Notify().RequestResign(ctx) })
	leader, err := p.exec.LeaderAttemptElect(ctx, &riverdriver.LeaderElectParams{LeaderID: "weir-1", TTL: time.Hour})
	check(err)
	resign := func() error {
		_, err := p.exec.LeaderResign(ctx, &riverdriver.LeaderResignParams{
			ElectedAt: leader.ElectedAt, LeaderID: leader.LeaderID, LeadershipTopic: "river_leadership",
		})
		return err
	}
	p.ask(ctx, "weir-1 resigns while it leads", resign)
	p.ask(ctx, "weir-1 resigns again", resign)
}
