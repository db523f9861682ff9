package pulls

import (
	"context"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/rules"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// stateQuery is everything of a pull request that one query tells: its present
// state, the rules file at the tip of its base branch, that of the default
// branch, and the organisation's.
// https://docs.github.com/en/graphql/reference/objects#pullrequest
const stateQuery = `query($owner: String!, $name: String!, $number: Int!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    pushedAt
    updatedAt
    defaultBranchRef { name target { oid ...Rules } }
    pullRequest(number: $number) {
      state
      updatedAt
      isDraft
      title
      body
      changedFiles
      author { ...Account }
      labels(first: 100) { nodes { name } }
      assignees(first: 100) { nodes { login databaseId } }
      headRefName
      headRefOid
      headRepository { databaseId nameWithOwner }
      baseRefName
      baseRefOid
      baseRef { name target { oid ...Rules } }
` + commitsPart + `      last: commits(last: 1) { nodes { commit { oid tree { oid } } } }
      closingIssuesReferences(first: 10) { totalCount nodes {
        number title body url lastEditedAt author { ...Account } editor { ...Account } repository { nameWithOwner }
      } }
    }
  }
  org: repository(owner: $owner, name: ".github", followRenames: false) {
    nameWithOwner
    pushedAt
    defaultBranchRef { name target { oid ...Rules } }
  }
}
` + wire.AccountFragment + `
fragment Rules on Commit {
  file(path: $rules) {
    mode
    oid
    object { __typename ... on Blob { byteSize isBinary isTruncated text } }
  }
}`

// commitsPart is what of the query costs GitHub most: the signatures and authors
// of commits.
const commitsPart = `      commits(first: 100) { nodes { commit {
        oid signature { isValid wasSignedByGitHub } authors(first: 20) { nodes { name email user { login databaseId } } }
      } } }
`

// lightStateQuery leaves it out, for pull requests where the whole query passes the
// limit of one query.
var lightStateQuery = sync.OnceValue(func() string { return strings.Replace(stateQuery, commitsPart, "", 1) })

var stateRoute = api.Route{Name: "POST /graphql (state)", Need: "pull_requests: read and contents: read", Max: 8 << 20}

type stateAnswer struct {
	Repository *struct {
		DatabaseID    int64      `json:"databaseId"`
		NameWithOwner string     `json:"nameWithOwner"`
		PushedAt      wire.Time  `json:"pushedAt"`
		UpdatedAt     wire.Time  `json:"updatedAt"`
		Default       *rules.Ref `json:"defaultBranchRef"`
		PullRequest   *state     `json:"pullRequest"`
	} `json:"repository"`
	Org *rules.Org `json:"org"`
}

type state struct {
	State        string           `json:"state"`
	UpdatedAt    wire.Time        `json:"updatedAt"`
	IsDraft      bool             `json:"isDraft"`
	Title        string           `json:"title"`
	Body         string           `json:"body"`
	ChangedFiles int              `json:"changedFiles"`
	Author       *wire.GraphActor `json:"author"`
	Labels       struct {
		Nodes []struct {
			Name string `json:"name"`
		} `json:"nodes"`
	} `json:"labels"`
	Assignees struct {
		Nodes []struct {
			Login string `json:"login"`
			ID    int64  `json:"databaseId"`
		} `json:"nodes"`
	} `json:"assignees"`
	HeadRefName    string `json:"headRefName"`
	HeadRefOid     string `json:"headRefOid"`
	HeadRepository *struct {
		DatabaseID    int64  `json:"databaseId"`
		NameWithOwner string `json:"nameWithOwner"`
	} `json:"headRepository"`
	BaseRefName string     `json:"baseRefName"`
	BaseRefOid  string     `json:"baseRefOid"`
	BaseRef     *rules.Ref `json:"baseRef"`
	Commits     struct {
		Nodes []struct {
			Commit ranges.Told `json:"commit"`
		} `json:"nodes"`
	} `json:"commits"`
	Last struct {
		Nodes []struct {
			Commit struct {
				Oid  string `json:"oid"`
				Tree struct {
					Oid string `json:"oid"`
				} `json:"tree"`
			} `json:"commit"`
		} `json:"nodes"`
	} `json:"last"`
	Issues *linkedIssues `json:"closingIssuesReferences"`
}

// present is a pull request as the state query found it.
type present struct {
	*state
	number    int
	repo      gate.Repo // as it is named now
	tip       string    // of the base branch
	headTree  string    // "" where the answer did not tell
	repoRules change.RulesFile
	orgRules  change.RulesFile
	place     change.RulesPlace
	trunk     change.Branch   // the default branch
	issuesErr *api.GraphError // why not all linked issues were told
}

// readPresent asks for the state of a pull request, under the name that its
// repository has now: the organisation's rules are looked for beside it.
func readPresent(ctx context.Context, c *api.Client, s gate.Subject) (p *present, err error) {
	err = c.GitHub.ByName(ctx, s.Repo, func(repo gate.Repo) (err error) {
		s.Repo = repo
		p, err = presentNamed(ctx, c, s)
		return err
	})
	return p, err
}

// presentNamed asks once. An error that touches the organisation's repository
// alone makes its rules unknown, and one that touches linked issues alone those
// issues; any other is returned.
func presentNamed(ctx context.Context, c *api.Client, s gate.Subject) (*present, error) {
	answer, partly, err := askState(ctx, c, s, stateQuery)
	if api.TooMuch(err) {
		answer, partly, err = askState(ctx, c, s, lightStateQuery())
	}
	if err != nil {
		return nil, err
	}
	repo := answer.Repository
	if repo == nil || repo.PullRequest == nil {
		return nil, api.Malformed("it lacks the pull request")
	}
	now, err := api.Placed(s.Repo, repo.DatabaseID, repo.NameWithOwner)
	switch {
	case err != nil:
		return nil, err
	case !wire.IsSHA(repo.PullRequest.HeadRefOid) || repo.PullRequest.BaseRefName == "":
		return nil, api.Malformed("it lacks the head or the base")
	case repo.PullRequest.BaseRef != nil && repo.PullRequest.BaseRef.Name != "" &&
		repo.PullRequest.BaseRef.Name != repo.PullRequest.BaseRefName:
		return nil, gate.Stale("it names two base branches, one of them from before")
	}
	p := &present{state: repo.PullRequest, number: s.Number, repo: now, issuesErr: partly.issues}
	p.tip = p.BaseRef.Tip()
	for _, n := range p.Last.Nodes {
		if n.Commit.Oid == p.HeadRefOid {
			p.headTree = n.Commit.Tree.Oid
		}
	}
	p.repoRules = rules.OfBranch(p.repo, p.BaseRefName, p.BaseRef)
	p.trunk = rules.Trunk(p.repo, repo.Default, repo.UpdatedAt)
	p.orgRules = rules.OfOrg(c, now.Owner, answer.Org, partly.org)
	p.place = answer.Org.Place(p.BaseRefName, repo.PushedAt)
	return p, nil
}

// partErrors are the errors about parts of the state that can be done without.
type partErrors struct{ org, issues *api.GraphError }

func askState(ctx context.Context, c *api.Client, s gate.Subject, query string) (answer stateAnswer, partly partErrors, err error) {
	r := api.Request{Route: stateRoute, Doing: "read " + s.String()}
	errs, err := c.Query(ctx, r, query, map[string]any{
		"owner": s.Repo.Owner, "name": s.Repo.Name, "number": s.Number, "rules": wire.RulesPath,
	}, &answer)
	if err != nil {
		return answer, partErrors{}, err
	}
	for _, e := range errs {
		switch {
		case e.Path[0] == "org":
			partly.org = rules.Worse(partly.org, e)
		case e.Below("repository", "pullRequest", "closingIssuesReferences"):
			partly.issues = rules.Worse(partly.issues, e)
		default:
			return answer, partErrors{}, c.GraphRefusal(e, r)
		}
	}
	return answer, partly, nil
}

// told is what GraphQL says of the commits, the first hundred of them.
func (p *present) told() map[string]*ranges.Told {
	out := make(map[string]*ranges.Told, len(p.Commits.Nodes))
	for i := range p.Commits.Nodes {
		commit := &p.Commits.Nodes[i].Commit
		out[commit.Oid] = commit
	}
	return out
}

func (p *present) open() bool { return p.State == "OPEN" }

// change translates the state; range, files and commits are added by others.
func (p *present) change(s gate.Subject) change.Change {
	c := change.Change{
		Repository: p.repo.FullName(), RepositoryID: s.Repo.ID, Number: s.Number,
		Head: p.HeadRefOid, BaseRef: p.BaseRefName, HeadRef: p.HeadRefName,
		Title: p.Title, Body: p.Body, Draft: p.IsDraft,
	}
	if p.HeadRepository != nil {
		c.HeadRepository, c.HeadRepositoryID = p.HeadRepository.NameWithOwner, p.HeadRepository.DatabaseID
	}
	c.Author = p.Author.ChangeActor()
	for _, l := range p.Labels.Nodes {
		c.Labels = append(c.Labels, l.Name)
	}
	for _, a := range p.Assignees.Nodes {
		c.Assignees = append(c.Assignees, change.Actor{Login: a.Login, ID: a.ID, Type: change.User})
	}
	c.Issues, c.IssuesLeft, c.IssuesUnseen = p.Issues.issues(p.issuesErr)
	return c
}
