package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// environments compares what is in force for deployments to each environment
// that either names. One that is not named holds agents' changes.
func (w *weaker) environments() {
	var names []string
	for _, e := range slices.Concat(w.from.environments, w.to.environments) {
		if !slices.Contains(names, e.Name) {
			names = append(names, e.Name)
		}
	}
	for _, name := range names {
		w.environment(w.from.Environment(name), w.to.Environment(name))
	}
}

func (w *weaker) environment(old, now EnvironmentRules) {
	say := func(key, from, to string) {
		w.say(cmp.Or(from, "nothing")+" to "+cmp.Or(to, "nothing"), "environments", old.Name, key)
	}
	if slices.Index(holds, now.Hold) < slices.Index(holds, old.Hold) {
		say("hold", old.Hold, now.Hold)
	}
	w.need(old.Need, now.Need, "environments", old.Name, "need")
	if len(old.Channels) > 0 && (len(now.Channels) == 0 || len(missingWords(now.Channels, old.Channels)) > 0) {
		say("channels", words.List(old.Channels, "and"), cmp.Or(words.List(now.Channels, "and"), "any"))
	}
	if !sooner(cmp.Or(old.Wait, "0s"), cmp.Or(now.Wait, "0s")) {
		say("wait", old.Wait, now.Wait)
	}
	for _, f := range old.Freeze {
		if !slices.ContainsFunc(now.Freeze, func(n rulesfile.Freeze) bool { return covers(n, f) }) {
			say("freeze", asText(f), "none that covers it")
		}
	}
	for _, branches := range old.FromBranches {
		if !slices.ContainsFunc(now.FromBranches, func(n []string) bool { return widens(branches, n, branchWithin) }) {
			say("from_branches", Ticked(branches), asText(now.FromBranches))
		}
	}
	for _, a := range old.After {
		if !slices.ContainsFunc(now.After, func(n After) bool {
			return n.Environment == a.Environment && sooner(cmp.Or(a.Healthy, "0s"), cmp.Or(n.Healthy, "0s"))
		}) {
			say("after", asText(a), asText(now.After))
		}
	}
	if old.Concurrent > 0 && (now.Concurrent == 0 || now.Concurrent > old.Concurrent) {
		say("concurrent", fmt.Sprint(old.Concurrent), cmp.Or(fmt.Sprint(now.Concurrent), "any number"))
	}
	if now.Inherit && !old.Inherit {
		say("inherit", "none", "approved")
	}
	if slices.Index(rollbacks, now.Rollback) < slices.Index(rollbacks, old.Rollback) {
		say("rollback", orNever(old.Rollback), orNever(now.Rollback))
	}
	if a, b := unknownOfEnvironment(old), unknownOfEnvironment(now); a != b {
		say("", a, b+", which cannot be told to hold as much")
	}
}

// unknownOfEnvironment is what is in force there beyond what is compared.
func unknownOfEnvironment(e EnvironmentRules) string {
	e.Name, e.Hold, e.Need, e.Channels, e.Wait, e.Freeze, e.FromBranches = "", "", nil, nil, "", nil, nil
	e.After, e.Concurrent, e.Inherit, e.Rollback = nil, 0, false, ""
	return asText(e)
}

// branchWithin: letter case counts in what is let pass, see names.
func branchWithin(narrow, wide string) bool { return pathWithin(narrow, wide) }

// covers reports whether nothing is deployed, for certain, whenever nothing was
// under old, and nobody more may break it.
func covers(f rulesfile.Freeze, old rulesfile.Freeze) bool {
	if len(missingWords(f.Except, old.Except)) > 0 {
		return false
	}
	if f.Cron != "" || old.Cron != "" {
		return f.Cron == old.Cron && f.Zone == old.Zone && sooner(old.Lasts, f.Lasts)
	}
	from, err1 := time.Parse(time.RFC3339, f.From)
	until, err2 := time.Parse(time.RFC3339, f.Until)
	oldFrom, err3 := time.Parse(time.RFC3339, old.From)
	oldUntil, err4 := time.Parse(time.RFC3339, old.Until)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return f.From == old.From && f.Until == old.Until
	}
	return !from.After(oldFrom) && !until.Before(oldUntil)
}
