package rulesfile

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/words"
)

// Bounds on `credentials`.
const (
	maxCredentials = 100
	maxClaims      = 20
	maxClaim       = 256 // characters; a session tag of AWS has no more
	maxChain       = 5
)

var (
	credentialID   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,49}$`)
	permissionName = regexp.MustCompile(`^[a-z][a-z_]{1,60}$`)
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	claimName      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,99}$`)
)

// credentials reads what workloads may be given.
func (p *fileParser) credentials(n *yaml.Node) {
	p.items(n, "credentials", func(item *yaml.Node) {
		c := Credential{}
		before := len(p.problems)
		ok := p.fields(item, "a credential", map[string]field{
			"id":   func(_, v *yaml.Node) { c.ID = p.matching(v, "id", 50, credentialID, "deploy-production") },
			"for":  func(_, v *yaml.Node) { p.credentialFor(v, &c.For) },
			"gate": func(_, v *yaml.Node) { c.Gate = p.word(v, "gate", GateIntent, GateRequired) },
			"mode": func(_, v *yaml.Node) { c.Mode = Mode(p.word(v, "mode", "enforce", "observe")) },
			"github": func(_, v *yaml.Node) {
				p.fields(v, "github", map[string]field{
					"permissions":  func(_, v *yaml.Node) { c.Permissions = p.permissions(v) },
					"repositories": func(_, v *yaml.Node) { c.Repositories = p.repositories(v) },
				})
			},
			"identity": func(_, v *yaml.Node) {
				p.fields(v, "identity", map[string]field{
					"audience": func(_, v *yaml.Node) { c.Audience, _ = p.texts(v, "audience") },
					"claims":   func(_, v *yaml.Node) { c.Claims = p.claims(v) },
				})
			},
			"lifetime": func(_, v *yaml.Node) { c.Lifetime = p.duration(v, "lifetime") },
			"chain":    func(_, v *yaml.Node) { c.Chain = int(p.number(v, "chain", 0, maxChain)) },
		})
		if ok && len(p.problems) == before && p.credentialWhole(item, c) {
			p.file.Credentials = append(p.file.Credentials, c)
		}
	})
}

// credentialWhole reports whether a credential says all that it has to.
func (p *fileParser) credentialWhole(n *yaml.Node, c Credential) bool {
	longest := LongestToken
	if c.Identity() {
		longest = LongestIdentity
	}
	switch {
	case c.ID == "":
		p.fail(n, "missing_key", "a credential needs an id, by which it is asked for: id: deploy")
	case slices.ContainsFunc(p.file.Credentials, func(o Credential) bool { return o.ID == c.ID }):
		p.fail(n, "duplicate_key", "the credential %q stands here twice", c.ID)
	case c.Gate == "":
		p.fail(n, "missing_key",
			"a credential needs `gate`: required, where its deployment has to be released, or intent, where a task has to declare what it does")
	case !c.Token() && !c.Identity():
		p.fail(n, "missing_key", "a credential needs `github` with permissions, or `identity` with an audience: else it gives nothing")
	case c.For.nobody():
		p.fail(n, "missing_key", "a credential needs `for`: the workflow, the environment, the agent or the subject that may be given it")
	case c.For.Issuer != "" && c.For.Subject == "" && len(c.For.Claims) == 0:
		p.fail(n, "missing_key", "`for` with an `issuer` needs its `subject` or `claims`: else it is for all whom that issuer knows")
	case c.Gate == GateRequired && c.For.Issuer != "":
		p.fail(n, "bad_value", "only a run of GitHub Actions has a gate that can be released: write `gate: intent` for another issuer")
	case c.Life() < ShortestLifetime || c.Life() > longest:
		p.fail(n, "bad_value", "the lifetime is from %s to %s here, and this is %s", ShortestLifetime, longest, c.Life())
	case len(p.file.Credentials) == maxCredentials:
		p.fail(n, "too_many", "there may be at most %d credentials", maxCredentials)
	default:
		return true
	}
	return false
}

// nobody reports whether nothing says who may be given it.
func (f CredentialFor) nobody() bool {
	return f.Workflow == "" && f.JobWorkflow == "" && f.Environment == "" && f.Agent == "" && f.Subject == "" && len(f.Claims) == 0
}

