package agent

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/agent/signature"
	"github.com/gatehold/gatehold/internal/change"
)

const noreply = "@users.noreply.github.com"

// email finds the agent of an address: a whole address from the list, or
// GitHub's own form "id+login@users.noreply.github.com". Where that form joins
// one bot's id to another's login, the agent of the two is taken: whoever
// writes this field writes what they like.
func (t *table) email(address string) *account {
	low := strings.ToLower(clean(head(strings.TrimSpace(address), maxShown)))
	if low == "" {
		return nil
	}
	for s := t; s != nil; s = s.more {
		if a := s.byEmail[low]; a != nil {
			return a
		}
	}
	local, ok := strings.CutSuffix(low, noreply)
	if !ok {
		return nil
	}
	number, login, ok := strings.Cut(local, "+")
	if !ok {
		return t.login(botLogin(local))
	}
	id, _ := strconv.ParseInt(number, 10, 64)
	byID, byLogin := t.id(id), t.login(botLogin(login))
	if byID == nil || (byID.duty == signature.Helper && byLogin != nil) {
		return byLogin
	}
	return byID
}

// account finds the listed account of one that GitHub authenticated. The numeric
// id decides where both sides know it: a login can be given up and registered by
// somebody else. An agent's login on another account is still told, as no more
// than a suspicion; automation is what it is called only where that is proven.
func (t *table) account(a change.Actor) *account {
	if s := t.id(a.ID); s != nil {
		return s
	}
	s := t.login(strings.ToLower(a.Login))
	if s == nil || s.duty == signature.Coder {
		return s
	}
	if (a.ID == 0 || s.id == 0) && (a.Type == change.Bot || a.Type == "" && strings.HasSuffix(a.Login, "[bot]")) {
		return s
	}
	return nil
}

// machineLogin is the agent that the login of a person's account speaks of: one
// that ends as machines' do, or that an enterprise gave to a product ("claude_acme").
func machineLogin(login string) string {
	low := strings.ToLower(login)
	for _, end := range []string{"-bot", "-robot", "-ci", "-agent", "-automation"} {
		if strings.HasSuffix(low, end) {
			return unnamed
		}
	}
	if name, _, ok := strings.Cut(low, "_"); ok && (name == "claude" || shipped().authors[name] != "") {
		return shipped().names[name].agent
	}
	return ""
}

// unlistedBot is the login of a bot that no list has, in the form that only a
// bot's can have; empty for anybody else.
func (k *collector) unlistedBot(p change.Person) string {
	name := strings.TrimSpace(clean(head(p.Name, maxShown)))
	for _, from := range [][2]string{{p.Login, p.Login}, {p.Email, loginOf(p.Email)}, {name, strings.ToLower(name)}} {
		if login := from[1]; strings.HasSuffix(login, "[bot]") {
			if k.secret(from[0]) {
				return unnamed
			}
			return login
		}
	}
	if p.Type == change.Bot {
		return cmp.Or(p.Login, unnamed)
	}
	return ""
}

// botLogin drops a login that a person could have registered: in an e-mail
// only the App's own form tells.
func botLogin(login string) string {
	if strings.HasSuffix(login, "[bot]") {
		return login
	}
	return ""
}

// loginOf is the login in GitHub's own form of an e-mail, or nothing.
func loginOf(email string) string {
	local, ok := strings.CutSuffix(strings.ToLower(email), noreply)
	if !ok {
		return ""
	}
	if _, login, ok := strings.Cut(local, "+"); ok {
		return login
	}
	return local
}

// name finds the agent of a git author's name. Only what no person is called
// counts: an App's login, aider's mark, a name that the rules register.
func (t *table) name(name string, author bool) *account {
	low := strings.ToLower(strings.TrimSpace(clean(head(name, maxShown))))
	switch {
	case low == "":
		return nil
	case t.known[low] != nil:
		return t.known[low]
	case author && strings.HasSuffix(low, " (aider)"):
		return &account{agent: "aider"}
	case strings.HasSuffix(low, "[bot]"):
		return t.login(low)
	}
	return nil
}

// tool finds the agent that a trailer names, as a product or as a model, and
// whether the name alone is enough.
func (t *table) tool(name string) (agent string, sure bool) {
	low := strings.ToLower(strings.TrimSpace(name))
	if a := t.known[low]; a != nil {
		return a.agent, true
	}
	if name := shipped().names[low]; name.agent != "" {
		return name.agent, !name.Ambiguous && low != "claude"
	}
	agent = modelAgent(low)
	return agent, agent != ""
}

// digits counts the digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
