package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// Credential is what a workload may be given by all files together: what each of them
// allows, and no more.
type Credential struct {
	ID   string                    `json:"id"`
	For  []rulesfile.CredentialFor `json:"for"` // all of them have to be so
	Gate []string                  `json:"gate"`
	Mode rulesfile.Mode            `json:"mode"`

	Permissions  map[string]string `json:"permissions,omitempty"`
	Repositories []string          `json:"repositories,omitempty"` // none: that of the workload alone
	Audience     []string          `json:"audience,omitempty"`
	Claims       map[string]string `json:"claims,omitempty"`
	Lifetime     string            `json:"lifetime"`
	Chain        int               `json:"chain,omitempty"`
	// OwnOnly says that no organisation allows it: it is for the repository itself alone.
	OwnOnly bool `json:"own_only,omitempty"`
}

// Life is how long it is good for.
func (c Credential) Life() time.Duration { return rulesfile.Credential{Lifetime: c.Lifetime}.Life() }

// Credentials are those that may be given, by id.
func (r *Rules) Credentials() []Credential { return slices.Clone(r.credentials) }

// Credential is one by its id.
func (r *Rules) Credential(id string) (Credential, bool) {
	i := slices.IndexFunc(r.credentials, func(c Credential) bool { return c.ID == id })
	if i < 0 {
		return Credential{}, false
	}
	return r.credentials[i], true
}

// mergeCredentials takes what the root file allows, narrowed by what the repository's
// says of the same credential. The organisation's file is a ceiling: what it does not
// name is given to nobody, and who its agents are it says itself: whatever is given to an
// agent by name, a repository could take by that name. Where there is none, a repository
// can give away nothing but itself.
func (c *compiler) mergeCredentials() {
	for _, root := range c.root.Credentials {
		out := credentialOf(root)
		out.OwnOnly = c.layer == repository
		from := c.root.Name
		if root.Mode == "" {
			out.Mode = c.rules.mode
		}
		if c.repo != nil && c.repo != c.root {
			if i := slices.IndexFunc(c.repo.Credentials, func(o rulesfile.Credential) bool { return o.ID == root.ID }); i >= 0 {
				from = c.repo.Name
				if out.narrow(credentialOf(c.repo.Credentials[i])); out.empty() {
					c.overruled("credential", root.ID, from, "together the files allow nothing")
					continue
				}
			}
		}
		c.rules.credentials = append(c.rules.credentials, out)
		c.set("credential", credentialText(out), from)
	}
	if c.repo != nil && c.repo != c.root {
		for _, mine := range c.repo.Credentials {
			if !slices.ContainsFunc(c.root.Credentials, func(o rulesfile.Credential) bool { return o.ID == mine.ID }) {
				c.overruled("credential", mine.ID, c.repo.Name, "the organisation allows no credential of this id")
			}
		}
	}
	c.rules.identities = c.root.Identities
	if c.repo != nil && c.repo != c.root {
		for _, id := range c.repo.Identities {
			c.overruled("agents.known", id.Agent+", by an identity", c.repo.Name, "the organisation says who its agents are")
		}
	}
}

func credentialOf(c rulesfile.Credential) Credential {
	return Credential{
		ID: c.ID, For: []rulesfile.CredentialFor{c.For}, Gate: []string{c.Gate}, Mode: c.Mode, Permissions: c.Permissions,
		Repositories: c.Repositories, Audience: c.Audience, Claims: c.Claims, Lifetime: c.Life().String(), Chain: c.Chain,
	}
}

// narrow takes away what another file does not allow as well.
func (c *Credential) narrow(o Credential) {
	c.For = append(c.For, o.For...)
	c.Gate = words.Union(c.Gate, o.Gate)
	if o.Mode == rulesfile.Observe { // which gives nothing
		c.Mode = rulesfile.Observe
	}
	joint := map[string]string{}
	for name, level := range c.Permissions {
		if other, both := o.Permissions[name]; both {
			joint[name] = lowerLevel(level, other)
		}
	}
	c.Permissions = joint
	switch {
	case len(o.Repositories) == 0:
		c.Repositories = nil
	case len(c.Repositories) == 0: // that of the workload alone, which the other has to name
		c.For = append(c.For, rulesfile.CredentialFor{Repositories: o.Repositories})
	default:
		c.Repositories = bothFolded(c.Repositories, o.Repositories)
		if len(c.Repositories) == 0 {
			c.Permissions = map[string]string{}
		}
	}
	c.Audience = both(c.Audience, o.Audience)
	claims := maps.Clone(c.Claims)
	for name, value := range o.Claims {
		if was, has := claims[name]; has && was != value {
			c.Audience = nil // no identity can say both
			continue
		}
		if claims == nil {
			claims = map[string]string{}
		}
		claims[name] = value
	}
	c.Claims = claims
	if o.Life() < c.Life() {
		c.Lifetime = o.Lifetime
	}
	c.Chain = min(c.Chain, o.Chain)
}

