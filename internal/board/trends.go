package board

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Trends is how it went over some weeks.
type Trends struct {
	Days    []Day    `json:"days"` // the oldest first
	Waited  []Waited `json:"waited"`
	Rules   []Rule   `json:"rules"`      // what was found by, the most frequent first
	Decided int      `json:"decided"`    // by people
	Half    Seconds  `json:"median"`     // that half of the decisions took at most
	Slow    Seconds  `json:"percentile"` // that nine of ten took at most
}

// Seconds is a length of time.
type Seconds int64

// Day is what was opened on one day, and what became of it.
type Day struct {
	Day      time.Time `json:"day"`
	Held     int       `json:"held"`
	Released int       `json:"released"` // of them, by somebody
	Denied   int       `json:"denied"`
	Passed   int       `json:"passed"` // nothing was held
}

// Waited is how many decisions took at most so long, and longer than the one before.
type Waited struct {
	UpTo Seconds `json:"up_to"` // 0: any longer
	N    int     `json:"n"`
}

// Rule is how often a rule found something grave.
type Rule struct {
	Rule string `json:"rule"`
	N    int    `json:"n"`
}

// The extent of what is told.
const (
	TrendDays = 30
	maxRules  = 12
)

var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 0}

// Trends counts what was opened in the last days in repositories that may be seen,
// see Agents.
func (b *Board) Trends(sees func(gate.Repo) bool) Trends {
	today := b.Now().UTC().Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, 1-TrendDays)
	out := Trends{Waited: make([]Waited, len(waits)), Rules: []Rule{}}
	for i, w := range waits {
		out.Waited[i].UpTo = Seconds(w / time.Second)
	}
	for d := range TrendDays {
		out.Days = append(out.Days, Day{Day: first.AddDate(0, 0, d)})
	}
	rules := map[string]int{}
	var took []time.Duration
	b.mu.RLock()
	for k := range b.index {
		e := &b.index[k]
		i := int((e.opened - first.Unix()) / (24 * 60 * 60))
		if e.opened < first.Unix() || i >= len(out.Days) || e.kind == gate.MergeGroup || !sees(e.gate.Subject.Repo) {
			continue
		}
		s := e.gate
		out.Days[i].count(s)
		for _, r := range s.Rules {
			rules[r]++
		}
		if e.decided {
			took = append(took, max(0, s.DecidedAt.Sub(s.OpenedAt)))
		}
	}
	b.mu.RUnlock()
	out.waited(took)
	for rule, n := range rules {
		out.Rules = append(out.Rules, Rule{rule, n})
	}
	slices.SortFunc(out.Rules, func(a, b Rule) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Rule, b.Rule)) })
	out.Rules = out.Rules[:min(len(out.Rules), maxRules)]
	return out
}

func (d *Day) count(s *Summary) {
	switch {
	case s.Denied || s.Standing == gate.IsRejected:
		d.Denied++
	case s.WasHeld && !s.DecidedAt.IsZero():
		d.Released++
	case s.WasHeld:
		d.Held++
	default:
		d.Passed++
	}
}

func (t *Trends) waited(took []time.Duration) {
	slices.Sort(took)
	if t.Decided = len(took); t.Decided > 0 {
		t.Half, t.Slow = Seconds(took[(len(took)-1)/2]/time.Second), Seconds(took[(len(took)-1)*9/10]/time.Second)
	}
	for _, d := range took {
		i := slices.IndexFunc(waits, func(w time.Duration) bool { return w == 0 || d <= w })
		t.Waited[i].N++
	}
}
