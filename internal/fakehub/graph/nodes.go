package graph

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// nodeByID finds what a global id means, whatever it is called.
func nodeByID(x *execution, _ any, a arguments) (any, error) { return x.byNodeID(a.text("id")) }

func nodesByID(x *execution, _ any, a arguments) (any, error) {
	ids, _ := a["ids"].([]any)
	out := make([]node, 0, len(ids))
	for _, id := range ids {
		text, _ := id.(string)
		found, err := x.byNodeID(text)
		if err != nil {
			return nil, err
		}
		out = append(out, found.(node))
	}
	return out, nil
}

// byNodeID knows repositories, pull requests and accounts.
func (x *execution) byNodeID(id string) (any, error) {
	missing := &queryError{kind: "NOT_FOUND", message: "Could not resolve to a node with the global id of '" + id + "'"}
	kind, text, _ := strings.Cut(id, "_")
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, missing
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(string(decoded), kind+":"), 10, 64)
	if err != nil {
		return nil, missing
	}
	switch kind {
	case "R":
		if r := x.hub.RepoByID[n]; r != nil && x.caller.Sees(r) && x.caller.Barred(x.hub.Orgs[r.Owner.ID]) == "" {
			return node{"Repository", r}, nil
		}
	case "PR":
		for _, r := range x.hub.RepoByID {
			for _, p := range r.Pulls {
				if p.ID == n && x.caller.Sees(r) && x.may(r, "pull_requests") == nil {
					return node{"PullRequest", p}, nil
				}
			}
		}
	case "U", "BOT", "O", "M":
		if a := x.hub.AccountByID[n]; a != nil {
			return actor(a), nil
		}
	}
	return nil, missing
}
