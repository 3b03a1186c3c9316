package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	_ "time/tzdata" // where the machine has no time zones

	"github.com/robfig/cron/v3"

	"github.com/riverqueue/river"
)

// cronVector is one expression: refused, with the library's words, or the
// ticks that follow an instant. Fewer than asked for: there are no more.
type cronVector struct {
	Expression string   `json:"expression"`
	Refused    string   `json:"refused,omitempty"`
	From       string   `json:"from,omitempty"`
	Next       []string `json:"next,omitempty"`
	Never      bool     `json:"never,omitempty"`
}

const ticks = 4

func cronVectors() []cronVector {
	var vectors []cronVector
	add := func(expression string, froms ...string) {
		vectors = append(vectors, askCron(expression, froms)...)
	}
	for _, expression := range valid {
		add(expression, "2030-01-01T00:00:00Z", "2027-02-28T23:59:59.999999Z", "2028-02-29T12:34:56.000001Z")
	}
	for _, each := range zoned {
		add(each.expression, each.from)
	}
	for _, expression := range refused {
		add(expression, "2030-01-01T00:00:00Z")
	}
	dice := rand.New(rand.NewPCG(51, 1))
	for range 200 {
		add(drawn(dice), drawnInstant(dice))
	}
	return vectors
}

// askCron takes the way of a River program: the schedule is a PeriodicSchedule.
// The library panics on a time zone with nothing behind it.
func askCron(expression string, froms []string) (vectors []cronVector) {
	defer func() {
		if value := recover(); value != nil {
			vectors = []cronVector{{Expression: expression, Refused: fmt.Sprintf("panic: %v", value)}}
		}
	}()
	parsed, err := cron.ParseStandard(expression)
	if err != nil {
		return []cronVector{{Expression: expression, Refused: err.Error()}}
	}
	var schedule river.PeriodicSchedule = parsed
	for _, from := range froms {
		at, err := time.Parse(time.RFC3339Nano, from)
		if err != nil {
			panic(err)
		}
		vector := cronVector{Expression: expression, From: from}
		for at = schedule.Next(at.UTC()); len(vector.Next) < ticks && !at.IsZero(); at = schedule.Next(at) {
			vector.Next = append(vector.Next, at.UTC().Format(time.RFC3339Nano))
		}
		vector.Never = len(vector.Next) == 0
		vectors = append(vectors, vector)
	}
	return vectors
}

var valid = []string{
	"* * * * *", "*/5 * * * *", "0 0 * * *", "0 0 1 * *", "0 0 1 1 *", "0 0 29 2 *", "0 0 30 2 *", "0 0 31 4 *", "0 0 31 * *",
	"0 0 31 2,4,6,9,11 *", "0 0 29 2 0", "0 0 29 2 */2", "0 0 */2 * 1", "0 0 */2 * *", "0 0 * * 1", "0 0 1 * 1", "0 0 1,15 * 1-5",
	"0 0 ? * 1", "0 0 ? * ?", "? ? ? ? ?", "0 0 13 * 5", "0 0 13 * FRI", "0 0 13 * fri", "0 0 13 jan fri", "0 0 13 JaN-mAr sUn-SaT/3",
	"5/15 * * * *", "5-40/15 * * * *", "59/2 * * * *", "5/100 * * * *", "0/60 0/24 * * *", "*/59 * * * *", "*/60 * * * *", "*/1 */1 */1 */1 */1",
	"0 0 */1 * 1", "0 0 1 * */1", "0 0 1 * 0-6", "0 0 1 * */2", "0 0 1-31 * 1", "0,5,5,0 0 * * *", "0,,5 * * * *", ",0, 0 * * *",
	", * * * *", "* , * * *", "* * , * *", "* * * , *", "* * * * ,", "0 0 , * 1", "0 0 , * ,", "007 0004 01 02 *", "+5 +3 * * *", "*/+7 * * * *",
	"*-5 * * * *", "*-x * * * *", "?-1-2 * * * *", "*-3/20 * * * *", "1-1 2-2 3-3 4-4 0-0", "0 12 * 2-3,11/1 *", "0-59/59 23 31 12 *",
	"0  0   *	* *", " 0 0 * * * ", "0 0 * * *\n", "0\u00a00\u2003*\u3000* *", "0\u00850 * * *",
	"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
	"@every 1h30m", "@every 1s", "@every 1ms", "@every 0", "@every 0s", "@every -5m", "@every 1.5s", "@every 1h0.5s", "@every 100h", "@every 1us",
	"@every 1µs", "@every 1μs", "@every 90m1.999999999s", "@every .5h", "@every 1.h", "@every +2m", "@every -0", "@every +0", "@every 1m1m1m", "@every 0.1h",
	"@every 1000000us", "@every 1500000000ns", "@every 0.0000000000000000000000000000001h", "@every 0.99999999999999999999999h", "@every 1.00000000000000000001h",
	"@every 2562047h", "@every 9223372036s",
	"TZ=UTC 0 0 * * *", "CRON_TZ=UTC 0 0 * * *", "CRON_TZ=Asia/Kolkata 0 0 * * *", "TZ=Asia/Tokyo 30 4 * * *", "TZ= 0 0 * * *", "TZ=Local 0 0 * * *",
	"CRON_TZ=Asia/Tokyo @daily", "CRON_TZ=Asia/Tokyo    @monthly  ", "CRON_TZ=Asia/Tokyo @every 1h", "TZ=Etc/GMT+5 0 0 * * *", "TZ=Etc/GMT-14 0 0 * * *",
	"TZ=GMT 0 0 * * *", "TZ=EST5EDT 0 0 * * *", "TZ=US/Pacific 0 0 * * *", "TZ=Asia/Calcutta 0 0 * * *", "TZ=Asia/Kathmandu 0 0 * * *", "TZ=Pacific/Chatham 0 0 * * *",
	"TZ=America/Argentina/Buenos_Aires 0 0 * * *", "TZ=Africa/Abidjan 0 6 * * 1-5", "CRON_TZ=America/Port-au-Prince 0 12 * * *",
	"TZ=America/New_York 0 0 1 1 *", "TZ=Europe/London 30 1 * * 0", "TZ=Australia/Lord_Howe 0 0 1 * *", "TZ=America/St_Johns 15 0 * * *",
}

