package iam

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// denied reports what was denied and is no more: a statement that is gone, or
// denies less, or under one condition more.
func denied(before, after *documents, object string, r *detect.Report) {
	if before == nil {
		return
	}
	now := denials(after)
	for _, was := range denials(before) {
		kept := false
		for _, is := range now {
			kept = kept || covers(is, was)
		}
		if !kept {
			what := strings.Join(was.GetFold("Action").Strings(), ", ")
			if sid := was.GetFold("Sid").Str(); sid != "" {
				what = sid
			}
			if what == "" {
				what = "all but a few actions"
			}
			r.Add(detect.Observation{Kind: kinds.denyRemoved, Line: was.Line, Removed: true, Object: object, Detail: what})
		}
	}
}

// denials are the statements of documents that deny.
func denials(d *documents) []*tree.Node {
	var out []*tree.Node
	for _, doc := range append(d.policies.Items[:len(d.policies.Items):len(d.policies.Items)], d.trusts.Items...) {
		for _, st := range doc.GetFold("Statement").Each() {
			if strings.EqualFold(st.GetFold("Effect").Str(), "deny") && len(out) < maxDenials {
				out = append(out, st)
			}
		}
	}
	return out
}

// maxDenials is how many statements are compared with each other.
const maxDenials = 200

// covers says whether a statement denies all that another denied.
func covers(is, was *tree.Node) bool {
	for _, key := range []string{"Principal", "NotPrincipal", "Resource", "NotResource", "NotAction", "Condition"} {
		a, b := is.GetFold(key), was.GetFold(key)
		if key == "Resource" && holds(a, b) || key == "Condition" && a == nil {
			continue
		}
		if key == "NotAction" || key == "NotResource" || key == "NotPrincipal" {
			if a != nil && b != nil && holds(b, a) {
				continue // fewer exceptions
			}
		}
		if !tree.Equal(a, b) {
			return false
		}
	}
	return holds(is.GetFold("Action"), was.GetFold("Action"))
}

// holds says whether a list has all of another.
func holds(list, other *tree.Node) bool {
	if list == nil || other == nil {
		return list == nil && other == nil
	}
	have := map[string]bool{}
	for _, s := range list.Strings() {
		have[strings.ToLower(s)] = true
	}
	for _, s := range other.Strings() {
		if !have[strings.ToLower(s)] && !have["*"] {
			return false
		}
	}
	return true
}
