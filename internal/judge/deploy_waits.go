package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// lookAgain is after how long something that cannot be dated is looked at again.
const lookAgain = 20 * time.Minute

// freezeWaits are what no approval shortens, in an order that never changes. What
// they say depends on the facts and not on when it is said. Going back to what
// was approved does not wait for the age of the code, nor for another
// environment to try it.
func waits(e policy.EnvironmentRules, d *Deployment, rollback bool) []gate.Wait {
	var out []gate.Wait
	if !rollback {
		out = append(out, waitAge(e, d)...)
		for _, a := range e.After {
			out = append(out, wait(a, d)...)
		}
	}
	for i := range e.Freeze {
		out = append(out, freezeWaits(&e.Freeze[i], d.Now)...)
	}
	if e.Concurrent > 0 && d.Running >= e.Concurrent {
		verb := "are"
		if d.Running == 1 {
			verb = "is"
		}
		out = append(out, gate.Wait{
			Code: "concurrent", Until: d.Now.Add(lookAgain), Look: true,
			Text: fmt.Sprintf("%s to %s %s under way, and the rules take %d at once.", words.Plural(d.Running, "other deployment"),
				redact.Quote(words.Clip(d.Environment)), verb, e.Concurrent),
		})
	}
	return out
}

// hasWaits reports whether the environment may make a deployment wait.
func hasWaits(e policy.EnvironmentRules) bool {
	return e.Wait != "" || len(e.After)+len(e.Freeze)+e.Concurrent > 0
}

// newest is when the newest of what goes out was made: the last merge, and of
// a commit that no pull request brought, whose date its author wrote, the run
// that first had it.
func (d *Deployment) newest() time.Time {
	at := d.HeadAt
	if (at.IsZero() || len(d.Outgoing.Direct) > 0) && d.Run.CreatedAt.After(at) {
		at = d.Run.CreatedAt
	}
	return at
}

// waitAge is the wait for what goes out to be of an age.
func waitAge(e policy.EnvironmentRules, d *Deployment) []gate.Wait {
	age, err := time.ParseDuration(e.Wait)
	if e.Wait == "" {
		return nil
	}
	newest := d.newest()
	if err != nil || newest.IsZero() {
		return []gate.Wait{{Code: "wait", Until: d.Now.Add(lookAgain), Look: true,
			Text: "How old the newest of what goes out is cannot be told yet, and the rules ask for " + report.ShortDuration(e.Wait) + "."}}
	}
	until := newest.Add(age)
	if !d.Now.Before(until) {
		return nil
	}
	return []gate.Wait{{Code: "wait", Until: until,
		Text: fmt.Sprintf("The newest of what goes out has to be %s old, which it is on %s.", report.ShortDuration(e.Wait),
			sayTime(until, time.UTC))}}
}

// wait is the wait for another environment to have this commit.
func wait(a policy.After, d *Deployment) []gate.Wait {
	where := redact.Quote(words.Clip(a.Environment))
	again := d.Now.Add(lookAgain)
	i := slices.IndexFunc(d.Staged, func(s Staged) bool { return strings.EqualFold(s.Environment, a.Environment) })
	sha := words.Short(cmp.Or(d.Outgoing.Change.Head, d.Run.Head))
	if i < 0 || d.Staged[i].SucceededAt.IsZero() {
		return []gate.Wait{{Code: "after", Until: again, Look: true, Text: fmt.Sprintf("%s has to succeed in %s first.", sha, where)}}
	}
	s := d.Staged[i]
	if !s.FailedAt.IsZero() && !s.FailedAt.Before(s.SucceededAt) {
		return []gate.Wait{{Code: "after", Until: again, Look: true,
			Text: fmt.Sprintf("%s has failed in %s since it succeeded there; it has to succeed again.", sha, where)}}
	}
	if a.Healthy == "" {
		return nil
	}
	span, err := time.ParseDuration(a.Healthy)
	if err != nil { // the parser lets none pass
		return []gate.Wait{{Code: "after", Until: again, Look: true, Text: "How long it has to be healthy cannot be read from the rules."}}
	}
	until := s.SucceededAt.Add(span)
	if !d.Now.Before(until) {
		return nil
	}
	return []gate.Wait{{Code: "after", Until: until,
		Text: fmt.Sprintf("%s has to be healthy in %s for %s, which it is on %s.", sha, where, report.ShortDuration(a.Healthy),
			sayTime(until, time.UTC))}}
}

// freezeWaits are the window of a freeze that is open, and the next one.
func freezeWaits(f *rulesfile.Freeze, now time.Time) []gate.Wait {
	windows, err := f.Windows(now, now.Add(rulesfile.FreezeAhead))
	if err != nil { // the parser lets none pass
		return []gate.Wait{{Code: "freeze", Until: now.Add(lookAgain), Look: true,
			Text: "A freeze of the rules cannot be read: " + err.Error() + ".", Except: f.Except}}
	}
	var out []gate.Wait
	for _, w := range windows {
		wait := gate.Wait{Code: "freeze", From: w.From, Until: w.Until, Except: f.Except}
		reason := ""
		if f.Reason != "" {
			reason = ": " + strings.TrimSuffix(redact.Quote(f.Reason), ".")
		}
		wait.Text = fmt.Sprintf("Frozen until %s%s.", sayTime(w.Until, f.Location()), reason)
		if w.From.After(now) {
			wait.Text = fmt.Sprintf("Frozen from %s until %s%s.", sayTime(w.From, f.Location()), sayTime(w.Until, f.Location()), reason)
		} else {
			wait.From = time.Time{}
		}
		out = append(out, wait)
	}
	return out
}

// sayTime: "Friday 20 November 2026 16:00 CET".
func sayTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January 2006 15:04 MST")
}
