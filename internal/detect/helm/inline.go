package helm

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// release is a chart that something else installs: its values, as they are
// written there, and whether it is installed at all.
type release struct {
	name    string
	values  *tree.Node
	whole   *tree.Node // of a helmfile, else nil
	without bool       // it is told to be taken away
}

// mayInstall says whether a text may install a chart at all.
func mayInstall(text string) bool {
	return strings.Contains(text, "HelmRelease") || strings.Contains(text, "HelmChart") ||
		tree.MayHaveKey(text, "helmCharts") || tree.MayHaveKey(text, "helm") || tree.MayHaveKey(text, "releases")
}

// inline compares the values that Flux, Argo CD, k3s, kustomize and helmfile
// have inside their own files.
func inline(f *change.File, r *detect.Report) {
	if f.After.State != change.Loaded || !mayInstall(f.After.Body) {
		return
	}
	now, ok := releases(f.After)
	if !ok {
		return // as manifests they are reported where those are read
	}
	old, _ := releases(f.Before)
	had := map[string]release{}
	for _, b := range old {
		had[b.name] = b
	}
	for _, a := range now {
		b := had[a.name]
		quiet := trial(f.Path) || trial(a.whole.Get("namespace").Str())
		if a.without && b.whole != nil && !b.without && !quiet {
			r.Add(detect.Observation{Kind: kinds.uninstalled, Line: a.whole.Get("installed").At(), Object: a.name, Detail: "installed false"})
		}
		if tree.Equal(a.values, b.values) {
			continue
		}
		if a.values != nil && b.values != nil {
			compareValues(b.values, a.values, r)
			if !quiet {
				scaled(nil, b.values, a.values, r)
			}
		}
		secrets(b.values, a.values, r)
	}
}

// releases are what a text installs, each under a name of its own.
func releases(t change.Text) ([]release, bool) {
	if t.State != change.Loaded {
		return nil, true
	}
	docs, err := tree.ParseYAML(t.Body)
	if err != nil {
		return nil, false
	}
	var out []release
	for _, doc := range docs {
		meta := doc.Get("metadata")
		name := doc.Get("kind").Str() + " " + meta.Get("namespace").Str() + "/" + meta.Get("name").Str()
		spec := doc.Get("spec")
		switch doc.Get("kind").Str() {
		case "HelmRelease":
			out = append(out, release{name: name, values: spec.Get("values")})
		case "HelmChart", "HelmChartConfig":
			out = append(out, release{name: name, values: embedded(spec.Get("valuesContent"))},
				release{name: name + " set", values: spec.Get("set")})
		case "ApplicationSet":
			out = append(out, argo(name, spec.Get("template", "spec"))...)
		case "Application":
			out = append(out, argo(name, spec)...)
		}
		for _, c := range doc.Get("helmCharts").Each() {
			out = append(out, release{name: "chart " + c.Get("releaseName").Str() + "/" + c.Get("name").Str(), values: c.Get("valuesInline")})
		}
		out = append(out, helmfile(doc)...)
	}
	return out, true
}

func argo(name string, spec *tree.Node) []release {
	var out []release
	for _, s := range append(spec.Get("source").Each(), spec.Get("sources").Each()...) {
		helm, chart := s.Get("helm"), name+" "+s.Get("chart").Str()+s.Get("path").Str()
		out = append(out, release{name: chart + " values", values: embedded(helm.Get("values"))},
			release{name: chart + " object", values: helm.Get("valuesObject")},
			release{name: chart + " parameters", values: set(helm.Get("parameters"))})
	}
	return out
}

func helmfile(doc *tree.Node) []release {
	var out []release
	for _, r := range doc.Get("releases").Each() {
		name := "release " + r.Get("namespace").Str() + "/" + r.Get("name").Str()
		one := release{name: name, values: set(r.Get("set")), whole: r, without: r.Get("installed").False()}
		out = append(out, one)
		maps := 0
		for _, v := range r.Get("values").Each() {
			if v.IsMap() {
				maps++
				out = append(out, release{name: name + strings.Repeat("+", min(maps, 20)), values: v})
			}
		}
	}
	return out
}

// embedded reads values that are a text inside a text.
func embedded(n *tree.Node) *tree.Node {
	if n.Str() == "" {
		return nil
	}
	docs, err := tree.ParseYAMLFrom(n.Str(), n.At()+1)
	if err != nil || len(docs) == 0 {
		return nil
	}
	return docs[0]
}

// maxSet bounds how many single values are read.
const maxSet = 500

// set makes values of a list of names with dots and what they are set to.
func set(list *tree.Node) *tree.Node {
	if !list.IsList() {
		return nil
	}
	root := &tree.Node{Kind: tree.Map, Line: list.At()}
	for i, p := range list.Items {
		if i == maxSet {
			break
		}
		n, parts := root, strings.Split(p.Get("name").Str(), ".")
		if v := p.Get("value"); len(parts) > maxDepth || v == nil || v.Kind != tree.Scalar {
			continue
		}
		for _, key := range parts[:len(parts)-1] {
			next := n.Get(key)
			if !next.IsMap() {
				next = &tree.Node{Kind: tree.Map, Line: p.At()}
				n.Fields = append(n.Fields, tree.Field{Key: key, Line: p.At(), Value: next})
			}
			n = next
		}
		n.Fields = append(n.Fields, tree.Field{Key: parts[len(parts)-1], Line: p.At(), Value: p.Get("value")})
	}
	return root
}