func (p *fileParser) credentialFor(n *yaml.Node, f *CredentialFor) {
	p.fields(n, "for", map[string]field{
		"repositories": func(_, v *yaml.Node) { f.Repositories = p.repositories(v) },
		"workflow":     func(_, v *yaml.Node) { f.Workflow = p.workflowPath(v) },
		"job_workflow": func(_, v *yaml.Node) { f.JobWorkflow = p.text(v, "job_workflow", 500) },
		"environment":  func(_, v *yaml.Node) { f.Environment = p.text(v, "environment", 255) },
		"branches": func(_, v *yaml.Node) {
			if set := p.paths(v, "branches"); set != nil {
				f.Branches = set.Patterns()
			}
		},
		"runner":  func(_, v *yaml.Node) { f.Runner = p.word(v, "runner", "github-hosted", "self-hosted") },
		"issuer":  func(_, v *yaml.Node) { f.Issuer = p.text(v, "issuer", 300) },
		"subject": func(_, v *yaml.Node) { f.Subject = p.text(v, "subject", 500) },
		"claims":  func(_, v *yaml.Node) { f.Claims = p.claims(v) },
		"agent": func(_, v *yaml.Node) {
			f.Agent = p.text(v, "agent", 200)
			p.later = append(p.later, func() { p.registered(v, f.Agent) })
		},
	})
}

// registered refuses an agent that the file does not register: nobody else could be
// told from it.
func (p *fileParser) registered(n *yaml.Node, agent string) {
	var names []string
	for _, k := range p.file.Known {
		names = append(names, k.Name, k.Login)
	}
	same := func(name string) bool { return name != "" && strings.EqualFold(name, agent) }
	if agent != "" && len(names) > 0 && !slices.ContainsFunc(names, same) {
		p.fail(n, "unknown_agent", "%q is no agent of `agents.known`%s", words.Clip(agent), words.DidYouMean(agent, names))
	}
}

// workflowPath reads where a workflow's file is.
func (p *fileParser) workflowPath(n *yaml.Node) string {
	s := p.text(n, "workflow", 300)
	if s != "" && (!strings.HasPrefix(s, ".github/workflows/") || strings.ContainsAny(s, "*?[{@")) {
		p.fail(n, "bad_value", "workflow must be the path of one file, as .github/workflows/deploy.yml, and this is %q", words.Clip(s))
		return ""
	}
	return s
}

func (p *fileParser) repositories(n *yaml.Node) []string {
	names, nodes := p.texts(n, "repositories")
	for i, name := range names {
		if !repositoryName.MatchString(name) {
			p.fail(nodes[i], "bad_value", "%q is no name of a repository: write it without its owner", words.Clip(name))
		}
	}
	return names
}

func (p *fileParser) permissions(n *yaml.Node) map[string]string {
	out := map[string]string{}
	p.entries(n, "permissions", func(key, value *yaml.Node) {
		if !permissionName.MatchString(key.Value) {
			p.fail(key, "bad_value", "%q is no permission of an App: write it as contents, or pull_requests", words.Clip(key.Value))
			return
		}
		if level := p.word(value, "a permission", PermissionLevels...); level != "" {
			out[key.Value] = level
		}
	})
	return out
}

func (p *fileParser) claims(n *yaml.Node) map[string]string {
	out := map[string]string{}
	p.entries(n, "claims", func(key, value *yaml.Node) {
		switch {
		case !claimName.MatchString(key.Value):
			p.fail(key, "bad_value", "%q is no name of a claim", words.Clip(key.Value))
		case len(out) == maxClaims:
			p.fail(key, "too_many", "there may be at most %d claims", maxClaims)
		default:
			out[key.Value] = p.text(value, "a claim", maxClaim)
		}
	})
	return out
}

// matching reads a text of a form.
func (p *fileParser) matching(n *yaml.Node, what string, max int, form *regexp.Regexp, example string) string {
	s := p.text(n, what, max)
	if s != "" && !form.MatchString(s) {
		p.fail(n, "bad_value", "%s must be of the form of %s, and this is %q", what, example, words.Clip(s))
		return ""
	}
	return s
}
