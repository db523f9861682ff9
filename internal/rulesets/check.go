package rulesets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bypass is who can go past a requirement.
type Bypass struct {
	Source string `json:"source"`
	Who    string `json:"who"`
	Mode   string `json:"mode"` // always, pull_request, exempt

	machine bool // an agent's token can be among them
}

// Machines says who of those that can bypass a requirement, by a push or by merging,
// can be a machine: everybody who may write, deploy keys, Apps, and whoever gatehold
// does not know. "" where none can.
func Machines(list []Bypass) string {
	for _, b := range list {
		if b.machine {
			what := "pushed"
			if b.Mode == "pull_request" {
				what = "merged"
			}
			return fmt.Sprintf("The check is required, and yet what is %s need not have it: %s Take that away there.", what, b.Sentence())
		}
	}
	return ""
}

// Report is how one branch stands.
type Report struct {
	Repository string        `json:"repository"`
	Branch     string        `json:"branch"`
	Check      string        `json:"check"` // of the branch's lane
	Standing   Standing      `json:"standing"`
	Sentence   string        `json:"sentence"`
	Required   []Requirement `json:"required"`
	Bypass     []Bypass      `json:"bypass"`
	Unseen     []string      `json:"bypass_unseen"` // sources that do not show who can bypass them
	Notes      []string      `json:"notes"`
}

// Check reads how a branch of a lane stands, by rulesets of all levels and by
// classic branch protection. The branch need not exist: GitHub tells the rules
// that it would have.
// https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
func (c *Client) Check(ctx context.Context, at Place, branch string, lane gate.Lane, app int64) (Report, error) {
	out := Report{Repository: at.String(), Branch: branch, Check: lane.Check(), Required: []Requirement{}, Bypass: []Bypass{},
		Unseen: []string{}, Notes: []string{}}
	a := ask{path: at.path("rules", "branches", branch), doing: fmt.Sprintf("read the rules of %s on %s", at, branch)}
	rules, err := c.pages(ctx, a, "")
	if err != nil {
		return out, err
	}
	d := Read(rules, lane, wide(lane))
	if err := c.classic(ctx, at, branch, app, &d, &out); err != nil {
		return out, err
	}
	out.Required = append(out.Required, d.Required...)
	out.Standing, out.Sentence = d.Standing(app), d.Sentence(app)
	for _, r := range d.Rulesets(app) {
		if err := c.bypass(ctx, at, r, &out); err != nil {
			return out, err
		}
	}
	if says := Machines(out.Bypass); out.Standing == Pinned && says != "" {
		out.Standing, out.Sentence = Bypassed, says
	}
	return out, nil
}

func wide(lane gate.Lane) bool { return (*gate.Lanes)(nil).Wide(lane) }

// Rulesets are those that pin the check to an App or demand pull requests, each
// once: who can bypass one of them can go around it.
func (d Demands) Rulesets(app int64) (out []Requirement) {
	for _, r := range slices.Concat(d.Required, d.Pulls) {
		same := func(o Requirement) bool { return o.Ruleset == r.Ruleset }
		if r.Ruleset != 0 && (r.App == app || r.App == 0) && !slices.ContainsFunc(out, same) {
			out = append(out, r)
		}
	}
	return out
}

