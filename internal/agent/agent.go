// Package agent says who wrote a change and on what evidence.
//
// Evidence has three strengths. Verified is what only GitHub's server can set:
// the account that opened the pull request or pushed, the App it came through,
// a commit that GitHub itself signed for an App. Declared is what the change
// says of itself: trailers, author and committer, footers. Suspected is
// circumstance: branch prefixes, labels, names. Everything that is not verified
// can be forged; it may raise a suspicion and is never shown as more than that.
// That nothing points to an agent proves nothing.
//
// The package is pure and bounded: of each text at most maxText bytes are
// read, of what it returns each text is at most maxShown characters, without
// control or formatting characters.
package agent

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent/signature"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// Options are what the rules file says about agents.
type Options struct {
	Known []Known // agents that the rules register beside the built-in ones
	// PresumeAgent turns the burden round: a change that nothing proves human
	// counts as an agent's.
	PresumeAgent bool
	// Helpers are known automation, by name ("dependabot"), whose changes the
	// rules take for no agent's.
	Helpers []string
	// Conceal takes the secrets out of what an attribution quotes; nil: it is
	// quoted as it is.
	Conceal func(string) string
}

// Known is an agent that a rules file registers. Each of its signs that is set is
// matched by itself; Name is what it is called and is also matched against the
// names in author, committer and co-author.
type Known struct {
	Name  string
	Login string // "acme-fixer[bot]", or the login of a machine user
	Email string
	ID    int64 // GitHub's numeric account id; 0: not given
	Owner string

	Branch  string `json:",omitempty"` // what its branches begin with
	Trailer string `json:",omitempty"` // "Acme-Run", or with what its value begins: "Made-by: acme"
	Text    string `json:",omitempty"` // a phrase in its descriptions and messages
}

// called is what the agent is called on record.
func (k *Known) called() string {
	return cmp.Or(k.Name, k.Login)
}

// Attribute says whether c counts as an agent's, and how that is known. A change
// is a person's where GitHub authenticated a person's account as the one that
// opened it, and everyone else that is on record, and nothing speaks against it.
// All agents that left a sign are named, the best proven first.
func Attribute(c *change.Change, o Options) gate.Attribution {
	k := newCollector(o)
	k.vouched = c.Vouched
	k.account(c.Author, "opened it")
	return k.attribute(c, o)
}

// AttributeCommits is Attribute for commits that nobody proposed: what was pushed
// straight to a branch has pushers, and nobody who opened it.
func AttributeCommits(c *change.Change, o Options) gate.Attribution {
	k := newCollector(o)
	k.vouched, k.direct = c.Vouched, len(c.Pushers) == 0
	return k.attribute(c, o)
}

// Started is Attribute for something that accounts started, a workflow run say.
func Started(by []change.Actor, o Options) gate.Attribution {
	k := newCollector(o)
	for _, a := range by {
		k.account(a, "started it")
	}
	return k.attribute(&change.Change{Assignees: by}, o)
}

func (k *collector) attribute(c *change.Change, o Options) gate.Attribution {
	k.pushes(c)
	if c.Via != "" {
		k.app(c.Via)
	}
	k.branch(c.HeadRef)
	k.labels(c.Labels)
	k.text("body", "", c.Body)
	for i := range c.Commits {
		k.commit(&c.Commits[i])
	}
	out := k.attribution()
	out.Is = len(out.Evidence) > 0 || len(out.Unknown) > 0
	out.Presumed = out.Is && len(out.Evidence) == 0
	relaxed := out.ByAutomation() && o.relaxes(&out)
	switch {
	case relaxed && (!o.PresumeAgent || signedByHelpers(c, k.table)):
		out.Is = false
	case !out.Is && o.PresumeAgent && !provenHuman(c):
		if claimedByAuthor(c) {
			out.Signed = c.Author.Login
			break
		}
		out.Is, out.Presumed = true, true
	}
	if out.Is {
		out.Instigators = instigators(c, k, !out.ByAutomation())
	}
	return out
}

// relaxes reports whether the rules take all automation that made a change for
// no agent.
func (o Options) relaxes(a *gate.Attribution) bool {
	other := func(e gate.Evidence) bool { return !slices.Contains(o.Helpers, e.Agent) }
	return !slices.ContainsFunc(a.Evidence, other)
}

