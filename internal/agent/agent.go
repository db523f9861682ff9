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
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// Options are what the rules file says about agents.
type Options struct {
	Known []Known // agents that the rules register beside the built-in ones
	// PresumeAgent turns the burden round: a change that nothing proves human
	// counts as an agent's.
	PresumeAgent bool
}

// Known is an agent that a rules file registers. Each of ID, Login and Email
// that is set is matched by itself; Name is what it is called and is also
// matched against the names in author, committer and co-author.
type Known struct {
	Name  string
	Login string // "acme-fixer[bot]", or the login of a machine user
	Email string
	ID    int64 // GitHub's numeric account id; 0: not given
	Owner string
}

// Attribute says whether an agent wrote c, and how that is known. All agents
// that left a sign are named, the best proven first.
func Attribute(c *change.Change, o Options) gate.Attribution {
	k := newCollector(o.Known)
	k.accounts(c)
	k.branch(c.HeadRef)
	k.labels(c.Labels)
	k.text("body", "", c.Body)
	for i := range c.Commits {
		k.commit(&c.Commits[i])
	}
	out := k.attribution()
	out.Is = len(out.Evidence) > 0
	if !out.Is && o.PresumeAgent && !provenHuman(c) {
		out.Is, out.Presumed = true, true
	}
	if out.Is {
		out.Instigators = instigators(c, k)
	}
	return out
}

// accounts looks at what GitHub authenticated.
func (k *collector) accounts(c *change.Change) {
	k.actor("login", c.Author)
	k.actor("login", c.Pusher)
	if c.Via == "" {
		return
	}
	if s := k.table.login(strings.ToLower(c.Via) + "[bot]"); s != nil && s.duty == coder {
		k.add(gate.Evidence{Agent: s.agent, Strength: gate.Verified, Kind: "app", Text: "through the App " + c.Via})
	}
}

// actor looks at one authenticated account. The numeric id decides where both
// sides know it: a login can be given up and registered by somebody else.
func (k *collector) actor(kind string, a change.Actor) {
	if a.Login == "" && a.ID == 0 {
		return
	}
	s := k.table.id(a.ID)
	if s == nil {
		s = k.table.login(strings.ToLower(a.Login))
	}
	if s == nil {
		if a.Type == change.Bot || strings.HasSuffix(a.Login, "[bot]") {
			k.automation(a.Login)
		}
		return
	}
	if s.duty != coder {
		k.automation(s.agent)
		return
	}
	k.add(gate.Evidence{Agent: s.agent, Strength: accountStrength(s, a), Kind: kind, Text: a.Login})
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
	for i := range branches {
		if b := &branches[i]; strings.HasPrefix(low, b.prefix) && (b.then == nil || b.then(low[len(b.prefix):])) {
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

// commit looks at one commit: at its people, and at its message.
func (k *collector) commit(c *change.Commit) {
	bySHA := c.SHA
	if s := k.table.id(c.Author.ID); s != nil && s.duty == coder && c.Verified && c.SignedByGitHub && c.Author.Type == change.Bot {
		k.add(gate.Evidence{Agent: s.agent, Strength: gate.Verified, Kind: "login", Text: "signed by GitHub for " + c.Author.Login, Commit: bySHA})
	}
	k.person("author", bySHA, c.Author)
	if c.Committer != c.Author {
		k.person("committer", bySHA, c.Committer)
	}
	k.text("message", bySHA, c.Message)
}

// person looks at a git identity: e-mail first, the account that was looked up
// from the e-mail next, the name last.
func (k *collector) person(role, sha string, p change.Person) {
	shown := role + " " + p.Name + " <" + p.Email + ">"
	if agent := k.table.email(p.Email); agent != nil {
		k.identity(agent, "email", shown, sha)
		return
	}
	s := k.table.id(p.ID)
	if s == nil && p.Login != "" {
		s = k.table.login(strings.ToLower(p.Login))
	}
	if s != nil {
		k.identity(s, "email", shown+" (looked up: "+p.Login+")", sha)
		return
	}
	// aider puts its mark on the author where it wrote the code, and on the
	// committer alone where it only committed what a human had written.
	if agent := k.table.name(p.Name, role == "author"); agent != nil {
		k.identity(agent, "name", shown, sha)
	} else if strings.HasSuffix(p.Name, "[bot]") {
		k.automation(p.Name)
	}
}

func (k *collector) identity(s *account, kind, text, sha string) {
	if s.duty != coder {
		k.automation(s.agent)
		return
	}
	k.add(gate.Evidence{Agent: s.agent, Strength: gate.Declared, Kind: kind, Text: text, Commit: sha})
}
