package kubernetes

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// together says whether whoever applies one file certainly applies the other:
// they lie in one folder, or are templates of one chart. Which folders a
// pipeline knows stands nowhere in the change.
func together(a, b string) bool {
	chartA, inA := chartOf(a)
	chartB, inB := chartOf(b)
	if inA || inB {
		return inA && inB && chartA == chartB
	}
	return path.Dir(a) == path.Dir(b)
}

// chartOf is the folder of the Helm chart whose template a file is.
func chartOf(p string) (string, bool) {
	i := strings.LastIndex("/"+p, "/templates/")
	return ("/" + p)[:max(i, 0)], i >= 0
}

// inert says whether a manifest is none that a cluster keeps by itself: a patch
// that deletes, or one that tools are told to leave alone or to run and drop.
func inert(o *object) bool {
	if o.body.Has("$patch") {
		return true
	}
	notes := o.body.Get("metadata", "annotations")
	return notes.Get("config.kubernetes.io/local-config").Str() == "true" || notes.Get("helm.sh/hook").Str() != "" ||
		notes.Get("argocd.argoproj.io/hook").Str() != ""
}

// kustomizations are, by folder, the names that the change's kustomizations
// list as resources.
type kustomizations map[string]map[string]bool

func listsOf(c *change.Change) kustomizations {
	lists := kustomizations{}
	for i := range c.Files {
		f := &c.Files[i]
		if !isKustomization(f.Path) || f.After.State != change.Loaded {
			continue
		}
		names := map[string]bool{}
		after, err := objects(f.Path, documents(f.Path, f.After.Body))
		if err == nil {
			for _, o := range after {
				for _, n := range append(o.body.Get("resources").Each(), o.body.Get("bases").Each()...) {
					names[path.Clean(n.Str())] = true
				}
			}
		}
		lists[path.Dir(f.Path)] = names
	}
	return lists
}

// take says whether no kustomization beside a file leaves it out.
func (k kustomizations) take(p string) bool {
	names, known := k[path.Dir(p)]
	return !known || names[path.Base(p)]
}
