package kubernetes

import (
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// kustomizeIssues reads what a kustomization takes in or out by itself.
func kustomizeIssues(o *object) []issue {
	body := o.body
	var out []issue
	if isFlux(o) {
		out, body = fluxIssues(o), o.body.Get("spec")
	}
	for _, i := range body.Get("images").Each() {
		if n := i.Get("newTag"); n.Str() == "latest" {
			out = append(out, issue{kind: kinds.image, key: "image:" + i.Get("name").Str(),
				detail: i.Get("name").Str() + ":latest", line: n.At()})
		}
	}
	for _, n := range body.Get("replicas").Each() {
		if name := n.Get("name").Str(); n.Get("count").Str() == "0" && !trial(o) {
			out = append(out, issue{kind: kinds.scaled, key: "replicas:" + name, detail: "replicas of " + name + " to 0", line: n.At()})
		}
	}
	for _, list := range []string{"patches", "patchesStrategicMerge", "patchesJson6902"} {
		for _, p := range body.Get(list).Each() {
			text := p
			if p.IsMap() {
				text = p.Get("patch")
			}
			out = append(out, inlineIssues(o, text, p.Get("target"))...)
		}
	}
	for _, g := range append(body.Get("secretGenerator").Each(), body.Get("configMapGenerator").Each()...) {
		for _, l := range g.Get("literals").Each() {
			name, value, _ := strings.Cut(l.Str(), "=")
			if looksSecret(name, value) {
				out = append(out, issue{kind: kinds.plainSecret, key: "literal:" + name + value, detail: "literal " + name, line: l.At()})
			}
		}
	}
	return out
}

// inlineIssues reads a patch that is written into a kustomization: what it puts
// in is judged as if it stood in the object, what it takes out as taken out.
func inlineIssues(k *object, text, target *tree.Node) []issue {
	if !strings.ContainsAny(text.Str(), "\n{[") {
		return nil // the name of a file, which is read as itself
	}
	docs, err := tree.ParseYAMLFrom(text.Str(), text.At()+1)
	if err != nil {
		return []issue{{kind: kinds.unreadable, key: "patch:" + text.Str(), detail: "a patch: " + err.Error(), line: text.At()}}
	}
	var out []issue
	kind := target.Get("kind").Str()
	for _, doc := range docs {
		if isPatch(doc) {
			out = append(out, opsIssues(doc, kind, k)...)
			continue
		}
		o := &object{kind: doc.Get("kind").Str(), name: doc.Get("metadata", "name").Str(), body: doc, path: k.path}
		o.group, _, _ = strings.Cut(doc.Get("apiVersion").Str(), "/")
		o.namespace = doc.Get("metadata", "namespace").Str()
		if deletes(o) {
			// What the patch says of itself decides nothing where a target does, and a
			// component patches what others list.
			if k.kind == "Component" || !passing(&object{path: k.path}) {
				out = append(out, issue{kind: deletion(o, target), key: "delete:" + o.id() + kind, line: doc.At(),
					detail: "$patch: delete of " + o.label()})
			}
			continue
		}
		if strings.Contains(text.Str(), "$patch: delete") {
			out = append(out, issue{kind: kinds.patchDelete, key: "delete:" + text.Str(), detail: "$patch: delete", line: doc.At()})
		}
		out = append(out, within(o, o.id()+kind)...)
	}
	return out
}

// within are the issues of a patch's own text.
func within(o *object, key string) []issue {
	var out []issue
	if o.kind != "Kustomization" && o.kind != "Component" && !announced[o.kind] {
		out = issuesOf(o)
	}
	if n := o.body.Get("spec", "replicas"); n.Str() == "0" && !trial(o) {
		out = append(out, issue{kind: kinds.scaled, key: "replicas", detail: "replicas to 0", line: n.At()})
	}
	tree.Walk(o.body, func(path []string, n *tree.Node) bool {
		if n.Kind == tree.Null {
			if kind := lostBy(path); kind != nil {
				out = append(out, issue{kind: kind, key: "null:" + strings.Join(path, "/"), line: n.At(),
					detail: strings.Join(path, ".") + " taken out"})
			}
		}
		return len(path) < 20 && len(out) < 1_000
	})
	for i := range out {
		out[i].key = key + out[i].key
	}
	return out
}

// announced are kinds of which each new object is news, which a patch is not.
var announced = map[string]bool{"Ingress": true, "Route": true, "HTTPRoute": true}

// deletion is what a patch that deletes does. A target names kinds by a regular
// expression, and without one it is every kind.
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
func deletion(o *object, target *tree.Node) *detect.Kind {
	if !target.IsMap() {
		if kind := removalOf(o); kind != nil {
			return kind
		}
		return kinds.patchDelete
	}
	kind := target.Get("kind").Str()
	if kind == "" {
		if target.Get("name").Str() != "" || target.Get("labelSelector").Str() != "" || target.Get("group").Str() != "" {
			return kinds.patchDelete
		}
		return kinds.stateful
	}
	pattern, err := regexp.Compile("^(?:" + kind + ")$")
	if err != nil || len(kind) > 500 {
		return kinds.stateful // kustomize would not take it
	}
	found := kinds.patchDelete
	for _, k := range keepers {
		if pattern.MatchString(k) {
			return kinds.stateful
		}
	}
	one := &object{kind: kind, group: target.Get("group").Str(), name: target.Get("name").Str(), body: o.body}
	if r := removalOf(one); r != nil {
		found = r
	}
	return found
}

// keepers are kinds whose objects keep what is not in the repository.
var keepers = []string{"Namespace", "PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "CustomResourceDefinition",
	"VolumeSnapshot", "VolumeSnapshotContent"}
