package rules

import (
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const Fragment = `fragment Rules on Commit {
  file(path: $rules) {
    mode
    oid
    object { __typename ... on Blob { byteSize isBinary isTruncated text } }
  }
}
`

// Tip is the commit at which the branch is, "" where there is no such branch.
func (b *Ref) Tip() string {
	if b == nil || b.Target == nil {
		return ""
	}
	return b.Target.Oid
}

// Org is the organisation's repository of rules.
type Org struct {
	NameWithOwner    string    `json:"nameWithOwner"`
	PushedAt         wire.Time `json:"pushedAt"`
	DefaultBranchRef *Ref      `json:"defaultBranchRef"`
}

// Place says how new the rules of an answer are.
func (o *Org) Place(ref string, pushedAt wire.Time) change.RulesPlace {
	p := change.RulesPlace{Ref: ref, PushedAt: pushedAt.Time}
	if o != nil && o.DefaultBranchRef != nil && o.DefaultBranchRef.Target != nil {
		p.OrgTip, p.OrgAt = o.DefaultBranchRef.Target.Oid, o.PushedAt.Time
	}
	return p
}

type Ref struct {
	Name   string `json:"name"`
	Target *struct {
		Oid  string       `json:"oid"`
		File *files.Entry `json:"file"`
	} `json:"target"`
}

// Worse keeps the error that tells more: anything but "not found" does.
func Worse(had *api.GraphError, e api.GraphError) *api.GraphError {
	if had == nil || had.Type == "NOT_FOUND" && e.Type != "NOT_FOUND" {
		return &e
	}
	return had
}
