package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// rule is a sentence of instructions that holds an agent back from what is grave.
type rule struct {
	line  int
	words map[string]bool
	text  string
}

const (
	maxRules   = 200
	leastWords = 2
	stem       = 4 // bytes of a word that are compared: "push" is "pushing"
)

// graveWords are of what an agent must not do by itself, by how they begin, and
// graveNames those that are no beginnings of others.
var (
	graveWords = []string{"prod", "secret", "credential", ".env", "delet", "destroy", "drop", "truncat", "wip", "force", "push", "deploy",
		"migration", "terraform", "kubectl", "password", "payment", "backup", "customer"}
	graveNames = set("main master iam rm sudo")
)

// small are words that say nothing of what a rule is about.
var small = set("a an the to of in on at for and or with without any all not never don't do does must should is are be it them this " +
	"that you your ask first before no cannot avoid under unless against need needs a's person human maintainer approval only")

// rulesOf lists what a text forbids, or leaves to people.
func rulesOf(text string) []rule {
	var out []rule
	sentences(text, func(s []token) {
		if len(out) >= maxRules || len(s) > 40 || !restrains(s) {
			return
		}
		r := rule{line: s[0].line, words: map[string]bool{}, text: quote(s)}
		grave := false
		for _, t := range s {
			if small[t.text] {
				continue
			}
			r.words[t.text[:min(len(t.text), stem)]] = true
			grave = grave || graveNames[t.text]
			for _, g := range graveWords {
				grave = grave || strings.HasPrefix(t.text, g) || strings.HasSuffix(t.text, "/"+g)
			}
		}
		if grave && len(r.words) >= leastWords {
			out = append(out, r)
		}
	})
	return out
}

// restrains reports whether a sentence forbids, or has a person asked.
func restrains(s []token) bool {
	for i, t := range s {
		switch {
		case verdicts[t.text], far[t.text] && !hurried(s, i, len(s)) && i < 3:
			return true
		case asks[t.text] && (within(s, i+1, 4, approval) || within(s, i+1, 6, before)), demands[t.text] && within(s, i+1, 5, approval):
			return i == 0 || !negations[s[i-1].text]
		}
	}
	return false
}

// lifted looks for rules that a text held and holds no more, where most of it
// still stands: not one that was written anew or moved as a whole.
func lifted(before, after string, r *detect.Report) {
	old := rulesOf(before)
	if len(old) == 0 || !stands(before, after) {
		return
	}
	now := rulesOf(after)
	for _, was := range old {
		if !kept(was, now) {
			r.Add(detect.Observation{Kind: ruleRemoved, Line: was.line, Removed: true, Object: was.text})
		}
	}
}

// kept reports whether a rule, or one that says much the same, is among those
// that hold now.
func kept(was rule, now []rule) bool {
	for _, is := range now {
		same := 0
		for w := range was.words {
			if is.words[w] {
				same++
			}
		}
		if same*2 >= len(was.words) {
			return true
		}
	}
	return false
}

// stands reports whether most lines of a text are in another.
func stands(before, after string) bool {
	have := map[string]bool{}
	for line := range strings.Lines(after) {
		have[strings.TrimSpace(line)] = true
	}
	all, left := 0, 0
	for line := range strings.Lines(before) {
		if t := strings.TrimSpace(line); t != "" {
			if all++; have[t] {
				left++
			}
		}
	}
	return left*2 >= all
}

// instructions tells whether both sides of a file are rules for all agents; a skill
// or a command tells how one thing is done.
func instructions(f *change.File) bool {
	if under(f.Path, "skills") || under(f.Path, "commands") || under(f.Path, ".github/prompts") {
		return false
	}
	return f.Before.State == change.Loaded && f.After.State == change.Loaded &&
		len(f.Before.Body) <= maxText && len(f.After.Body) <= maxText &&
		classOf(f.Path) == prose && !strings.HasPrefix(f.After.Body, "#!")
}
