package branches

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What makes GitHub wait for gatehold is read again and again, so these answers
// are kept: one that has not changed costs none of the quota.

var (
	rulesetRoute = api.Route{Name: "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", Need: "metadata: read", Max: 4 << 20, Cache: true}
)

// Ruleset reads a ruleset that is in force in a repository, as GitHub sends it.
// Who can bypass it is shown only to who can change it.
// https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
func (bs *Branches) Ruleset(ctx context.Context, repo gate.Repo, id int64) (json.RawMessage, error) {
	return bs.raw(ctx, repo, api.Request{
		Route: rulesetRoute, Doing: "read a ruleset of " + repo.FullName(),
		URL: fmt.Sprintf("%s/rulesets/%d", api.RepoPath(repo), id),
	})
}

func (bs *Branches) raw(ctx context.Context, repo gate.Repo, r api.Request) (json.RawMessage, error) {
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	var text json.RawMessage
	err = c.Get(ctx, r, api.Into(&text))
	return text, err
}

var branchRulesRoute = api.Route{Name: "GET /repos/{owner}/{repo}/rules/branches/{branch}", Need: "metadata: read", Cache: true}

// maxRulePages bounds the rules in force on one branch, and the environments of
// one repository, in pages of a hundred.
const maxRulePages = 10

// BranchRules lists the rules in force on a branch, from rulesets of every
// level, as GitHub sent them: of whatever type.
// https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
func (bs *Branches) BranchRules(ctx context.Context, repo gate.Repo, branch string) ([]json.RawMessage, error) {
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for page := range maxRulePages {
		var rules []json.RawMessage
		err := c.Get(ctx, api.Request{
			Route: branchRulesRoute, Doing: fmt.Sprintf("read the rules of %s on %s", repo.FullName(), wire.Clip(branch, 100)),
			URL: fmt.Sprintf("%s/rules/branches/%s?per_page=%d&page=%d", api.RepoPath(repo), url.PathEscape(branch), api.PerPage, page+1),
		}, api.Into(&rules))
		if err != nil {
			return nil, err
		}
		out = append(out, rules...)
		if len(rules) < api.PerPage {
			return out, nil
		}
	}
	return nil, api.TooMany("rules of a branch", maxRulePages)
}
