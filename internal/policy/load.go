package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// Load turns rules files, as they were found, into rules. It never fails: where
// a file cannot be read or does not parse, the rules that remain are enforced
// with a problem that holds every change, because a mode that is not known is
// not `observe`. Whoever needs the single faults asks Parse.
func Load(org, repo change.RulesFile) *Rules {
	orgFile, problems := load(org, "organisation", nil)
	repoFile, problems := load(repo, "repository", problems)
	r, err := Compile(orgFile, repoFile)
	if err != nil {
		problems = append(problems, gate.Problem{Code: "rules_invalid", Subject: "together",
			Text: "The rules could not be put together: " + err.Error()})
		r = Builtin()
	}
	if len(problems) == 0 {
		return r
	}
	return r.Holding(problems...)
}

// Holding returns rules that judge as r does and hold every change because of
// the problems, whatever mode r is in.
func (r *Rules) Holding(problems ...gate.Problem) *Rules {
	held := *r
	held.mode, held.Builtin = rulesfile.Enforce, false
	held.explanation.Mode, held.explanation.Builtin = rulesfile.Enforce, false
	held.Problems = append(append([]gate.Problem{}, r.Problems...), problems...)
	held.digest, held.before = digested(&held)
	return &held
}

func load(f change.RulesFile, whose string, problems []gate.Problem) (*rulesfile.File, []gate.Problem) {
	switch f.State {
	case change.RulesAbsent:
		return nil, problems
	case change.RulesFound:
		file, err := rulesfile.Parse(rulesfile.Source{Name: f.Name, Text: f.Text})
		if err != nil {
			return nil, append(problems, Invalid(whose, err))
		}
		return file, problems
	}
	return nil, append(problems, Unreadable(whose, f))
}

// Invalid is the problem of a rules file that does not parse.
func Invalid(whose string, err error) gate.Problem {
	text, places := "The "+whose+"'s rules file does not parse: ", []string{whose}
	var faults rulesfile.Problems
	if errors.As(err, &faults) {
		said := make([]string, 0, 3)
		for _, p := range faults[:min(len(faults), 3)] {
			said = append(said, p.String())
			places = append(places, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code))
		}
		text += strings.Join(said, "; ")
		if n := len(faults) - len(said); n > 0 {
			text += "; and " + words.Plural(n, "more fault")
		}
	} else {
		text += err.Error()
	}
	return gate.Problem{Code: "rules_invalid", Subject: strings.Join(places, ", "),
		Text: redact.Quote(words.ClipTo(text, 1500)) + ". Every change is held until it is repaired on the branch that it applies to."}
}

// Unreadable is the problem of a rules file that could not be read, or that
// may not be used.
func Unreadable(whose string, f change.RulesFile) gate.Problem {
	what := "could not be looked for"
	if f.State == change.RulesRefused {
		what = "is there and may not be used"
	}
	text := "The " + whose + "'s rules file " + what
	if f.Name != "" {
		text += " (" + f.Name + ")"
	}
	if f.Reason != "" {
		text += ": " + strings.TrimSuffix(f.Reason, ".")
	}
	return gate.Problem{Code: "rules_unreadable", Subject: fmt.Sprintf("%s %d", whose, f.State),
		Text: redact.Quote(words.ClipTo(text, 1500)) + ". Which rules apply is not known, so every change is held; it is tried again."}
}
