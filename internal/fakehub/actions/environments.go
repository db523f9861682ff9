package actions

import (
	"net/url"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Environment is what deployments of a repository go to. Names are the same
// whatever their case.
type Environment struct {
	Name string

	id      int64
	repo    *Repo
	Rules   []ProtectionRule
	strict  bool // administrators cannot bypass the rules
	Created time.Time
}

// ProtectionRule is an App that is asked before a deployment goes on.
type ProtectionRule struct {
	ID      int64
	App     *fakehub.App
	Enabled bool
}

// CreateEnvironment adds an environment, or returns the one that is there.
func (s *Actions) CreateEnvironment(of *fakehub.Repo, name string) *Environment {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	return s.Of(of).ensureEnvironment(name)
}

// ensureEnvironment is what happens when a job or a deployment names one that
// does not exist: it is made, and nothing protects it.
func (r *Repo) ensureEnvironment(name string) *Environment {
	if e := r.EnvironmentNamed(name); e != nil {
		return e
	}
	e := &Environment{Name: name, id: r.hub.NextID("environment", 8_000_001), repo: r, Created: r.hub.Now()}
	r.Environments = append(r.Environments, e)
	return e
}

// EnvironmentNamed finds an environment whatever the case of its name; nil: none.
func (r *Repo) EnvironmentNamed(name string) *Environment {
	i := slices.IndexFunc(r.Environments, func(e *Environment) bool { return fakehub.Fold(e.Name) == fakehub.Fold(name) })
	if i < 0 {
		return nil
	}
	return r.Environments[i]
}

// Protect makes an App a custom deployment protection rule of the environment.
// A rule that is not enabled is listed and asks nobody.
func (e *Environment) Protect(app *fakehub.App, enabled bool) {
	e.repo.hub.State.Lock()
	defer e.repo.hub.State.Unlock()
	e.Rules = slices.DeleteFunc(slices.Clone(e.Rules), func(p ProtectionRule) bool { return p.App == app })
	e.Rules = append(e.Rules, ProtectionRule{ID: e.repo.hub.NextID("protection", 7_000_001), App: app, Enabled: enabled})
}

// Unprotect takes the App's rule away.
func (e *Environment) Unprotect(app *fakehub.App) {
	e.repo.hub.State.Lock()
	defer e.repo.hub.State.Unlock()
	e.Rules = slices.DeleteFunc(slices.Clone(e.Rules), func(p ProtectionRule) bool { return p.App == app })
}

// AllowBypass says whether administrators may start a waiting job in spite of
// the rules. They may, unless told otherwise.
func (e *Environment) AllowBypass(yes bool) {
	e.repo.hub.State.Lock()
	defer e.repo.hub.State.Unlock()
	e.strict = !yes
}

// Delete removes the environment and its rules. Jobs that wait for it fail.
func (e *Environment) Delete() {
	e.repo.hub.State.Lock()
	defer e.repo.hub.State.Unlock()
	e.repo.Environments = slices.DeleteFunc(slices.Clone(e.repo.Environments), func(o *Environment) bool { return o == e })
	for _, run := range e.repo.unfinishedRuns() {
		for _, j := range run.Current().Jobs {
			if j.Status == JobWaiting && fakehub.Fold(j.Spec.Environment) == fakehub.Fold(e.Name) {
				j.finish("failure")
			}
		}
		run.Advance()
	}
}

// Brief is the environment as runs name it.
func (e *Environment) Brief() wire.Object {
	return wire.Object{"id", e.id, "node_id", wire.NodeID("EN", e.id), "name", e.Name, "url",
		e.repo.API() + "/environments/" + url.PathEscape(e.Name),
		"html_url", e.repo.HTML() + "/deployments/activity_log?environments_filter=" + url.QueryEscape(e.Name)}
}

// JSON is the environment as REST shows it.
func (e *Environment) JSON() wire.Object {
	return append(e.Brief(), "created_at", e.Created, "updated_at", e.Created, "can_admins_bypass", !e.strict,
		"protection_rules", wire.List{}, "deployment_branch_policy", nil)
}

// JSON is the rule as REST shows it.
func (p ProtectionRule) JSON() wire.Object {
	return wire.Object{"id", p.ID, "node_id", wire.NodeID("GATE", p.ID), "enabled", p.Enabled, "app", wire.Object{"id",
		p.App.ID, "slug", p.App.Slug,
		"integration_url", p.App.URL(), "node_id", wire.NodeID("A", p.App.ID)}}
}
