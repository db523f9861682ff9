package gateconfig

import (
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// compareRules reads gatehold's own rules file.
func compareRules(old, now *tree.Node, r *detect.Report) {
	if tree.Equal(old, now) {
		return
	}
	n := len(r.Observations())
	weaker := func(at *tree.Node, object, detail string) {
		line, gone := at.At(), false
		if line == 0 {
			line, gone = old.At(), true
		}
		r.Add(detect.Observation{Kind: rulesWeakened, Line: line, Removed: gone, Object: object, Detail: detail})
	}
	if mode := now.Get("mode"); mode.Str() == "observe" && old.Get("mode").Str() != "observe" {
		weaker(mode, "mode", "enforce to observe: nothing is held any more")
	}
	if old.Get("agents", "presume").Str() == "agent" && now.Get("agents", "presume").Str() != "agent" {
		weaker(now.Get("agents", "presume"), "presume", "agent to human")
	}
	if more := minus(now.Get("agents", "helpers").Strings(), old.Get("agents", "helpers").Strings()); len(more) > 0 {
		weaker(now.Get("agents", "helpers"), "helpers", "also "+strings.Join(more, " "))
	}
	for _, pack := range minus(old.Get("extends").Strings(), now.Get("extends").Strings()) {
		if !(pack == "minimal" || pack == "default" && has(now.Get("extends").Strings(), "strict")) {
			weaker(now.Get("extends"), pack, "the pack is no longer in force")
		}
	}
	compareOwnRules(old, now, weaker)
	for _, level := range old.Get("needs").Entries() {
		compareNeed(level.Key, level.Value, now.Get("needs", level.Key), weaker)
	}
	for _, section := range []string{"boundaries", "environments", "workflows"} {
		for _, f := range old.Get(section).Entries() {
			compareSection(section, f, now, weaker)
		}
	}
	if old.Get("separate").IsList() && len(now.Get("separate").Each()) < len(old.Get("separate").Items) {
		weaker(now.Get("separate"), "separate", "fewer boundaries are kept apart")
	}
	if who := minus(now.Get("break_glass", "from").Strings(), old.Get("break_glass", "from").Strings()); len(who) > 0 {
		weaker(now.Get("break_glass"), "break_glass", "also "+strings.Join(who, " "))
	}
	if len(r.Observations()) == n {
		r.Add(detect.Observation{Kind: rulesChanged, Line: 1})
	}
}

func has(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// compareOwnRules compares the rules by their ids.
func compareOwnRules(old, now *tree.Node, weaker func(*tree.Node, string, string)) {
	after := map[string]*tree.Node{}
	for _, rule := range now.Get("rules").Each() {
		after[rule.Get("id").Str()] = rule
	}
	for _, was := range old.Get("rules").Each() {
		id := was.Get("id").Str()
		is := after[id]
		if is == nil {
			weaker(nil, id, "the rule is gone")
			continue
		}
		before, ok := was.Get("risk").Number()
		if risk, _ := is.Get("risk").Number(); ok && risk < before {
			weaker(is.Get("risk"), id, "risk "+was.Get("risk").Str()+" to "+is.Get("risk").Str())
		}
		if rank(is.Get("level").Str()) < rank(was.Get("level").Str()) {
			weaker(is, id, "its lowest level is lower")
		}
		if is.Get("mode").Str() == "observe" && was.Get("mode").Str() != "observe" || is.Get("observe").True() && !was.Get("observe").True() {
			weaker(is, id, "only watches")
		}
		if was.Get("for").Str() == "everyone" && is.Get("for").Str() != "everyone" {
			weaker(is, id, "no longer for everyone")
		}
		compareScope(id, was, is, weaker)
	}
}

// compareScope looks for a rule that matches less.
func compareScope(id string, was, is *tree.Node, weaker func(*tree.Node, string, string)) {
	for _, key := range []string{"paths", "detect", "events", "branches", "environments", "actors"} {
		before, after := was.Get(key).Strings(), is.Get(key).Strings()
		if len(before) == 0 && len(after) > 0 && !tree.Equal(was, is) {
			weaker(is.Get(key), id, "matches only some "+key)
			continue
		}
		for _, gone := range minus(before, after) {
			if !strings.HasPrefix(gone, "!") && len(after) > 0 {
				weaker(is.Get(key), id, "no longer "+gone)
			}
		}
		for _, added := range minus(after, before) {
			if strings.HasPrefix(added, "!") {
				weaker(is.Get(key), id, "no longer for "+strings.TrimPrefix(added, "!"))
			}
		}
	}
	if is.Has("when") && !tree.Equal(was.Get("when"), is.Get("when")) {
		weaker(is.Get("when"), id, "its condition is another")
	}
}

func rank(level string) int {
	switch level {
	case "low":
		return 1
	case "medium":
		return 2
	case "high":
		return 3
	case "critical":
		return 4
	}
	return 0
}

// compareNeed compares what releases a gate of a level.
func compareNeed(level string, was, is *tree.Node, weaker func(*tree.Node, string, string)) {
	if is == nil || is.Kind == tree.Null {
		weaker(nil, level, "needs nothing any more")
		return
	}
	if tree.Equal(was, is) {
		return
	}
	before, hasBefore := was.Get("approvals").Number()
	after, hasAfter := is.Get("approvals").Number()
	switch {
	case hasBefore && hasAfter && after < before:
		weaker(is.Get("approvals"), level, "approvals "+was.Get("approvals").Str()+" to "+is.Get("approvals").Str())
	case len(is.Get("all").Each()) < len(was.Get("all").Each()):
		weaker(is, level, "fewer groups have to agree")
	case is.Has("any") && !was.Has("any"):
		weaker(is, level, "any of several is enough")
	case len(was.Get("from").Strings()) > 0 && len(is.Get("from").Strings()) == 0 && !is.Has("all"):
		weaker(is, level, "anybody who can write may approve")
	case len(minus(is.Get("from").Strings(), was.Get("from").Strings())) > 0 && len(was.Get("from").Strings()) > 0:
		weaker(is.Get("from"), level, "also "+strings.Join(minus(is.Get("from").Strings(), was.Get("from").Strings()), " "))
	case len(was.Get("via").Strings()) > 0 && (len(is.Get("via").Strings()) == 0 || len(minus(is.Get("via").Strings(), was.Get("via").Strings())) > 0):
		weaker(is, level, "also through other channels")
	case longer(was.Get("expires").Str(), is.Get("expires").Str()):
		weaker(is, level, "approvals are good for longer")
	case is.Has("keep") && !was.Has("keep"):
		weaker(is.Get("keep"), level, "approvals outlive new commits")
	case was.Get("reason").Str() == "required" && is.Get("reason").Str() != "required":
		weaker(is, level, "no reason has to be given")
	}
	items := is.Get("all").Each()
	for i, part := range was.Get("all").Each() {
		if i < len(items) {
			compareNeed(level+" part "+strconv.Itoa(i+1), part, items[i], weaker)
		}
	}
}

func longer(before, after string) bool {
	if before == "" {
		return false
	}
	b, err1 := time.ParseDuration(before)
	a, err2 := time.ParseDuration(after)
	return after == "" || err1 == nil && err2 == nil && a > b
}

func compareSection(section string, was tree.Field, now *tree.Node, weaker func(*tree.Node, string, string)) {
	is := now.Get(section, was.Key)
	if is == nil {
		weaker(nil, was.Key, "no longer in "+section)
		return
	}
	hold, wasHold := is.Get("hold").Str(), was.Value.Get("hold").Str()
	if hold != wasHold && (hold == "never" || wasHold == "always") {
		weaker(is, was.Key, "held "+wasHold+" to "+hold)
	}
	if need := is.Get("need"); rank(need.Str()) < rank(was.Value.Get("need").Str()) {
		weaker(is, was.Key, "needs less")
	}
	for _, key := range []string{"paths", "environments", "detect"} {
		if gone := minus(was.Value.Get(key).Strings(), is.Get(key).Strings()); len(gone) > 0 {
			weaker(is, was.Key, "no longer "+strings.Join(gone, " "))
		}
	}
	if gone := minus(was.Value.Strings(), is.Strings()); len(gone) > 0 {
		weaker(is, was.Key, "no longer "+strings.Join(gone, " "))
	}
}
