package kubernetes

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// renames are the ids of the objects of a template that only have another name
// after, with those that they had: a chart that cuts its names to what fits deletes
// no policy, and grants nothing. Not where a name is plain: a patch is for whatever
// has the name, a binding may wait for a role of that name, and what holds data is
// another thing under another.
func renames(before, after []*object) map[string]bool {
	had, has := map[string]bool{}, map[string]bool{}
	for _, o := range before {
		had[o.id()] = true
	}
	for _, o := range after {
		has[o.id()] = true
	}
	gone := map[string][]*object{}
	for _, o := range before {
		if !has[o.id()] && nameless(o) {
			gone[o.kind] = append(gone[o.kind], o)
		}
	}
	out := map[string]bool{}
	for _, o := range after {
		if had[o.id()] || !nameless(o) || len(gone[o.kind]) == 0 {
			continue
		}
		// In the order in which they stand: names are changed where they are.
		was := gone[o.kind][0]
		gone[o.kind] = gone[o.kind][1:]
		if was.namespace == o.namespace && was.group == o.group && tree.Equal(unnamed(was.body), unnamed(o.body)) {
			out[was.id()], out[o.id()] = true, true
		}
	}
	return out
}

// nameless says that a template names an object of which it does not matter to the
// cluster how it is called.
func nameless(o *object) bool {
	switch o.kind {
	case "NetworkPolicy", "PodDisruptionBudget", "LimitRange", "ResourceQuota", "CiliumNetworkPolicy", "Role", "ClusterRole":
		return strings.Contains(o.name, "TPL") && !deletes(o)
	}
	return false
}

// unnamed is the body of an object without its name.
func unnamed(body *tree.Node) *tree.Node {
	out := *body
	out.Fields = slices.Clone(body.Fields)
	for i := range out.Fields {
		if f := &out.Fields[i]; f.Key == "metadata" && f.Value.IsMap() {
			meta := *f.Value
			meta.Fields = slices.DeleteFunc(slices.Clone(meta.Fields), func(f tree.Field) bool { return f.Key == "name" })
			f.Value = &meta
		}
	}
	return &out
}
