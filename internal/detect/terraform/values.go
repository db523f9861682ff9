package terraform

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// values compares variables, locals and what is given for them, by their names.
func values(before, after *file, r *detect.Report) {
	if tree.Equal(before.values, after.values) {
		return
	}
	// A name that is not there any more has moved or is unused: no sign of harm.
	kept, stays, fresh := &tree.Node{Kind: tree.Map}, &tree.Node{Kind: tree.Map}, &tree.Node{Kind: tree.Map}
	for _, e := range before.values.Fields {
		if after.values.Has(e.Key) {
			kept.Fields = append(kept.Fields, e)
		}
	}
	for _, e := range after.values.Fields {
		if before.values.Has(e.Key) {
			stays.Fields = append(stays.Fields, e)
		} else if !after.locals[e.Key] {
			fresh.Fields = append(fresh.Fields, e)
		}
	}
	report(cloud.Compare(valuesIn(kept), valuesIn(stays)), r)
	for _, e := range after.values.Fields {
		was := kept.Get(e.Key)
		scaled(e.Key, was, e.Value, e.Key, r)
		if was != nil && !after.locals[e.Key] {
			namedLosses(e.Key, was, e.Value, r)
		}
	}
	newValues(before, after, fresh, r)
}

// newValues reports what is newly said to be open. A file that is new as a whole
// declares something new, of which little is to be said.
func newValues(before, after *file, fresh *tree.Node, r *detect.Report) {
	switch {
	case len(fresh.Fields) == 0:
		return
	case before.blank:
		if after.given {
			report(cloud.Compare(nil, valuesIn(fresh)), r)
		}
		return
	case after.given: // until now the default held, which of something to be enabled is no
		fresh.Fields = slices.DeleteFunc(fresh.Fields, func(e tree.Field) bool {
			return e.Value.False() && strings.Contains(strings.ToLower(e.Key), "enable")
		})
		report(cloud.Compare(valuesIn(&tree.Node{Kind: tree.Map}), valuesIn(fresh)), r)
		return
	}
	report(cloud.Compare(nil, valuesIn(fresh)), r)
	for _, e := range fresh.Fields {
		if cloud.Opens(e.Key, e.Value) {
			r.Add(detect.Observation{Kind: kinds.class[cloud.Exposed], Line: e.Value.At(), Object: e.Key,
				Detail: "is " + strings.ToLower(e.Value.Str()) + " by default"})
		}
	}
}

func valuesIn(n *tree.Node) *cloud.Resource {
	return &cloud.Resource{Address: "values", Type: "tfvars", Body: n}
}
