package backup

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// rarer is how many times fewer runs are worth a word: a daily copy that becomes
// a weekly one is, one of every second day is not.
const rarer = 5

var (
	// scheduled is a setting that says when.
	scheduled = pattern.Of(`(?i)^\s*-?\s*["']?(?:[\w.-]*schedule|cron|[\w-]*cron[_-]?(?:expression|time)|backup[_-]?(?:cron|time))["']?` +
		`\s*[:=]\s*["']?(?:cron\()?([^"'#\n]*?)\)?["']?\s*,?\s*(?:#.*)?$`)
	// crontab is a line of a crontab, with what it runs.
	crontab = pattern.Of(`^\s*(@\w+|(?:\S+\s+){4}\S+)\s+(\S.*)$`)
	// speaks tells a command that is about copies.
	speaks = pattern.Of(`(?i)backup|snapshot|` + runs)
)

// firing is one schedule of a text.
type firing struct {
	says string
	line int
	runs float64 // a year; -1 where it cannot be told
}

// schedules compares when copies are made.
func schedules(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	if path.Ext(f.Path) == ".timer" {
		timer(f, r)
		return
	}
	was, is := firings(f.Before.Body, f.Path), firings(f.After.Body, f.Path)
	for i := range min(len(was), len(is)) {
		compareRuns(r, was[i], is[i])
	}
}

func compareRuns(r *detect.Report, was, is firing) {
	switch {
	case was.says == is.says || was.runs <= 0 || is.runs < 0:
	case is.runs == 0:
		r.Add(detect.Observation{Kind: kindPaused, Line: is.line, Object: is.says, Detail: "it is never due"})
	case is.runs*rarer <= was.runs:
		r.Add(detect.Observation{Kind: kindRarer, Line: is.line, Object: is.says,
			Detail: fmt.Sprintf("%.0f runs a year where there were %.0f", is.runs, was.runs)})
	}
}

// firings lists the schedules of a text in order.
func firings(body, p string) []firing {
	var out []firing
	table, whole := cron(p), about(p) || makes().MatchString(body)
	n := 0
	for line := range strings.Lines(body) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if len(line) > 2000 || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if whole && mentionsTime(line) {
			if m := scheduled().FindStringSubmatch(line); m != nil {
				out = append(out, firing{m[1], n, yearly(m[1])})
				continue
			}
		}
		if table {
			if m := crontab().FindStringSubmatch(line); m != nil && speaks().MatchString(m[2]) {
				out = append(out, firing{m[1], n, yearly(m[1])})
			}
		}
	}
	return out
}

// mentionsTime is a cheap look before the expression.
func mentionsTime(line string) bool {
	l := strings.ToLower(line)
	return strings.Contains(l, "schedule") || strings.Contains(l, "cron") || strings.Contains(l, "backup")
}

// named are the spellings that stand for a whole schedule.
var named = map[string]float64{"@hourly": 8760, "@daily": 365, "@midnight": 365, "@weekly": 52, "@monthly": 12, "@yearly": 1,
	"@annually": 1, "hourly": 8760, "daily": 365, "weekly": 52, "monthly": 12, "quarterly": 4, "semiannually": 2, "yearly": 1, "annually": 1}

// yearly is how often a year a cron expression is due, -1 where it cannot be told.
// Five fields are minutes to weekdays; six and seven begin with the seconds.
func yearly(says string) float64 {
	says = strings.ToLower(strings.TrimSpace(says))
	if n, ok := named[says]; ok {
		return n
	}
	fields := strings.Fields(says)
	if len(fields) == 6 || len(fields) == 7 {
		fields = fields[1:6]
	}
	if len(fields) != 5 {
		return -1
	}
	var sets [5]map[int]bool
	for i, b := range [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}} {
		set, ok := values(fields[i], b[0], b[1])
		if !ok {
			return -1
		}
		sets[i] = set
	}
	days := 0.0
	for month := range sets[3] {
		for day := range sets[2] {
			if day <= length(month) {
				days++
			}
		}
	}
	if anyDay := strings.HasPrefix(fields[2], "*") || fields[2] == "?"; !all(fields[4]) {
		if sets[4][7] {
			sets[4][0] = true
			delete(sets[4], 7)
		}
		week := float64(len(sets[4])) * 52 * float64(len(sets[3])) / 12
		if anyDay {
			days = week
		} else {
			days = min(365, days+week)
		}
	}
	return days * float64(len(sets[0])) * float64(len(sets[1]))
}

func all(field string) bool { return field == "*" || field == "?" }

// length is how many days a month may have.
func length(month int) int {
	switch month {
	case 2:
		return 29
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// values are what one field of a cron expression allows.
func values(field string, low, high int) (map[int]bool, bool) {
	out := map[int]bool{}
	for part := range strings.SplitSeq(field, ",") {
		span, every, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(every)
			if err != nil || n < 1 || n > 60 {
				return nil, false
			}
			step = n
		}
		from, to := low, high
		if !all(span) {
			first, last, ranged := strings.Cut(span, "-")
			a, okA := number(first, high)
			b, okB := a, okA
			if ranged {
				b, okB = number(last, high)
			} else if stepped {
				b = high
			}
			if !okA || !okB {
				return nil, false
			}
			from, to = max(a, low), min(b, high)
		} else if high == 7 {
			to = 6
		}
		for v := from; v <= to; v += step {
			out[v] = true
		}
	}
	return out, true
}

// number reads one value; a name is one of a month or a weekday.
func number(s string, high int) (int, bool) {
	names, base := months, 1
	if high == 7 {
		names, base = weekdays, 0
	}
	for i, n := range names {
		if s == n {
			return i + base, true
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= high
}
