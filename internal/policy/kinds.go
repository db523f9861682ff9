package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
)

// namespaces are the detectors that packs may name, whether or not one of
// their kinds exists yet: what stands before the slash of an observation's id.
var namespaces = []string{
	"agentconfig", "backup", "boundaries", "cloudformation", "command", "compose", "dependency", "deploy", "docker",
	"gateconfig", "helm", "identity", "intent", "kubernetes", "migration", "owners", "secret", "shape", "sql",
	"terraform", "workflow",
}

// Observations that policy makes itself, because they depend on the rules file
// or on what the change declared.
var (
	crossed = &detect.Kind{
		ID: "boundaries/crossed", Risk: 60,
		Title: "reaches across boundaries that must stay separate",
		Why: "One change that writes on both sides lets one mistake destroy both, staging and production say, or data " +
			"and its only backup.",
		Controls: []string{detect.ASI08, detect.NHI08, detect.Manage24},
		Fires:    "separate: [[staging, production]], and files of both boundaries in one change",
		Quiet:    "files of one of the two boundaries",
	}
	outside = &detect.Kind{
		ID: "intent/outside", Risk: 35,
		Title:    "lies outside of what the task declared to touch",
		Why:      "An agent that leaves its task has misread it, or follows somebody else's; nobody asked for what it did here.",
		Controls: []string{detect.ASI01, detect.ASI10, detect.Manage23},
		Fires:    "a pull request that declares `paths: [docs/**]`, or resolves an issue in which a human declared it, and changes main.go",
		Quiet:    "a pull request that declares `paths: [docs/**]` and changes docs/a.md",
	}
	badIntent = &detect.Kind{
		ID: "intent/unreadable", Risk: 20,
		Title:    "declares an intent that cannot be read",
		Why:      "What the task was meant to touch is not known, so that nothing can be compared with it.",
		Controls: []string{detect.ASI01, detect.Manage23},
		Fires:    "a block gatehold-intent that is not YAML; one in a human's issue that a bot edited last",
		Quiet:    "no such block",
	}
)

// registry is what can be observed.
type registry struct {
	detectors []detect.Detector
	kinds     []*detect.Kind // of all detectors and of policy, by id
}

// detectors are made once: they hold no state.
var shipped = sync.OnceValue(func() *registry { return newRegistry(catalog.All(FileReader{})) })

func newRegistry(detectors []detect.Detector) *registry {
	r := &registry{detectors: detectors, kinds: append(runKinds(), crossed, outside, badIntent, manySides)}
	for _, d := range detectors {
		r.kinds = append(r.kinds, d.Kinds()...)
	}
	slices.SortFunc(r.kinds, func(a, b *detect.Kind) int { return strings.Compare(a.ID, b.ID) })
	return r
}

// Kinds lists everything that a rule's `detect:` can name, by id.
func Kinds() []*detect.Kind { return slices.Clone(shipped().kinds) }

func (r *registry) ids() []string {
	out := make([]string, len(r.kinds))
	for i, k := range r.kinds {
		out[i] = k.ID
	}
	return out
}

// namespace is the part of an observation's id before the slash.
func namespace(id string) string {
	before, _, _ := strings.Cut(id, "/")
	return before
}