var refused = []string{
	"", " ", "*", "* * * *", "* * * * * *", "0 0 0 * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 7",
	"* * * * 8", "* * * * sun-7", "5-3 * * * *", "* * * * fri-mon", "* * * * 6-0", "*/0 * * * *", "*/-1 * * * *", "*/-0 * * * *", "*/x * * * *", "*/ * * * *", "*// * * * *",
	"*/2/3 * * * *", "1-2-3 * * * *", "-5 * * * *", "5- * * * *", "- * * * *", "/5 * * * *", "a * * * *", "1.5 * * * *", "1_0 * * * *", "0x10 * * * *", "99999999999999999999 * * * *",
	"1e1 * * * *", "*5 * * * *", "** * * * *", "* * L * *", "* * 15W * *", "* * LW * *", "* * * * 5L", "* * * * 5#2", "* * * * 1#1", "H * * * *", "~ * * * *", "* * * january *",
	"* * * * monday", "* * * * mond", "jan * * * *", "* * mon * *", "* * * mon *", "* * * * jan", "0 0 * * * 2030", "!5 * * * *", "1;2 * * * *", "1|2 * * * *",
	"@", "@never", "@Daily", "@DAILY", "@daily ", " @daily", "@daily x", "@reboot", "@minutely", "@every", "@every ", "@every  1h", "@every 1h ", "@every 1", "@every 1d", "@every h",
	"@every 1 h", "@every 1H", "@every .", "@every .s", "@every -", "@every +-1h", "@every 1e3s", "@every 10000000h", "@every 9223372037s", "@every 9999999999999999999999s", "@every 1h-1m", "@every\t1h", "@EVERY 1h", "@every1h",
	"TZ=Nowhere/Land 0 0 * * *", "CRON_TZ=Mars 0 0 * * *", "TZ=UTC", "CRON_TZ=UTC", "TZ=", "CRON_TZ=", "TZ=UTC ", "TZ=UTC * * * *", "TZ=UTC\t0 0 * * *", "tz=UTC 0 0 * * *", "cron_tz=UTC 0 0 * * *",
	"TZ=../UTC 0 0 * * *", "TZ=/UTC 0 0 * * *", "TZ=+01:00 0 0 * * *", "TZ=UTC+1 0 0 * * *", "TZ=america/new_york 0 0 * * *", "TZ=AMERICA/NEW_YORK 0 0 * * *", "TZ=utc 0 0 * * *", "TZ=local 0 0 * * *",
	" TZ=UTC 0 0 * * *", "TZ=UTC TZ=UTC 0 0 * * *", "TZ=UTC @nope", "TZ=UTC @every x", "0 0 * * * TZ=UTC", "CRON_TZ= UTC 0 0 * * *", "TZ=America 0 0 * * *", "TZ=America/ 0 0 * * *", "TZ=Z 0 0 * * *",
}

