package pulls

import (
	"cmp"
	"fmt"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// linkedIssues is what GitHub tells of the issues that a pull request closes:
// those that its text names with a keyword, where it goes to the default
// branch, and those that a person linked by hand. Reading them takes the
// permission issues: read, which the App can do without.
// https://docs.github.com/en/graphql/reference/objects#pullrequest
type linkedIssues struct {
	TotalCount int `json:"totalCount"`
	// A node is null where the App may not see that one issue.
	Nodes []*struct {
		Number       int              `json:"number"`
		Title        string           `json:"title"`
		Body         string           `json:"body"`
		URL          string           `json:"url"`
		LastEditedAt string           `json:"lastEditedAt"`
		Author       *wire.GraphActor `json:"author"`
		Editor       *wire.GraphActor `json:"editor"`
		Repository   struct {
			NameWithOwner string `json:"nameWithOwner"`
		} `json:"repository"`
	} `json:"nodes"`
}

// issues translates them, and says how many are left, and why some are unseen.
func (l *linkedIssues) issues(err *api.GraphError) (seen []change.Issue, left int, unseen string) {
	if err != nil {
		unseen = "the App lacks the permission issues: read"
		if err.Type != "FORBIDDEN" && err.Type != "INSUFFICIENT_SCOPES" {
			unseen = fmt.Sprintf("GitHub says %q", wire.Clip(cmp.Or(err.Message, err.Type), 200))
		}
	}
	if l == nil {
		return nil, 0, unseen
	}
	for _, n := range l.Nodes {
		if n == nil {
			unseen = cmp.Or(unseen, "GitHub does not show them to the App")
			continue
		}
		issue := change.Issue{
			Repository: n.Repository.NameWithOwner, Number: n.Number, Title: n.Title, Body: n.Body, URL: n.URL, Author: n.Author.ChangeActor(),
		}
		if n.Editor != nil || n.LastEditedAt != "" {
			editor := n.Editor.ChangeActor() // somebody edited it, though the account may be gone
			issue.Editor = &editor
		}
		seen = append(seen, issue)
	}
	return seen, max(0, l.TotalCount-len(l.Nodes)), unseen
}
