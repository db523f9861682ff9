package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/datafiles"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// lastingVolumes are the names of a workload's volumes that outlive its pods.
func lastingVolumes(o *object) map[string]bool {
	out := map[string]bool{}
	for _, c := range o.body.Get("spec", "volumeClaimTemplates").Each() {
		out[c.Get("metadata", "name").Str()] = true
	}
	for _, v := range o.body.Get("spec", "template", "spec", "volumes").Each() {
		if v.Has("persistentVolumeClaim") {
			out[v.Get("name").Str()] = true
		}
	}
	return out
}

// storeWorse reports a container that keeps data and now looks for it elsewhere,
// or cannot read it.
func storeWorse(before, after *object, r reporter) {
	if !strings.HasPrefix(after.body.Get("apiVersion").Str(), "apps/") || trial(after) {
		return
	}
	lasting := lastingVolumes(before)
	if len(lasting) == 0 {
		return
	}
	now := map[string]*tree.Node{}
	for _, c := range after.body.Get("spec", "template", "spec", "containers").Each() {
		now[c.Get("name").Str()] = c
	}
	for _, c := range before.body.Get("spec", "template", "spec", "containers").Each() {
		is := now[c.Get("name").Str()]
		if is == nil {
			continue
		}
		for _, m := range c.Get("volumeMounts").Each() {
			name, from := m.Get("name").Str(), strings.TrimRight(m.Get("mountPath").Str(), "/")
			if !lasting[name] || from == "" || filledIn(from) {
				continue
			}
			if to := mountedAt(is, name); to != nil && strings.TrimRight(to.Str(), "/") != from && !filledIn(to.Str()) {
				r.Add(detect.Observation{Kind: kinds.mounted, Line: to.At(), Object: after.label(), Detail: name + " at " + from + " to " + to.Str()})
			}
			if image := is.Get("image"); datafiles.Refused(c.Get("image").Str(), image.Str()) {
				r.Add(detect.Observation{Kind: kinds.version, Line: image.At(), Object: after.label(),
					Detail: c.Get("image").Str() + " to " + image.Str()})
				break
			}
		}
	}
}

func mountedAt(container *tree.Node, volume string) *tree.Node {
	for _, m := range container.Get("volumeMounts").Each() {
		if m.Get("name").Str() == volume {
			return m.Get("mountPath")
		}
	}
	return nil
}