// classic adds what the older branch protection requires.
// https://docs.github.com/en/rest/branches/branch-protection#get-branch-protection
func (c *Client) classic(ctx context.Context, at Place, branch string, app int64, d *Demands, out *Report) error {
	text, err := c.do(ctx, ask{method: http.MethodGet, path: at.path("branches", branch, "protection"),
		doing: fmt.Sprintf("read the branch protection of %s on %s", at, branch)})
	var refusal *gate.Error
	if errors.As(err, &refusal) && (refusal.Code == "not_found" || refusal.Code == "no_permission") {
		// To those who may not read it GitHub says "Not Found" as well, and not
		// "Branch not protected" or "Branch not found".
		if said := refusal.Err.Error(); !strings.Contains(said, "Branch not ") {
			out.Notes = append(out.Notes, "Classic branch protection cannot be read with this token; rulesets were.")
		}
		return nil
	}
	if err != nil {
		return err
	}
	var p struct {
		Required struct {
			Contexts []string       `json:"contexts"`
			Checks   []classicCheck `json:"checks"`
		} `json:"required_status_checks"`
		Reviews *struct {
			Except struct {
				Apps []struct {
					Slug string `json:"slug"`
				} `json:"apps"`
			} `json:"bypass_pull_request_allowances"`
		} `json:"required_pull_request_reviews"`
		Admins    enabled  `json:"enforce_admins"`
		Deletions *enabled `json:"allow_deletions"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return unreadable("branch protection", err)
	}
	source := Requirement{Source: "branch protection of " + at.String(), Kind: "BranchProtection"}
	before := len(d.Required)
	d.Guarded = true
	d.classic(p.Required.Checks, p.Required.Contexts, source)
	if p.Reviews != nil {
		for _, app := range p.Reviews.Except.Apps {
			if len(d.Pulls) == 0 { // else a ruleset demands pull requests of them too
				out.Bypass = append(out.Bypass, Bypass{Source: "the " + source.Source, Mode: "always", machine: true,
					Who: fmt.Sprintf("the App %q", clip(app.Slug, 100))})
			}
		}
		d.Pulls = append(d.Pulls, source)
	}
	d.Deletion = d.Deletion || p.Deletions != nil && !p.Deletions.Enabled
	for _, r := range d.Required[before:] {
		if r.App == app && !p.Admins.Enabled {
			out.Bypass = append(out.Bypass, Bypass{Source: "the " + source.Source, Who: "administrators of the repository", Mode: "always"})
			break
		}
	}
	return nil
}

type enabled struct {
	Enabled bool `json:"enabled"`
}

// bypass adds who can go past a ruleset, where the token may see it: the
// repository shows rulesets of the organisation, but not to everybody who can.
func (c *Client) bypass(ctx context.Context, at Place, r Requirement, out *Report) error {
	places := []Place{at}
	if r.Kind == "Organization" && plainName(r.Source) {
		places = []Place{{Org: r.Source}, at}
	}
	for _, place := range places {
		text, err := c.Ruleset(ctx, place, r.Ruleset)
		var refusal *gate.Error
		if errors.As(err, &refusal) && (refusal.Code == "not_found" || refusal.Code == "no_permission") {
			continue
		}
		if err != nil {
			return err
		}
		list, shown, _, err := Bypasses(text, r)
		if err != nil {
			return err
		}
		if shown {
			out.Bypass = append(out.Bypass, list...)
			return nil
		}
	}
	out.Unseen = append(out.Unseen, r.Source)
	return nil
}

// roles are the ids of the built-in roles.
// https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset
var roles = map[int64]string{2: "maintain", 4: "write", 5: "admin"}

func bypassOf(item json.RawMessage, r Requirement) Bypass {
	b := Bypass{Source: "the ruleset of " + r.Source, Who: "somebody that gatehold cannot name", Mode: "always", machine: true}
	actor, err := parseObject(item)
	if err != nil {
		return b
	}
	if mode := clip(actor.text("bypass_mode"), 40); mode != "" {
		b.Mode = mode
	}
	id := actor.number("actor_id")
	switch kind := actor.text("actor_type"); kind {
	case "OrganizationAdmin":
		b.Who, b.machine = "owners of the organisation", false
	case "EnterpriseOwner":
		b.Who, b.machine = "owners of the enterprise", false
	case "Team", "User": // named by an administrator
		b.Who, b.machine = fmt.Sprintf("%s %d", strings.ToLower(kind), id), false
	case "RepositoryRole":
		b.Who = fmt.Sprintf("the repository role %d", id)
		if name := roles[id]; name != "" {
			b.Who = "everybody with the repository role " + name
		}
		b.machine = roles[id] != "admin" // what a role of the organisation's own may is not known
	case "DeployKey":
		b.Who = "every deploy key"
	case "Integration":
		b.Who = fmt.Sprintf("App %d", id)
	case "":
	default:
		b.Who = fmt.Sprintf("%s %d", strings.ToLower(clip(kind, 40)), id)
	}
	return b
}

// Sentence says who can bypass, and what it leaves behind.
func (b Bypass) Sentence() string {
	how := ""
	switch b.Mode {
	case "always":
	case "pull_request":
		how = ", for pull requests only"
	case "exempt":
		how = ", exempt: it leaves no entry in the audit log"
	default:
		how = ", mode " + b.Mode
	}
	return fmt.Sprintf("%s can bypass it (%s%s).", strings.ToUpper(b.Who[:1])+b.Who[1:], b.Source, how)
}

// Sample is a branch that a pattern of Refs is about, to ask the rules of; ""
// where there is no telling.
func Sample(ref, defaultBranchName string) string {
	switch ref {
	case defaultBranch:
		return defaultBranchName
	case "~ALL":
		return "any-branch"
	}
	name := strings.TrimPrefix(ref, "refs/heads/")
	if strings.ContainsAny(name, `[]{}\`) {
		return ""
	}
	name = strings.ReplaceAll(name, "**/", "")
	for strings.Contains(name, "**") {
		name = strings.ReplaceAll(name, "**", "*")
	}
	return strings.NewReplacer("*", "any", "?", "x").Replace(name)
}