func (c *Credential) empty() bool { return len(c.Permissions) == 0 && len(c.Audience) == 0 }

func bothFolded(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool {
		return !slices.ContainsFunc(b, func(o string) bool { return strings.EqualFold(s, o) })
	})
}

func lowerLevel(a, b string) string {
	if slices.Index(rulesfile.PermissionLevels, a) <= slices.Index(rulesfile.PermissionLevels, b) {
		return a
	}
	return b
}

// Requester is who asks for a credential.
type Requester struct {
	gate.Workload
	Repository string // name of the workload's repository, without its owner
	Agent      string // the registered agent that it is; empty: none
}

// Matches says whether a credential is for somebody, and else what of them is another,
// in words that quote nothing.
func (c Credential) Matches(q Requester) (why string, does bool) {
	for _, f := range c.For {
		if why := differs(f, q); why != "" {
			return why, false
		}
	}
	return "", true
}

// differs says in what somebody is not who a credential is for; empty: in nothing.
func differs(f rulesfile.CredentialFor, q Requester) string {
	job := q.Job
	if f.Issuer == "" && f.Agent == "" && job == nil {
		return "it is for jobs of GitHub Actions"
	}
	if f.Issuer != "" && f.Issuer != q.Issuer {
		return "it is for workloads of another issuer"
	}
	if f.Subject != "" && f.Subject != q.Subject {
		return "it is for another subject"
	}
	if f.Agent != "" && !strings.EqualFold(f.Agent, q.Agent) {
		return "it is for another agent"
	}
	for name, value := range f.Claims {
		if q.Claims[name] != value {
			return fmt.Sprintf("the claim %s is another", name)
		}
	}
	if len(f.Repositories) > 0 && len(bothFolded(f.Repositories, []string{q.Repository})) == 0 {
		return "it is for other repositories"
	}
	if job == nil {
		if f.Workflow+f.JobWorkflow+f.Environment+f.Runner != "" || len(f.Branches) > 0 {
			return "it is for jobs of GitHub Actions"
		}
		return ""
	}
	return jobDiffers(f, job)
}

func jobDiffers(f rulesfile.CredentialFor, job *gate.WorkflowJob) string {
	if f.Workflow != "" && !sameWorkflow(job.Workflow, job.FullName, f.Workflow) {
		return "it is for another workflow"
	}
	// A job that is written elsewhere runs what stands there, whatever the workflow that
	// calls it says.
	switch {
	case f.JobWorkflow != "" && job.JobWorkflow != f.JobWorkflow:
		return "it is for jobs of another reusable workflow"
	case f.JobWorkflow == "" && f.Workflow != "" && job.JobWorkflow != job.Workflow:
		return "the job is written in another workflow than the one that it is for: name that as job_workflow"
	}
	if f.Environment != "" && !gate.SameEnvironment(f.Environment, job.Environment) {
		return "it is for jobs of another environment"
	}
	if f.Runner != "" && f.Runner != job.Runner {
		return "it is for jobs on other runners"
	}
	if len(f.Branches) > 0 {
		branch, is := strings.CutPrefix(job.Ref, "refs/heads/")
		set, problems := glob.CompileSet(f.Branches)
		if !is || len(problems) > 0 || !set.Match(branch, glob.Fold(branch)) {
			return "it is for other branches"
		}
	}
	return ""
}

