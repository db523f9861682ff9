package rulesets

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// Place is where a ruleset lives: an organisation, or a repository.
type Place struct {
	Org   string
	Owner string
	Repo  string
}

// ParseRepo reads OWNER/NAME.
func ParseRepo(text string) (Place, error) {
	owner, name, ok := strings.Cut(text, "/")
	if !ok || !plainName(owner) || !plainName(name) {
		return Place{}, &gate.Error{Code: "usage", Text: fmt.Sprintf("%q is no repository: write OWNER/NAME.", clip(text, 80))}
	}
	return Place{Owner: owner, Repo: name}, nil
}

// ParseOrg reads the name of an organisation.
func ParseOrg(text string) (Place, error) {
	if !plainName(text) {
		return Place{}, &gate.Error{Code: "usage", Text: fmt.Sprintf("%q is no organisation's name.", clip(text, 80))}
	}
	return Place{Org: text}, nil
}

func plainName(s string) bool {
	return s != "" && len(s) <= 100 && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

func (p Place) String() string {
	if p.Org != "" {
		return p.Org
	}
	return p.Owner + "/" + p.Repo
}

// path is the place's address, with what follows it.
func (p Place) path(more ...string) []string {
	if p.Org != "" {
		return append([]string{"orgs", p.Org}, more...)
	}
	return append([]string{"repos", p.Owner, p.Repo}, more...)
}

// Find returns the place's own ruleset of a lane, whole; nil and no error where
// there is none.
// https://docs.github.com/en/rest/repos/rules#get-all-repository-rulesets
func (c *Client) Find(ctx context.Context, at Place, lane gate.Lane) (id int64, doc json.RawMessage, err error) {
	a := ask{path: at.path("rulesets"), doing: "list the rulesets of " + at.String()}
	own := "Organization"
	if at.Org == "" {
		a.query, own = url.Values{"includes_parents": {"false"}}, "Repository"
	}
	all, err := c.pages(ctx, a, "")
	if err != nil {
		return 0, nil, err
	}
	for _, item := range all {
		o, err := parseObject(item)
		if err != nil {
			return 0, nil, c.odd(a, err)
		}
		source := o.text("source_type")
		if o.text("name") != lane.Check() || source != "" && source != own {
			continue
		}
		if id != 0 {
			return 0, nil,
				&gate.Error{Code: "other_ruleset",
					Text: fmt.Sprintf("%s has two rulesets named %q. Rename one, then run this again.", at, lane.Check())}
		}
		id = o.number("id")
	}
	if id == 0 {
		return 0, nil, nil
	}
	doc, err = c.Ruleset(ctx, at, id)
	return id, doc, err
}

// Ruleset reads one ruleset. A repository shows those of its organisation too.
func (c *Client) Ruleset(ctx context.Context, at Place, id int64) (json.RawMessage, error) {
	return c.do(ctx, ask{method: http.MethodGet, path: at.path("rulesets", fmt.Sprint(id)),
		doing: fmt.Sprintf("read the ruleset %d of %s", id, at)})
}

// Put writes a plan: over the ruleset with an id, or a new one where it is 0.
// GitHub's answer is held against the plan, so that what it took is what was
// meant.
func (c *Client) Put(ctx context.Context, at Place, id int64, p Planned, want Want) (int64, error) {
	a := ask{method: http.MethodPost, path: at.path("rulesets"), body: p.After, doing: "create the ruleset of " + at.String()}
	if id != 0 {
		a.method, a.path, a.doing = http.MethodPut, at.path("rulesets", fmt.Sprint(id)), "change the ruleset of "+at.String()
	}
	answer, err := c.do(ctx, a)
	if err != nil {
		return 0, err
	}
	again, err := Plan(answer, want)
	if err != nil {
		return 0, err
	}
	if again.Changed {
		return 0,
			&gate.Error{Code: "github_refused",
				Text: fmt.Sprintf("GitHub took the ruleset of %s and shows another than was sent: the check is not required "+
					"as asked. What differs:\n%s", at, again.Diff)}
	}
	o, err := parseObject(answer)
	if err != nil {
		return 0, c.odd(a, err)
	}
	return o.number("id"), nil
}

// Repository is what an organisation's list says of one.
type Repository struct {
	Place
	DefaultBranch string
	Archived      bool
}

// Repositories lists an organisation's repositories that the token sees, up to
// 1,000; more is an error.
// https://docs.github.com/en/rest/repos/repos#list-organization-repositories
func (c *Client) Repositories(ctx context.Context, org string) ([]Repository, error) {
	a := ask{path: []string{"orgs", org, "repos"}, doing: "list the repositories of " + org}
	items, err := c.pages(ctx, a, "")
	if err != nil {
		return nil, err
	}
	out := make([]Repository, 0, len(items))
	for _, item := range items {
		r, err := repository(item)
		if err != nil {
			return nil, c.odd(a, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// Repository reads one repository.
func (c *Client) Repository(ctx context.Context, at Place) (Repository, error) {
	a := ask{method: http.MethodGet, path: at.path(), doing: "read " + at.String()}
	text, err := c.do(ctx, a)
	if err != nil {
		return Repository{}, err
	}
	r, err := repository(text)
	if err != nil {
		return r, c.odd(a, err)
	}
	return r, nil
}

func repository(text json.RawMessage) (Repository, error) {
	o, err := parseObject(text)
	if err != nil {
		return Repository{}, err
	}
	at, err := ParseRepo(o.text("full_name"))
	return Repository{Place: at, DefaultBranch: o.text("default_branch"), Archived: string(o.get("archived")) == "true"}, err
}