// signedByHelpers reports whether GitHub signed every commit for a known helper:
// what `presume: agent` asks of people, asked of a bot.
func signedByHelpers(c *change.Change, t *table) bool {
	other := func(k change.Commit) bool {
		s := t.id(k.Author.ID)
		return s == nil || s.duty != signature.Helper || !k.Verified || !k.SignedByGitHub
	}
	return len(c.Commits) > 0 && len(c.Gaps) == 0 && !slices.ContainsFunc(c.Commits, other)
}

func (k *collector) app(slug string) {
	if s := k.table.login(strings.ToLower(slug) + "[bot]"); s != nil && s.duty == signature.Coder {
		k.add(gate.Evidence{Agent: s.agent, Strength: gate.Verified, Kind: "app", Text: "through the App " + slug})
	}
}

// pushes looks at who pushed. Where nobody kept a record of pushes, the one who
// brought the head is all that is known.
func (k *collector) pushes(c *change.Change) {
	if c.Pusher != (change.Actor{}) {
		k.account(c.Pusher, "pushed the head")
	}
	for _, a := range c.Pushers {
		if a.ID == 0 && !a.IsTransport() && !k.person(a) {
			k.unknown("Somebody pushed to it, and it is not on record who.")
			continue
		}
		k.account(a, "pushed to it")
	}
	if c.Pushes == change.PushesGap {
		k.unknown("Not every push to it is on record, and who made the others is not known.")
	}
}

// person reports whether an account is a person's. Where no GitHub is asked,
// the type that was told is all there is.
func (k *collector) person(a change.Actor) bool {
	return a.IsPerson() || k.vouched && a.ID == 0 && a.Type == change.User && a.Login != "" && !strings.EqualFold(a.Login, "ghost")
}

// account looks at one account that GitHub authenticated, and what it did. A bot
// that is on no list is an agent, under its own name: whatever acts by itself is
// held like one. Of an account that is neither a bot's nor a person's it is not
// known who acted.
func (k *collector) account(a change.Actor, did string) {
	if a.IsTransport() {
		return
	}
	bot := a.Type == change.Bot || strings.HasSuffix(a.Login, "[bot]")
	switch s := k.table.account(a); {
	case s != nil && s.duty == signature.Coder:
		strength := accountStrength(s, a)
		k.add(gate.Evidence{Agent: s.agent, Strength: strength, Kind: "login", Text: a.Login})
		if strength != gate.Verified && !bot && !k.person(a) {
			k.stranger(a, did)
		}
	case s != nil:
		k.automation(s.agent)
		k.add(gate.Evidence{Agent: s.agent, Strength: botStrength(a), Kind: gate.KindAutomation, Text: a.Login + " " + did})
	case bot:
		k.add(gate.Evidence{Agent: cmp.Or(a.Login, unnamed), Strength: botStrength(a), Kind: "login", Text: a.Login})
	case !k.person(a):
		k.stranger(a, did)
	default:
		if agent := machineLogin(a.Login); agent != "" {
			k.add(gate.Evidence{Agent: agent, Strength: gate.Suspected, Kind: "login", Text: a.Login})
		}
	}
}

func botStrength(a change.Actor) gate.Strength {
	if a.Type == change.Bot {
		return gate.Verified
	}
	return gate.Declared // nobody said what kind of account this is
}

// stranger notes an account that is not known to be a person's.
func (k *collector) stranger(a change.Actor, did string) {
	who := "@" + show(a.Login)
	switch {
	case a.Login == "" || strings.EqualFold(a.Login, "ghost"):
		k.unknown("Who " + did + " is not known: GitHub names no account.")
	case a.Type != change.User && a.Type != "":
		kind := show(string(a.Type))
		k.unknown("GitHub does not say that " + who + ", who " + did + ", is a person: the account is of type " + kind + ".")
	default:
		k.unknown("GitHub did not authenticate " + who + ", who " + did + ", as a person's account.")
	}
}

func accountStrength(s *account, a change.Actor) gate.Strength {
	switch {
	case a.ID != 0 && s.id != 0 && a.ID != s.id:
		return gate.Suspected // the name of an agent, on another account
	case s.known && (a.Type != "" || a.ID != 0):
		return gate.Verified // the rules registered this very account, a machine user perhaps
	case a.Type == change.Bot:
		return gate.Verified
	case a.ID != 0 && a.ID == s.id:
		return gate.Verified
	case strings.HasSuffix(a.Login, "[bot]") && a.Type == "":
		return gate.Declared // nobody said what kind of account this is
	}
	return gate.Suspected // without [bot], anybody could have registered the login
}

