package rulesfile

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/words"
)

// What `agents.owners` says of those who are registered as an agent's owner.
const (
	ownersMayApprove = "may_approve"
	OwnersExcluded   = "excluded"
)

func (p *fileParser) knownAgent(n *yaml.Node) {
	var k KnownAgent
	var id AgentIdentity
	ok := p.fields(n, "an agent", map[string]field{
		"issuer":  func(_, v *yaml.Node) { id.Issuer = p.text(v, "issuer", 300) },
		"subject": func(_, v *yaml.Node) { id.Subject = p.text(v, "subject", 500) },
		"claims":  func(_, v *yaml.Node) { id.Claims = p.claims(v) },
		"name":    func(_, v *yaml.Node) { k.Name = p.text(v, "name", 200) },
		"login":   func(_, v *yaml.Node) { k.Login = strings.TrimPrefix(p.text(v, "login", 100), "@") },
		"email":   func(_, v *yaml.Node) { k.Email = p.email(v) },
		"id":      func(_, v *yaml.Node) { k.ID = p.number(v, "id", 1, 1<<53) },
		"branch":  func(_, v *yaml.Node) { k.Branch = p.branchPrefix(v) },
		"trailer": func(_, v *yaml.Node) { k.Trailer = p.trailer(v) },
		"text":    func(_, v *yaml.Node) { k.Text = p.phrase(v) },
		"owner":   func(_, v *yaml.Node) { k.Owner = p.approver(v, "owner", false) },
	})
	if !ok {
		return
	}
	signs := k
	signs.Owner = ""
	if signs == (KnownAgent{}) {
		p.fail(n, "missing_key", "an agent needs a sign by which it is known: name, login, id, email, branch, trailer or text")
		return
	}
	if k.Name == "" && k.Login == "" && (k.Branch != "" || k.Trailer != "" || k.Text != "") {
		p.fail(n, "missing_key", "an agent that is known by what it writes needs a name as well: what it is called on record")
		return
	}
	p.file.Known = append(p.file.Known, k)
	if id.Issuer+id.Subject != "" || len(id.Claims) > 0 {
		p.identity(n, k, id)
	}
}

// identity reads by what an agent proves who it is when it asks for a credential.
func (p *fileParser) identity(n *yaml.Node, k KnownAgent, id AgentIdentity) {
	id.Agent = cmp.Or(k.Name, k.Login)
	switch {
	case id.Agent == "":
		p.fail(n, "missing_key", "an agent with an identity needs a name, by which credentials are for it")
	case id.Subject == "" && len(id.Claims) == 0:
		p.fail(n, "missing_key", "an agent with an `issuer` needs its `subject` or `claims`: else it is everybody whom that issuer knows")
	default:
		p.file.Identities = append(p.file.Identities, id)
	}
}

func (p *fileParser) email(n *yaml.Node) string {
	s := p.text(n, "email", 254)
	if s != "" && (strings.Count(s, "@") != 1 || strings.ContainsAny(s, " <>\n\t")) {
		p.fail(n, "bad_value", "email must be one address without brackets, and this is %q", words.Clip(s))
	}
	return s
}

// branchPrefix is what the branches of an agent begin with. It ends in a separator:
// a word alone ("codex") begins branches of people as well.
func (p *fileParser) branchPrefix(n *yaml.Node) string {
	s := p.text(n, "branch", 100)
	if s != "" && (!strings.ContainsAny(s[len(s)-1:], "/-_") || len(s) < 3 || strings.ContainsAny(s, "*? ~^:\\[\n\t")) {
		p.fail(n, "bad_value", "branch is what its branches begin with, up to a separator (`acme-fixer/`), and this is %q", words.Clip(s))
		return ""
	}
	return s
}

