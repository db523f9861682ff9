package deploys

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/rules"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const commitsPerQuery = 100

var outgoingRoute = api.Route{Name: "POST /graphql (outgoing)", Need: "pull_requests: read and contents: read", Max: 16 << 20,
	Timeout: 40 * time.Second}

// outgoingQuery writes the query for a batch of commits (c0: the first of
// them), and withRules for what is read once: the default branch, the rules
// file there and the organisation's.
// https://docs.github.com/en/graphql/reference/objects#commit
func outgoingQuery(commits []string, withRules bool) (string, map[string]any) {
	vars := map[string]any{}
	var q strings.Builder
	q.WriteString("query($owner: String!, $name: String!")
	if withRules {
		q.WriteString(", $rules: String!")
		vars["rules"] = wire.RulesPath
	}
	for i, sha := range commits {
		fmt.Fprintf(&q, ", $c%d: GitObjectID!", i)
		vars[fmt.Sprintf("c%d", i)] = sha
	}
	q.WriteString(") {\n  repository(owner: $owner, name: $name) { databaseId nameWithOwner")
	if withRules {
		q.WriteString(" pushedAt defaultBranchRef { name target { oid ...Rules } }")
	}
	q.WriteString(" }\n")
	if len(commits) > 0 {
		q.WriteString("  range: repository(owner: $owner, name: $name) {\n")
		for i := range commits {
			fmt.Fprintf(&q, "    c%d: object(oid: $c%d) { ...InRange }\n", i, i)
		}
		q.WriteString("  }\n")
	}
	if withRules {
		q.WriteString("  org: repository(owner: $owner, name: \".github\", followRenames: false) {\n    nameWithOwner\n    " +
			"pushedAt\n    defaultBranchRef { name target { oid ...Rules } }\n  }\n")
	}
	q.WriteString("}\n")
	if withRules {
		q.WriteString(rules.Fragment)
	}
	if len(commits) > 0 {
		q.WriteString(inRangeFragment)
	}
	return q.String(), vars
}

const inRangeFragment = `fragment InRange on Commit {
  oid
  signature { isValid wasSignedByGitHub }
  authors(first: 20) { nodes { name email user { login databaseId } } }
  associatedPullRequests(first: 3) {
    nodes {
      number
      title
      headRefOid
      headRefName
      headRepository { databaseId nameWithOwner }
      mergeCommit { oid }
      baseRefName
      baseRepository { databaseId }
      mergedAt
      mergedBy { ...Account }
      author { ...Account }
    }
  }
}
` + wire.AccountFragment

type outgoingAnswer struct {
	Repository *struct {
		DatabaseID       int64      `json:"databaseId"`
		NameWithOwner    string     `json:"nameWithOwner"`
		PushedAt         wire.Time  `json:"pushedAt"`
		DefaultBranchRef *rules.Ref `json:"defaultBranchRef"`
	} `json:"repository"`
	Range map[string]*commitNode `json:"range"`
	Org   *rules.Org             `json:"org"`
}

// commitNode is a commit of the range as GraphQL knows it.
type commitNode struct {
	ranges.Told
	Pulls struct {
		Nodes []*pullNode `json:"nodes"`
	} `json:"associatedPullRequests"`
}

type pullNode struct {
	Number      int    `json:"number"`
	Title       string `json:"title"`
	HeadRefOid  string `json:"headRefOid"`
	HeadRefName string `json:"headRefName"`
	// HeadRepository is null where it was deleted.
	HeadRepository *struct {
		DatabaseID    int64  `json:"databaseId"`
		NameWithOwner string `json:"nameWithOwner"`
	} `json:"headRepository"`
	MergeCommit *struct {
		Oid string `json:"oid"`
	} `json:"mergeCommit"`
	BaseRefName    string `json:"baseRefName"`
	BaseRepository *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"baseRepository"`
	MergedAt *time.Time       `json:"mergedAt"`
	MergedBy *wire.GraphActor `json:"mergedBy"`
	Author   *wire.GraphActor `json:"author"`
}

// ask reads the rules and what GraphQL knows of the range's commits, 100 to a
// query.
func (o *outgoing) ask(ctx context.Context) error {
	shas := make([]string, 0, len(o.Change.Commits))
	for i := range o.Change.Commits {
		shas = append(shas, o.Change.Commits[i].SHA)
	}
	first := shas[:min(len(shas), commitsPerQuery)]
	if err := o.askRules(ctx, first); err != nil {
		return err
	}
	rest := slices.Collect(slices.Chunk(shas[len(first):], commitsPerQuery))
	errs := make([]error, len(rest))
	api.Each(len(rest), func(i int) { errs[i] = o.askCommits(ctx, rest[i]) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// askRules reads the rules: the organisation's are looked for beside the
// repository's.
func (o *outgoing) askRules(ctx context.Context, commits []string) error {
	err := o.askOnce(ctx, commits, true)
	if api.TooMuch(err) && len(commits) > 0 {
		if err = o.askOnce(ctx, nil, true); err == nil {
			err = o.askCommits(ctx, commits)
		}
	}
	return err
}

func (o *outgoing) askCommits(ctx context.Context, commits []string) error {
	return api.Halved(commits, func(part []string) error { return o.askOnce(ctx, part, false) })
}

func (o *outgoing) askOnce(ctx context.Context, commits []string, withRules bool) error {
	return o.client.GitHub.ByName(ctx, o.now, func(repo gate.Repo) error {
		return o.askNamed(ctx, repo, commits, withRules)
	})
}

// askNamed sends one query. An error that touches the organisation's repository
// alone makes its rules unknown; any other is returned.
func (o *outgoing) askNamed(ctx context.Context, as gate.Repo, commits []string, withRules bool) error {
	text, vars := outgoingQuery(commits, withRules)
	vars["owner"], vars["name"] = as.Owner, as.Name
	var answer outgoingAnswer
	r := api.Request{Route: outgoingRoute, Doing: "read what goes out of " + o.now.FullName()}
	errs, err := o.client.Query(ctx, r, text, vars, &answer)
	if err != nil {
		return err
	}
	var orgErr *api.GraphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return o.client.GraphRefusal(e, r)
		}
		orgErr = rules.Worse(orgErr, e)
	}
	repo := answer.Repository
	if repo == nil {
		return api.Malformed("it lacks the repository")
	}
	now, err := api.Placed(as, repo.DatabaseID, repo.NameWithOwner)
	if err != nil {
		return err
	}
	if err := o.keep(commits, answer.Range); err != nil || !withRules {
		return err
	}
	o.now = now
	ref := repo.DefaultBranchRef
	o.Default = ""
	if ref != nil && ref.Target != nil {
		o.Default = ref.Name
	}
	o.Tip, o.Outgoing.Repo = ref.Tip(), rules.OfBranch(o.now, o.Default, ref)
	o.Org = rules.OfOrg(o.client, now.Owner, answer.Org, orgErr)
	o.Rules = answer.Org.Place(o.Default, repo.PushedAt)
	return nil
}

// keep notes what was told of a batch: all of it, or it is asked again.
func (o *outgoing) keep(commits []string, told map[string]*commitNode) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, sha := range commits {
		node := told[fmt.Sprintf("c%d", i)]
		if node == nil || node.Oid != sha {
			return api.Malformed("it lacks a commit of the range")
		}
		o.known[sha] = node
	}
	return nil
}