type zonedCase struct{ expression, from string }

// zoned meets the days on which clocks change: an hour that is missing or comes
// twice, midnight among them, by a whole hour and by half of one.
var zoned = zonedCases()

func zonedCases() []zonedCase {
	changes := map[string][]string{
		"America/New_York":    {"2026-03-07T12:00:00Z", "2026-03-08T06:59:59Z", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		"Europe/Berlin":       {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		"America/Sao_Paulo":   {"2018-11-03T12:00:00Z", "2018-02-17T12:00:00Z"},
		"Australia/Lord_Howe": {"2026-04-04T06:00:00Z", "2026-10-03T06:00:00Z", "2026-04-04T15:10:00Z"},
		"America/Havana":      {"2026-03-07T12:00:00Z", "2026-10-31T12:00:00Z"},
		"Asia/Beirut":         {"2022-03-26T12:00:00Z", "2022-10-29T12:00:00Z"},
		"Europe/London":       {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"},
		"Africa/Casablanca":   {"2024-03-09T12:00:00Z", "2024-04-13T12:00:00Z"},
		"America/Godthab":     {"2022-03-26T12:00:00Z"},
		"Antarctica/Troll":    {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"},
		"Asia/Gaza":           {"2012-03-29T12:00:00Z", "2012-09-20T12:00:00Z"},
		"America/Asuncion":    {"2022-10-01T12:00:00Z", "2022-03-26T12:00:00Z"},
	}
	names := []string{
		"America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Europe/London",
		"Africa/Casablanca", "America/Godthab", "Antarctica/Troll", "Asia/Gaza", "America/Asuncion",
	}
	expressions := []string{
		"0 0 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "0 3 * * *", "*/20 1-3 * * *", "15,45 0-2 * * *", "0 * * * *", "0 0 1 * *", "0 0 * * 0", "0 0 30 12 *", "30 23 * * *",
	}
	// A day that a zone left out hangs the library where days are named, so Apia is asked for every day alone.
	cases := []zonedCase{
		{"CRON_TZ=Pacific/Apia 0 0 * * *", "2011-12-28T12:00:00Z"},
		{"CRON_TZ=Pacific/Apia 30 2 * * *", "2011-12-28T12:00:00Z"},
	}
	for _, name := range names {
		for _, from := range changes[name] {
			for _, expression := range expressions {
				// Morocco has changed its mind about the years after 2025: zone data of different years differ.
				if name == "Africa/Casablanca" && expression == "0 0 30 12 *" {
					continue
				}
				cases = append(cases, zonedCase{"CRON_TZ=" + name + " " + expression, from})
			}
		}
	}
	return cases
}

// drawn is an expression of which most are valid, and of which many meet.
func drawn(dice *rand.Rand) string {
	bounds := [][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}
	zones := []string{"", "", "", "TZ=America/New_York ", "CRON_TZ=Europe/Berlin ", "TZ=Australia/Lord_Howe ", "TZ=Asia/Kolkata "}
	fields := make([]string, len(bounds))
	for i, bound := range bounds {
		fields[i] = drawnField(dice, bound[0], bound[1])
	}
	return zones[dice.IntN(len(zones))] + strings.Join(fields, " ")
}

func drawnField(dice *rand.Rand, least, most int) string {
	number := func() int { return least + dice.IntN(most-least+1) }
	switch dice.IntN(8) {
	case 0, 1, 2:
		return "*"
	case 3, 4:
		return fmt.Sprint(number())
	case 5:
		return fmt.Sprintf("*/%d", 1+dice.IntN(most))
	case 6:
		return fmt.Sprintf("%d,%d", number(), number())
	}
	return fmt.Sprintf("%d-%d/%d", number(), number(), 1+dice.IntN(5))
}

func drawnInstant(dice *rand.Rand) string {
	micros := dice.Int64N(20 * 365 * 24 * 3600 * 1_000_000)
	return time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(micros) * time.Microsecond).Format(time.RFC3339Nano)
}
