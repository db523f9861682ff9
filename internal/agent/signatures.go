package agent

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/agent/signature"
)

// account is a GitHub account, or an e-mail address, that belongs to a bot. What
// acts through github-actions[bot] may be any agent: it counts as automation whose
// commits and texts are looked at like anybody's.
type account struct {
	agent string
	login string // lower case
	id    int64  // 0: not known
	duty  signature.Duty
	known bool // registered by the rules
}

// unnamed stands for an agent that left a sign, but not which one it is.
const unnamed = signature.Unnamed

// named is what a name of a product is worth.
type named struct {
	agent string
	signature.Name
}

// of is a sign with the agent whose it is.
type of[T any] struct {
	agent string
	sign  T
}

// signs are the built-in signatures, indexed for what is asked of them.
type signs struct {
	names    map[string]named
	authors  map[string]string
	labels   map[string]string
	models   []of[string]
	trailers []of[signature.Trailer]
	texts    []of[signature.Text]
	branches []of[signature.Branch]
	sessions []of[signature.Session]
}

// shipped is made once, when the first change is judged.
var shipped = sync.OnceValue(func() *signs {
	s := &signs{names: map[string]named{}, authors: map[string]string{}, labels: map[string]string{}}
	for _, a := range signature.All() {
		for _, n := range a.Names {
			s.names[n.Name] = named{a.Name, n}
		}
		for _, name := range a.Authors {
			s.authors[name] = a.Name
		}
		for _, label := range a.Labels {
			s.labels[label] = a.Name
		}
		s.models = append(s.models, all(a.Name, a.Models)...)
		s.trailers = append(s.trailers, all(a.Name, a.Trailers)...)
		s.texts = append(s.texts, all(a.Name, a.Texts)...)
		s.branches = append(s.branches, all(a.Name, a.Branches)...)
		s.sessions = append(s.sessions, all(a.Name, a.Sessions)...)
	}
	return s
})

func all[T any](agent string, list []T) []of[T] {
	out := make([]of[T], len(list))
	for i, sign := range list {
		out[i] = of[T]{agent, sign}
	}
	return out
}

// HelperNames are what known automation is called, in order: bots that write no
// code of their own, and whose accounts are known by id.
func HelperNames() []string {
	var out []string
	for _, a := range signature.All() {
		if slices.ContainsFunc(a.Accounts, func(x signature.Account) bool { return x.Duty == signature.Helper && x.ID != 0 }) {
			out = append(out, a.Name)
		}
	}
	slices.Sort(out)
	return out
}

// labelAgent reads "claude-code-assisted" and its like as well.
func labelAgent(label string) string {
	if agent := shipped().labels[label]; agent != "" {
		return agent
	}
	for _, end := range []string{"-assisted", "-generated", "-authored", "-created"} {
		if product, ok := strings.CutSuffix(label, end); ok {
			return shipped().names[strings.ReplaceAll(product, "-", " ")].agent
		}
	}
	return ""
}

func modelAgent(low string) string {
	for _, m := range shipped().models {
		if strings.HasPrefix(low, m.sign) {
			return m.agent
		}
	}
	return ""
}

// table is who is who; with the agents that rules register, and their signs.
type table struct {
	byID    map[int64]*account
	byLogin map[string]*account
	byEmail map[string]*account
	more    *table // where this one knows nothing
	known   map[string]*account

	trailers []of[signature.Trailer]
	texts    []of[signature.Text]
	branches []of[signature.Branch]
}

var builtin = sync.OnceValue(func() *table {
	s := shipped()
	t := &table{byID: map[int64]*account{}, byLogin: map[string]*account{}, byEmail: map[string]*account{},
		trailers: s.trailers, texts: s.texts, branches: s.branches}
	for _, one := range signature.All() {
		for _, x := range one.Accounts {
			a := &account{agent: one.Name, login: x.Login, id: x.ID, duty: x.Duty}
			t.byLogin[a.login] = a
			if a.id != 0 && t.byID[a.id] == nil {
				t.byID[a.id] = a
			}
		}
		for _, email := range one.Emails {
			t.byEmail[email] = &account{agent: one.Name}
		}
	}
	return t
})

// tableOf adds what the rules register to the built-in signatures. Those are asked
// first: what a file registers takes no sign away from another agent.
func tableOf(known []Known) *table {
	if len(known) == 0 {
		return builtin()
	}
	more := builtin()
	t := &table{byID: map[int64]*account{}, byLogin: map[string]*account{}, byEmail: map[string]*account{},
		known: map[string]*account{}, more: more,
		trailers: slices.Clip(more.trailers), texts: slices.Clip(more.texts), branches: slices.Clip(more.branches)}
	for _, k := range known {
		t.register(k)
	}
	return t
}

func (t *table) register(k Known) {
	a := &account{agent: k.called(), login: strings.ToLower(k.Login), id: k.ID, known: true}
	if k.ID != 0 {
		t.byID[k.ID] = a
	}
	if k.Login != "" {
		t.byLogin[a.login] = a
	}
	if k.Email != "" {
		t.byEmail[strings.ToLower(k.Email)] = a
	}
	if k.Name != "" {
		t.known[strings.ToLower(k.Name)] = a
	}
	if k.Trailer != "" {
		key, value, _ := strings.Cut(strings.ToLower(k.Trailer), ":")
		t.trailers = append(t.trailers, of[signature.Trailer]{a.agent, signature.Trailer{Key: key, Value: strings.TrimSpace(value)}})
	}
	if k.Text != "" {
		t.texts = append(t.texts, of[signature.Text]{a.agent, signature.Text{Phrase: strings.ToLower(k.Text)}})
	}
	if k.Branch != "" {
		t.branches = append(t.branches, of[signature.Branch]{a.agent, signature.Branch{Prefix: strings.ToLower(k.Branch)}})
	}
}

// tells reports whether a trailer with this key can tell who wrote something.
func (t *table) tells(key string) bool {
	if _, is := authoring[key]; is || key == "requested-by" || key == "signed-off-by" || key == "author" {
		return true
	}
	return slices.ContainsFunc(t.trailers, func(x of[signature.Trailer]) bool { return x.sign.Key == key })
}

func (t *table) id(id int64) *account {
	if id == 0 {
		return nil
	}
	if a := t.byID[id]; a != nil || t.more == nil {
		return a
	}
	return t.more.id(id)
}

func (t *table) login(lower string) *account {
	if lower == "" {
		return nil
	}
	if a := t.byLogin[lower]; a != nil || t.more == nil {
		return a
	}
	return t.more.login(lower)
}