func (k *collector) branch(ref string) {
	ref = strings.TrimPrefix(ref, "refs/heads/")
	if i := strings.IndexByte(ref, ':'); i >= 0 { // "owner:branch"
		ref = ref[i+1:]
	}
	low := strings.ToLower(clean(head(ref, maxShown)))
	for _, b := range k.table.branches {
		if rest, ok := strings.CutPrefix(low, b.sign.Prefix); ok && digits(rest) >= b.sign.Digits {
			k.add(gate.Evidence{Agent: b.agent, Strength: gate.Suspected, Kind: "branch", Text: ref})
		}
	}
}

func (k *collector) labels(labels []string) {
	for _, label := range labels[:min(len(labels), maxLabels)] {
		if agent := labelAgent(strings.ToLower(clean(head(label, maxShown)))); agent != "" {
			k.add(gate.Evidence{Agent: agent, Strength: gate.Suspected, Kind: "label", Text: label})
		}
	}
}

// commit looks at one commit: at its people, and at its message. What GitHub
// signed for a bot that bot has made.
func (k *collector) commit(c *change.Commit) {
	if c.Verified && c.SignedByGitHub && c.Author.Type == change.Bot && c.Author.ID != 0 {
		k.signed(c)
	}
	k.identity("author", c.SHA, c.Author)
	if c.Committer != c.Author {
		k.identity("committer", c.SHA, c.Committer)
	}
	k.text("message", c.SHA, c.Message)
}

func (k *collector) signed(c *change.Commit) {
	by := change.Actor{Login: c.Author.Login, ID: c.Author.ID, Type: c.Author.Type}
	if by.IsTransport() {
		return
	}
	said := "signed by GitHub for " + by.Login
	e := gate.Evidence{Agent: cmp.Or(by.Login, unnamed), Strength: gate.Verified, Kind: "login", Text: said, Commit: c.SHA}
	if s := k.table.account(by); s != nil {
		e.Agent = s.agent
		if s.duty != signature.Coder {
			k.automation(s.agent)
			e.Kind = gate.KindAutomation
		}
	}
	k.add(e)
}

// identity looks at a git identity: e-mail first, the account that was looked up
// from the e-mail next, the name last.
func (k *collector) identity(role, sha string, p change.Person) {
	shown := role + " " + p.Name + " <" + p.Email + ">"
	s := k.table.email(p.Email)
	if s == nil {
		if s = k.table.id(p.ID); s == nil && p.Login != "" {
			s = k.table.login(strings.ToLower(p.Login))
		}
		if s != nil {
			shown += " (looked up: " + p.Login + ")"
		}
	}
	if s != nil {
		k.wrote(s, role, "email", shown, sha)
		return
	}
	// aider puts its mark on the author where it wrote the code, and on the
	// committer alone where it only committed what a human had written.
	if s = k.table.name(p.Name, role == "author"); s != nil {
		k.wrote(s, role, "name", shown, sha)
		return
	}
	if bot := k.unlistedBot(p); bot != "" {
		k.add(gate.Evidence{Agent: bot, Strength: gate.Declared, Kind: "email", Text: shown, Commit: sha})
		return
	}
	if agent := tellingName(p); agent != "" && role == "author" {
		k.add(gate.Evidence{Agent: agent, Strength: gate.Suspected, Kind: "name", Text: shown, Commit: sha})
	}
}

// wrote notes that a listed account stands in a commit. A reviewer that is the
// author wrote it; where it is anything else, a person took its suggestion. What
// automation wrote and nobody is known to have pushed is no person's either.
func (k *collector) wrote(s *account, role, kind, text, sha string) {
	switch {
	case s.duty == signature.Transport:
	case s.duty == signature.Coder, s.duty != signature.Helper && role == "author":
		k.add(gate.Evidence{Agent: s.agent, Strength: gate.Declared, Kind: kind, Text: text, Commit: sha})
	default:
		k.automation(s.agent)
		if k.direct && role == "author" {
			k.add(gate.Evidence{Agent: s.agent, Strength: gate.Declared, Kind: gate.KindAutomation, Text: text, Commit: sha})
		}
	}
}