// trailer is "Key", or "Key: what its value begins with".
func (p *fileParser) trailer(n *yaml.Node) string {
	s := p.text(n, "trailer", 200)
	key, _, _ := strings.Cut(s, ":")
	notKey := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if s != "" && (len(key) < 3 || len(key) > 60 || strings.ContainsFunc(key, notKey)) {
		p.fail(n, "bad_value", "trailer is the key of a trailer, alone or with what its value begins with (`Acme-Run`, "+
			"`Made-by: acme`), and this is %q", words.Clip(s))
		return ""
	}
	return s
}

// phrase is a text that only an agent writes: a short one would be met by chance.
func (p *fileParser) phrase(n *yaml.Node) string {
	s := p.text(n, "text", 200)
	if s != "" && (len(s) < leastPhrase || strings.ContainsAny(s, "\r\n\t")) {
		p.fail(n, "bad_value", "text is a phrase of one line and at least %d characters that only this agent writes, and this is %q",
			leastPhrase, words.Clip(s))
		return ""
	}
	return s
}

const leastPhrase = 12

// someoneElse refuses needs that only an excluded owner could meet: what their
// agent made could never be released.
func (p *fileParser) someoneElse(n *yaml.Node) {
	if p.file.Owners != OwnersExcluded {
		return
	}
	var owners []string
	for _, k := range p.file.Known {
		if k.Owner != "" {
			owners = append(owners, strings.ToLower(k.Owner))
		}
	}
	var needs []gate.Need
	for _, level := range AllLevels {
		if need := p.file.Needs[level].Need; need != nil {
			needs = append(needs, *need)
		}
	}
	for _, rule := range p.file.Rules {
		if rule.Need != nil {
			needs = append(needs, *rule.Need)
		}
	}
	for _, need := range needs {
		for _, owner := range owners {
			if onlyBy(need, owner) {
				p.fail(n, "unreachable",
					"%s is excluded as the owner of an agent, and a need takes nobody else (%s): what that agent makes "+
						"could never be released", owner, report.Need(&need))
				return
			}
		}
	}
}

// onlyBy reports whether a need cannot be met without one group.
func onlyBy(n gate.Need, group string) bool {
	switch {
	case len(n.Any) > 0:
		return !slices.ContainsFunc(n.Any, func(m gate.Need) bool { return !onlyBy(m, group) })
	case len(n.All) > 0:
		return slices.ContainsFunc(n.All, func(m gate.Need) bool { return onlyBy(m, group) })
	}
	return len(n.From) == 1 && n.From[0] == group
}

// glassApprovers are the people of `break_glass`. Code owners are not among
// them: who they are depends on the files of a change, and whoever releases at
// once answers for all of it.
func (p *fileParser) glassApprovers(n *yaml.Node) []string {
	out := p.approvers(n, "from")
	if slices.Contains(out, Owners) {
		p.fail(n, "bad_value",
			"break_glass names people, teams or roles: `codeowners` answer for single files, and whoever releases at once answers for all")
	}
	return out
}

// CarriesReason reports whether people can say why by a channel. The button of a
// check run sends nothing but itself.
func CarriesReason(via string) bool { return via != string(Button) }

// reasonCanBeGiven refuses what nobody could ever meet: a reason, by the button.
func (p *fileParser) reasonCanBeGiven(n *yaml.Node, what string, need gate.Need) bool {
	for _, part := range slices.Concat(need.All, need.Any) {
		if !p.reasonCanBeGiven(n, what, part) {
			return false
		}
	}
	if need.Reason && len(need.Via) > 0 && !slices.ContainsFunc(need.Via, CarriesReason) {
		p.fail(n, "unreachable",
			"%s asks for a reason and takes the button only, which carries none: add another channel to `via`, or drop "+
				"`reason: required`", what)
		return false
	}
	return true
}

// Need is the break glass as a verdict carries it; nil for nobody.
func (b *BreakGlass) Need() *gate.Need {
	if b == nil {
		return nil
	}
	return &gate.Need{Approvals: 1, From: b.From, Via: b.Via, Reason: b.Reason}
}
