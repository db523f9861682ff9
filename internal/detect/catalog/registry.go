package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
)

// Registry is what can be observed. It does not change.
type Registry struct {
	Detectors []detect.Detector
	Kinds     []*detect.Kind // of all detectors, and those of package judged, by id
}

// Shipped is the registry of all detectors, made when it is first asked for.
var Shipped = sync.OnceValue(func() *Registry { return NewRegistry(All(nil)) })

// NewRegistry is the registry of some detectors.
func NewRegistry(detectors []detect.Detector) *Registry {
	r := &Registry{Detectors: detectors, Kinds: judged.All()}
	for _, d := range detectors {
		r.Kinds = append(r.Kinds, d.Kinds()...)
	}
	slices.SortFunc(r.Kinds, func(a, b *detect.Kind) int { return strings.Compare(a.ID, b.ID) })
	return r
}

// IDs are the ids of the kinds, in their order.
func (r *Registry) IDs() []string {
	out := make([]string, len(r.Kinds))
	for i, k := range r.Kinds {
		out[i] = k.ID
	}
	return out
}

// Kinds lists everything that a rule's `detect:` can name, by id.
func Kinds() []*detect.Kind { return slices.Clone(Shipped().Kinds) }

// Namespaces are what stands before the slash of observations' ids: the names of
// the detectors, and those of package judged.
func Namespaces() []string {
	out := slices.Clone(judged.Namespaces)
	for _, d := range Shipped().Detectors {
		out = append(out, d.Name())
	}
	slices.Sort(out)
	return out
}

// Namespace is the part of an observation's id before the slash.
func Namespace(id string) string {
	before, _, _ := strings.Cut(id, "/")
	return before
}
