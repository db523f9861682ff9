package agent

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// collector gathers evidence, each sign once.
type collector struct {
	table *table
	found []gate.Evidence
	seen  map[gate.Evidence]bool // without its commit
	kept  map[gate.Evidence]int  // without its commit and text
	bots  []string

	conceal func(string) string // see Options

	vouched bool     // the caller answers for the types of accounts
	direct  bool     // nobody proposed it, and who pushed it is not known
	unsure  []string // sentences: of whom it is not known that a person acted

	coauthors  []string // values of trailers, humans' and agents'
	requesters []string // what stands after "Requested by:" in the body
}

func newCollector(o Options) *collector {
	k := &collector{table: tableOf(o.Known), conceal: o.Conceal}
	if k.conceal == nil {
		k.conceal = func(s string) string { return s }
	}
	return k
}

// secret reports whether a name that a text gives holds a secret: then it names
// nobody. It is asked before letter case is lost, by which secrets are told.
func (k *collector) secret(name string) bool { return k.conceal(name) != name }

func (k *collector) add(e gate.Evidence) {
	e.Text, e.Agent = show(k.conceal(head(e.Text, 8*maxShown))), show(e.Agent)
	same := e
	same.Commit = ""
	if k.seen[same] {
		return
	}
	sort := same
	sort.Text = ""
	if k.kept[sort] >= maxEach {
		return
	}
	if k.seen == nil {
		k.seen, k.kept = map[gate.Evidence]bool{}, map[gate.Evidence]int{}
	}
	k.seen[same] = true
	k.kept[sort]++
	k.found = append(k.found, e)
}

func (k *collector) automation(name string) {
	name = show(strings.TrimSuffix(name, "[bot]"))
	if name != "" && !slices.Contains(k.bots, name) && len(k.bots) < maxLabels {
		k.bots = append(k.bots, name)
	}
}

// unknown notes in a sentence of whom it is not known that a person acted.
func (k *collector) unknown(sentence string) {
	sentence = k.conceal(sentence)
	if !slices.Contains(k.unsure, sentence) && len(k.unsure) < maxUnknown {
		k.unsure = append(k.unsure, sentence)
	}
}

// attribution orders what was found: the strongest first, then by agent; what
// is equal keeps the order of the change.
func (k *collector) attribution() gate.Attribution {
	slices.SortStableFunc(k.found, func(a, b gate.Evidence) int {
		return cmp.Or(b.Strength.Rank()-a.Strength.Rank(), cmp.Compare(a.Agent, b.Agent))
	})
	out := gate.Attribution{Strength: gate.None, Names: []string{}, Evidence: []gate.Evidence{}, Instigators: []string{}}
	for _, e := range k.found {
		if e.Kind != gate.KindAutomation && !slices.Contains(out.Names, e.Agent) && (e.Agent != unnamed || len(out.Names) == 0) {
			out.Names = append(out.Names, e.Agent)
		}
	}
	if len(k.found) > 0 {
		out.Strength, out.Evidence = k.found[0].Strength, k.found
	}
	// That automation carried it says nothing of how sure an agent's part is.
	if i := slices.IndexFunc(k.found, func(e gate.Evidence) bool { return e.Kind != gate.KindAutomation }); i >= 0 {
		out.Strength = k.found[i].Strength
	}
	slices.Sort(k.bots)
	out.Automation, out.Unknown = k.bots, k.unsure
	return out
}