// sameWorkflow reports whether a workflow_ref names the file at a path of a repository.
func sameWorkflow(ref, repository, path string) bool {
	file, _, _ := strings.Cut(ref, "@")
	rest, is := cutPrefixFold(file, repository+"/")
	return is && rest == path
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// AgentOf is the registered agent that a workload is by its identity, with its owner;
// empty where it is none. Two that both fit are none: nobody knows which.
func (r *Rules) AgentOf(w gate.Workload, actions bool) (name, owner string) {
	var found []string
	for _, id := range r.identities {
		fits := (id.Issuer == w.Issuer || id.Issuer == "" && actions) && (id.Subject == "" || id.Subject == w.Subject)
		for claim, value := range id.Claims {
			fits = fits && w.Claims[claim] == value
		}
		if fits && !slices.Contains(found, id.Agent) {
			found = append(found, id.Agent)
		}
	}
	if len(found) != 1 {
		return "", ""
	}
	for _, k := range r.Agents.Known {
		if strings.EqualFold(cmp.Or(k.Name, k.Login), found[0]) {
			owner = k.Owner
		}
	}
	return found[0], owner
}

// credentialText is one in words.
func credentialText(c Credential) string {
	var gives []string
	for _, name := range slices.Sorted(maps.Keys(c.Permissions)) {
		gives = append(gives, name+": "+c.Permissions[name])
	}
	if len(c.Audience) > 0 {
		gives = append(gives, "an identity for "+words.List(c.Audience, "and"))
	}
	text := c.ID + ": " + words.List(gives, "and")
	if len(c.Repositories) > 0 {
		text += " in " + words.List(c.Repositories, "and")
	}
	return text + ", gate " + strings.Join(c.Gate, " and ") + ", for " + c.Lifetime
}

// credentials compares what may be given: more of it, to more, or for longer.
func (w *weaker) credentials() {
	for _, now := range w.to.credentials {
		old, had := w.from.Credential(now.ID)
		switch {
		case !had:
			w.say("may be given now: "+credentialText(now), "credentials", now.ID)
		case !old.covers(now):
			w.say(credentialText(old)+" to "+credentialText(now), "credentials", now.ID)
		}
	}
	for _, id := range w.to.identities {
		if !slices.ContainsFunc(w.from.identities, func(o rulesfile.AgentIdentity) bool { return asText(o) == asText(id) }) {
			w.say("another workload is taken for the agent "+id.Agent, "agents", "known")
		}
	}
}

// covers reports whether a credential gives all that another one gives, to all whom that
// one is for.
func (c Credential) covers(o Credential) bool {
	for name, level := range o.Permissions {
		if mine, has := c.Permissions[name]; !has || lowerLevel(mine, level) != level {
			return false
		}
	}
	same := len(c.Repositories) == 0 == (len(o.Repositories) == 0)
	who := slices.ContainsFunc(c.For, func(f rulesfile.CredentialFor) bool {
		return !slices.ContainsFunc(o.For, func(n rulesfile.CredentialFor) bool { return within(n, f) })
	})
	return same && !who && len(bothFolded(o.Repositories, c.Repositories)) == len(o.Repositories) &&
		len(missingWords(o.Audience, c.Audience)) == 0 && asText(c.Claims) == asText(o.Claims) &&
		len(missingWords(c.Gate, o.Gate)) == 0 && (o.OwnOnly || !c.OwnOnly) && o.Life() <= c.Life() && o.Chain <= c.Chain &&
		(c.Mode == o.Mode || c.Mode == rulesfile.Enforce)
}

// within reports whether whoever is of one kind is of another as well, by what is said of
// both.
func within(n, f rulesfile.CredentialFor) bool {
	words := []struct{ narrow, wide string }{
		{n.Workflow, f.Workflow}, {n.JobWorkflow, f.JobWorkflow}, {strings.ToLower(n.Environment), strings.ToLower(f.Environment)},
		{n.Runner, f.Runner}, {n.Subject, f.Subject}, {strings.ToLower(n.Agent), strings.ToLower(f.Agent)},
	}
	for _, w := range words {
		if w.wide != "" && w.narrow != w.wide {
			return false
		}
	}
	// Without a reusable workflow that is named, the job has to be written in the workflow.
	if f.JobWorkflow == "" && f.Workflow != "" && n.JobWorkflow != "" || n.Issuer != f.Issuer {
		return false
	}
	for name, value := range f.Claims {
		if n.Claims[name] != value {
			return false
		}
	}
	lists := func(narrow, wide []string, fit func(n, w []string) bool) bool {
		return len(wide) == 0 || len(narrow) > 0 && fit(narrow, wide)
	}
	return lists(n.Repositories, f.Repositories, func(n, w []string) bool { return len(bothFolded(n, w)) == len(n) }) &&
		lists(n.Branches, f.Branches, func(n, w []string) bool { return widens(w, n, branchWithin) })
}

// credentials says what may be given otherwise.
func (d *differ) credentials(from, to *Rules) {
	texts := func(r *Rules) (out []string) {
		for _, c := range r.credentials {
			out = append(out, credentialText(c))
		}
		return out
	}
	if more := missingOf(texts(to), texts(from)); len(more) > 0 {
		d.say("Credentials that may be given: %s.", strings.Join(more, "; "))
	}
	if less := missingOf(texts(from), texts(to)); len(less) > 0 {
		d.say("Credentials that may no longer be given: %s.", strings.Join(less, "; "))
	}
}
