package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// unsupported, as a capability, is the reason why there is no such thing, and
// the release in which River got it, if it did.
type unsupported struct {
	Reason string `json:"unsupported"`
	Since  string `json:"since,omitempty"`
}

// divergent, as a capability, is a rule from which River knowingly differs.
type divergent struct {
	Rule string `json:"divergent"`
	Why  string `json:"why"`
}

const supported = "supported"

// isSince says whether the River that was built in is that release or a later one.
func isSince(release string) bool { return slices.Compare(numbers(asked), numbers(release)) >= 0 }

func numbers(version string) (numbers []int) {
	for _, part := range strings.Split(version, ".") {
		number, err := strconv.Atoi(part)
		if err != nil {
			panic(fmt.Sprintf("a version of River must be numbers, but is %q", version))
		}
		numbers = append(numbers, number)
	}
	return numbers
}

// since is a capability that River has from that release on.
func since(release, what string) any {
	if isSince(release) {
		return supported
	}
	return unsupported{"River Go " + what + " only since " + release, release}
}

// clockLevel is the database's for the sake of what asks it for the time
// whatever the client's clock says: QueueUpdate in all versions, and before
// 0.23 more than that.
const clockLevel = "database"

func capabilities() map[string]any {
	table := map[string]any{
		"insert":      supported,
		"insert.zero": unsupported{Reason: "River Go reads zero and the empty string as unset"},
		"operations":  supported,
		"control":     supported,

		"schedule.horizon": divergent{"horizon", "River Go's scheduler passes now plus its interval as its only time, so a job that it discards gets the horizon as finalized_at"},

		"finish.discard":   unsupported{Reason: "River Go gives a worker no way to discard a job at once"},
		"finish.interrupt": since("0.44", "gives an interrupted attempt back"),
		"finish.metadata":  since("0.18", "stores metadata with an outcome"),
		"finish.late":      divergent{"late", "River Go finishes whatever attempt is running, also for a worker that holds an earlier one"},

		"rescue.unknown_kind": divergent{"RSC-11", "River Go's rescuer discards jobs of kinds that its client has no worker for"},
		"rescue.any_mark":     divergent{"RSC-12", "River Go's rescuer reads cancel_attempted_at as a time; at any other value its whole pass fails"},
		"rescue.exact":        unsupported{Reason: "River Go's rescuer reads the wall clock, so timeouts are not met to the microsecond"},
		"clean.keep":          since("0.24", "keeps jobs for ever"),
		"clean_queues.paused": divergent{"CLN-7", "River Go's queue cleaner deletes the row of a paused queue like any other"},

		"update":          since("0.29", "updates a job's output"),
		"delete_many":     since("0.24", "deletes many"),
		"list.ids":        since("0.21", "lists by ids"),
		"list.priorities": since("0.21", "lists by priorities"),
		"list.tags":       since("0.43", "lists by tags"),
		"list.cursor":     divergent{"list.cursor", "River Go does not look at the order that a cursor was made for"},

		"queue":                 supported,
		"queue.update":          since("0.20", "updates queues"),
		"leader":                supported,
		"leader.request_resign": since("0.29", "asks leaders to resign"),

		"enqueue_periodic.once":   divergent{"PER-7", "River Go's leaders remember no ticks"},
		"enqueue_periodic.period": divergent{"PER-9", "River Go takes the period of the insertion"},
		"enqueue_periodic.rivals": divergent{"PER-8", "River Go drops all runs of a look when two have one key"},
	} // What the suite takes for granted unless it is told otherwise.
	if !isSince(virtualSince) {
		table["finish.exact"] = unsupported{Reason: "River Go reads the wall clock when an attempt ends, so its limits are not met to the microsecond"}
	}
	if !isSince("0.20") {
		jobIDToo := unsupported{Reason: "River Go adds job_id 0 to what it tells of a queue before 0.20, which nobody reads"}
		table["queue_pause.notify"], table["queue_resume.notify"] = jobIDToo, jobIDToo
	}
	return table
}

// require refuses what this River does not have.
func require(capability string) error {
	if reason, ok := capabilities()[capability].(unsupported); ok {
		return refuse("unsupported", "%s", reason.Reason)
	}
	return nil
}
