package inbox

import (
	"encoding/json"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// automatic are events that come without a subscription (installation), or
// only where an owner gave the App a permission that it does not ask for
// (administration: read). They are understood where they come.
var automatic = map[string]func(in *Inbox, p payload, body []byte) ([]gate.Seen, error){
	"installation":              (*Inbox).installed,
	"installation_repositories": (*Inbox).installed,
	"repository_ruleset":        (*Inbox).enforcementChanged,
	"branch_protection_rule":    (*Inbox).enforcementChanged,
	"repository":                (*Inbox).repositoryChanged,
}

// maxPushed is how many commits a push event lists; of a larger push GitHub
// leaves some out.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
const maxPushed = 2048

// maxNamed bounds the repositories that one event is taken in for. What is
// beyond it is found by the comparison that such an event starts.
const maxNamed = 1000

// queuePrefix begins the branches that merge queues make and delete: nobody
// judges by the rules on them.
const queuePrefix = "gh-readonly-queue/"

// pushEvent is what gatehold reads of a push.
type pushEvent struct {
	Ref        string `json:"ref"`
	Before     string `json:"before"`
	After      string `json:"after"`
	Created    bool   `json:"created"`
	Deleted    bool   `json:"deleted"`
	Forced     bool   `json:"forced"`
	Repository struct {
		Default string    `json:"default_branch"`
		Pushed  wire.Time `json:"pushed_at"`
	} `json:"repository"`
	Commits []struct {
		ID       string   `json:"id"`
		Distinct bool     `json:"distinct"`
		Added    []string `json:"added"`
		Removed  []string `json:"removed"`
		Modified []string `json:"modified"`
	} `json:"commits"`
}

// branch is the one that was pushed to, empty where its rules concern nobody: a
// tag, a name that GitHub would not take, and the branch of a merge group.
func (p pushEvent) branch() string {
	branch, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	if !ok || len(branch) > 255 || strings.HasPrefix(branch, queuePrefix) {
		return ""
	}
	return branch
}

// whole reports whether its commits are all that the branch has changed by.
func (p pushEvent) whole() bool {
	return !p.Created && !p.Deleted && !p.Forced && len(p.Commits) < maxPushed
}

// push takes what can have changed the rules of a branch: a push that touches
// the rules file or CODEOWNERS, and one whose commits may not all be listed; and
// on the default branch what touches workflows alone, which changes what can
// deploy, and no rule.
// The rules of an organisation are those on the default branch of its
// repository .github.
func (in *Inbox) push(p payload, body []byte) ([]gate.Seen, error) {
	var push pushEvent
	if err := tolerant(body, &push); err != nil {
		return nil, err
	}
	branch := push.branch()
	if branch == "" {
		return nil, nil
	}
	rules, owners, workflows := push.touches()
	whole := push.whole()
	isDefault := push.Repository.Default == "" || push.Repository.Default == branch
	workflows = workflows && isDefault
	if !rules && !owners && !workflows && whole {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	s := gate.Seen{
		Subject: gate.Subject{Kind: gate.Repository, Repo: repo},
		Event:   "push", Action: gate.RulesChanged, Sender: p.sender(), BaseRef: branch,
		RepoAt: p.Repository.Updated.Time,
	}
	if rules || owners || !whole {
		s.Tip = &gate.Tip{SHA: commitOf(push.After), Before: commitOf(push.Before), At: push.Repository.Pushed.Time}
	}
	switch {
	case strings.EqualFold(repo.Name, ".github") && isDefault && (rules || !whole):
		s.Action = gate.OrgRulesChanged
	case !rules && !owners && whole:
		s.Action = gate.WorkflowsChanged
	}
	return []gate.Seen{s}, nil
}

// commitOf is a commit that a push names: none where it names zeros.
func commitOf(sha string) string {
	if !wire.IsSHA(sha) || strings.Trim(sha, "0") == "" {
		return ""
	}
	return sha
}

// touches reports whether a listed commit touches the rules file, whether one
// touches a CODEOWNERS file, and whether one touches a workflow.
func (p pushEvent) touches() (rules, owners, workflows bool) {
	for _, c := range p.Commits {
		for _, list := range [][]string{c.Added, c.Removed, c.Modified} {
			for _, path := range list {
				switch path {
				case wire.RulesPath:
					rules = true
				case "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS":
					owners = true
				}
				workflows = workflows || strings.HasPrefix(path, wire.WorkflowFolder)
			}
		}
	}
	return rules, owners, workflows
}

// installEvent is what gatehold reads of the events of installations. They
// name repositories without their owner.
type installEvent struct {
	Installation struct {
		ID      int64        `json:"id"`
		Account wire.Account `json:"account"`
	} `json:"installation"`
	Repositories []namedRepo `json:"repositories"`
	Added        []namedRepo `json:"repositories_added"`
}

type namedRepo struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

// installActions are those after which repositories can be guarded that were
// not before.
var installActions = map[string]bool{"created": true, "new_permissions_accepted": true, "unsuspend": true, "added": true}

// installed takes the repositories that the App may see from now on. An event
// that names none is about all of an account: they are found by comparing.
func (in *Inbox) installed(p payload, body []byte) ([]gate.Seen, error) {
	if !installActions[p.Action] {
		return nil, nil
	}
	var e installEvent
	if err := tolerant(body, &e); err != nil {
		return nil, err
	}
	named := append(e.Repositories, e.Added...)
	var out []gate.Seen
	listed := map[int64]bool{}
	for _, n := range named[:min(len(named), maxNamed)] {
		owner, name, _ := strings.Cut(n.FullName, "/")
		repo := gate.Repo{Installation: max(e.Installation.ID, 0), ID: n.ID, Owner: owner, Name: name}
		if !wire.IsRepo(repo) || listed[repo.ID] {
			continue // an odd one is found by comparing
		}
		listed[repo.ID] = true
		out = append(out, gate.Seen{
			Subject: gate.Subject{Kind: gate.Repository, Repo: repo},
			Event:   "installation", Action: gate.Installed, Sender: p.sender(),
		})
	}
	return out, nil
}

// enforcementChanged takes a change of what requires the check. An event of an
// organisation's ruleset names no repository: those are found by comparing.
func (in *Inbox) enforcementChanged(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Repository.ID == 0 {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	return []gate.Seen{{
		Subject: gate.Subject{Kind: gate.Repository, Repo: repo},
		Event:   "enforcement", Action: gate.EnforcementChanged, Sender: p.sender(), RepoAt: p.Repository.Updated.Time,
	}}, nil
}

// repositoryActions are the changes of a repository that are taken, by what they
// are called on record.
var repositoryActions = map[string]string{
	gate.Archived: gate.Archived, gate.Unarchived: gate.Unarchived, "renamed": gate.Renamed, "transferred": gate.Moved,
}

// repositoryChanged takes that a repository is archived, or is no longer, and that
// it is called otherwise or is somebody else's: the App need not subscribe to it,
// for the comparison finds all but the first within minutes.
func (in *Inbox) repositoryChanged(p payload, _ []byte) ([]gate.Seen, error) {
	action := repositoryActions[p.Action]
	if action == "" {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	return []gate.Seen{{
		Subject: gate.Subject{Kind: gate.Repository, Repo: repo},
		Event:   "repository", Action: action, Sender: p.sender(), RepoAt: p.Repository.Updated.Time,
	}}, nil
}

// compares reports whether an event asks for everything to be compared with
// GitHub soon: it is about more than it names.
func compares(event string, p payload) bool {
	switch event {
	case "installation", "installation_repositories":
		return installActions[p.Action]
	case "repository_ruleset":
		return p.Repository.ID == 0
	}
	return false
}

// tolerant reads more of a body that parse has read: a field of another type
// than expected stays empty.
func tolerant(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		if oddField(err) {
			return nil
		}
		return refused("payload_invalid", "The body is not a JSON object.")
	}
	return nil
}
