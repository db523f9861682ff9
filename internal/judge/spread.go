package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile/codeowners"
	"github.com/gatehold/gatehold/internal/words"
)

// manyOwners is how many different sets of owners are a spread.
const manyOwners = 4

// asksSpread reports whether a rule in force names the spread over owners.
func asksSpread(r *policy.Rules) bool { return len(r.Plan.ByKind[judged.ManyOwners.ID]) > 0 }

// judgeSpread reports a change that reaches over many owners, once. A file more
// never makes the owners fewer.
func (j *judgement) judgeSpread() {
	c := j.change
	if c.Owners.State != change.RulesFound || !asksSpread(j.rules) {
		return
	}
	file := codeowners.Parse(string(c.Owners.Text))
	first := map[string]string{} // the first path of each set of owners
	add := func(path string) {
		set := slices.Clone(file.Owners(path))
		if len(set) == 0 {
			return
		}
		slices.Sort(set)
		key := strings.ToLower(strings.Join(slices.Compact(set), " "))
		if _, known := first[key]; !known {
			first[key] = path
		}
	}
	for i := range c.Files {
		add(c.Files[i].Path)
		if f := &c.Files[i]; f.Status == change.Renamed && f.PreviousPath != "" {
			add(f.PreviousPath)
		}
	}
	if len(first) < manyOwners {
		return
	}
	var where []string
	for owners, path := range first {
		where = append(where, fmt.Sprintf("%s: %s", words.ClipTo(owners, 60), words.ClipTo(path, 80)))
	}
	slices.Sort(where)
	j.observe(detect.Observation{
		Kind: judged.ManyOwners, Object: fmt.Sprintf("%d sets of owners", len(first)),
		Detail: strings.Join(where[:min(len(where), 6)], "; "),
	}, nil)
}
