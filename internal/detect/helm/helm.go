// Package helm reads the values and the metadata of Helm charts: what a change
// of values stops to keep, opens or scales to nothing, and where a chart's
// parts come from. Templates are read by the detector of Kubernetes manifests.
//
// What a value does is for the chart's templates to say. It is judged by its
// name, as charts by custom call things, so that values of any chart can be read.
package helm

import (
	"errors"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of Helm values and chart metadata.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "helm" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes values and charts by their names; of other files Detect looks
// whether they install a chart.
func (detector) Wants(f *change.File) bool {
	return isYAML(f.Path) && !strings.HasPrefix(f.Path, ".github/")
}

func isYAML(p string) bool {
	p = strings.TrimSuffix(strings.ToLower(p), ".gotmpl")
	return strings.HasSuffix(p, ".yaml") || strings.HasSuffix(p, ".yml")
}

// isValues says whether a file is the values of a chart, or a chart's metadata.
func isValues(p string) bool {
	base := strings.TrimSuffix(strings.ToLower(path.Base(p)), ".gotmpl")
	return strings.HasPrefix(base, "values") || strings.HasSuffix(base, "values.yaml") ||
		strings.HasSuffix(base, "values.yml") || base == "chart.yaml" || base == "requirements.yaml"
}

// throwaway says that a file holds values with which chart-testing installs a
// chart in a cluster of its own, and nobody else reads it.
// https://github.com/helm/chart-testing#configuration
func throwaway(p string) bool {
	return path.Base(path.Dir(p)) == "ci" && strings.HasSuffix(p, "-values.yaml")
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.State == f.After.State && f.Before.Body == f.After.Body ||
		throwaway(f.Path) && (f.PreviousPath == "" || throwaway(f.PreviousPath)) {
		return
	}
	if !isValues(f.Path) {
		inline(f, r)
		return
	}
	after, err := read(f.After)
	if err != nil || f.After.State == change.Unreadable {
		if err == nil {
			err = errors.New(f.After.Reason)
		}
		r.Add(detect.Unread(kinds.unreadable, err))
		return
	}
	before, err := read(f.Before)
	if err != nil || before == nil || after == nil {
		secrets(nil, after, r)
		return
	}
	switch strings.ToLower(path.Base(f.Path)) {
	case "chart.yaml", "requirements.yaml":
		chart(before, after, r)
		return
	}
	compareValues(before, after, r)
	secrets(before, after, r)
	if !trial(f.Path) {
		scaled(nil, before, after, r)
	}
}

// read returns the one document of a values file, nil for an absent or empty
// one. Values that are themselves templated cannot be read by a name.
func read(t change.Text) (*tree.Node, error) {
	if t.State != change.Loaded || strings.Contains(t.Body, "{{ if") || strings.Contains(t.Body, "{{- if") {
		return nil, nil
	}
	docs, err := tree.ParseYAML(t.Body)
	if err != nil {
		if strings.Contains(t.Body, "{{") {
			return nil, nil
		}
		return nil, err
	}
	if len(docs) == 0 {
		return nil, nil
	}
	return docs[0], nil
}

// compareValues reads values by their names, as settings of one resource.
func compareValues(before, after *tree.Node, r *detect.Report) {
	persistence(nil, before, after, r)
	exposure(before, after, r)
	for _, f := range cloud.Compare(&cloud.Resource{Address: "values", Type: "values", Body: tree.Rekeyed(before, cloud.Snake)},
		&cloud.Resource{Address: "values", Type: "values", Body: tree.Rekeyed(after, cloud.Snake)}) {
		if kind := classes[f.Class]; kind != nil {
			r.Add(detect.Observation{Kind: kind, Line: f.Line, Removed: f.Removed, Object: "values", Detail: f.Detail})
		}
	}
}

const maxDepth = 12

// walkBoth visits the maps that both sides have at one path.
func walkBoth(p []string, before, after *tree.Node, visit func(p []string, before, after *tree.Node)) {
	if len(p) > maxDepth || !before.IsMap() || !after.IsMap() || tree.Equal(before, after) {
		return
	}
	visit(p, before, after)
	for _, e := range after.Fields {
		walkBoth(append(p[:len(p):len(p)], e.Key), before.Get(e.Key), e.Value, visit)
	}
}

// persistence finds storage that is switched off, wherever it is.
func persistence(p []string, before, after *tree.Node, r *detect.Report) {
	walkBoth(p, before, after, func(p []string, b, a *tree.Node) {
		for _, name := range []string{"persistence", "persistentVolume", "persistentVolumeClaim", "storage", "pvc", "backup", "backups"} {
			from, to := b.Get(name, "enabled"), a.Get(name, "enabled")
			if from.True() && (to.False() || a.Has(name) && to == nil) {
				r.Add(detect.Observation{Kind: kinds.persistence, Line: max(to.At(), a.Get(name).At()),
					Object: strings.Join(append(p[:len(p):len(p)], name), "."), Detail: "enabled true to false"})
			}
			if from, to := b.Get(name, "existingClaim").Str(), a.Get(name, "existingClaim"); from != "" && to.Str() != from {
				r.Add(detect.Observation{Kind: kinds.persistence, Line: max(to.At(), a.Get(name).At()),
					Object: strings.Join(append(p[:len(p):len(p)], name), "."), Detail: "existingClaim changed"})
			}
		}
		for _, e := range b.Entries() {
			if to := a.Get(e.Key, "enabled"); e.Value.Get("enabled").True() && to.False() &&
				cloud.Stateful(strings.ReplaceAll(e.Key, "-", "_")) {
				r.Add(detect.Observation{Kind: kinds.dependencyGone, Line: to.At(), Object: strings.Join(append(p[:len(p):len(p)], e.Key), "."),
					Detail: "enabled true to false"})
			}
		}
		for _, name := range []string{"reclaimPolicy", "whenDeleted", "whenScaled"} {
			if from, to := b.Get(name).Str(), a.Get(name); strings.EqualFold(from, "Retain") && !strings.EqualFold(to.Str(), "Retain") {
				r.Add(detect.Observation{Kind: kinds.persistence, Line: max(to.At(), a.At()),
					Object: strings.Join(append(p[:len(p):len(p)], name), "."), Detail: from + " to " + to.Str()})
			}
		}
		if from, to := b.Get("resourcePolicy").Str(), a.Get("resourcePolicy"); from == "keep" && to.Str() != "keep" {
			r.Add(detect.Observation{Kind: kinds.persistence, Line: max(to.At(), a.At()),
				Object: strings.Join(append(p[:len(p):len(p)], "resourcePolicy"), "."), Detail: "keep removed"})
		}
	})
}

// exposure finds services and ingresses that are switched on.
func exposure(before, after *tree.Node, r *detect.Report) {
	walkBoth(nil, before, after, func(p []string, b, a *tree.Node) {
		at := strings.Join(p, ".")
		if from, to := b.Get("service", "type"), a.Get("service", "type"); from.Str() != to.Str() &&
			(to.Str() == "LoadBalancer" || to.Str() == "NodePort") {
			r.Add(detect.Observation{Kind: kinds.exposed, Line: to.At(), Object: strings.TrimPrefix(at+".service.type", "."),
				Detail: from.Str() + " to " + to.Str()})
		}
		if from, to := b.Get("ingress", "enabled"), a.Get("ingress", "enabled"); !from.True() && to.True() {
			r.Add(detect.Observation{Kind: kinds.exposed, Line: to.At(), Object: strings.TrimPrefix(at+".ingress", "."), Detail: "enabled"})
		}
		if from, to := b.Get("networkPolicy", "enabled"), a.Get("networkPolicy", "enabled"); from.True() && !to.True() {
			r.Add(detect.Observation{Kind: kinds.exposed, Line: max(to.At(), a.At()),
				Object: strings.TrimPrefix(at+".networkPolicy", "."), Detail: "switched off"})
		}
		for _, name := range []string{"podDisruptionBudget", "pdb"} {
			if from, to := b.Get(name, "enabled"), a.Get(name, "enabled"); from.True() && !to.True() {
				r.Add(detect.Observation{Kind: kinds.security, Line: max(to.At(), a.At()), Object: strings.TrimPrefix(at+"."+name, "."),
					Detail: "switched off"})
			}
		}
		if from, to := b.Get("image", "tag").Str(), a.Get("image", "tag"); from != "" && from != "latest" && to.Str() == "latest" {
			r.Add(detect.Observation{Kind: kinds.image, Line: to.At(), Object: strings.TrimPrefix(at+".image.tag", "."),
				Detail: from + " to latest"})
		}
	})
}

// scaled finds replicas that fall to zero.
func scaled(p []string, before, after *tree.Node, r *detect.Report) {
	walkBoth(p, before, after, func(p []string, b, a *tree.Node) {
		for _, name := range []string{"replicaCount", "replicas", "minReplicas", "maxReplicas", "replica"} {
			from, okB := b.Get(name).Number()
			to, okA := a.Get(name).Number()
			if okB && okA && from > 0 && to == 0 && name != "minReplicas" {
				r.Add(detect.Observation{Kind: kinds.scaled, Line: a.Get(name).At(),
					Object: strings.Join(append(p[:len(p):len(p)], name), "."), Detail: b.Get(name).Str() + " to 0"})
			}
		}
	})
}

// trial says that values are for an environment on which nobody relies.
func trial(p string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return r == '/' || r == '-' || r == '_' || r == '.' }) {
		switch w {
		case "dev", "development", "test", "testing", "staging", "stage", "preview", "sandbox", "demo", "local", "ci",
			"example", "examples", "e2e":
			return true
		}
	}
	return false
}

// secrets finds secrets that are newly written into values.
func secrets(before, after *tree.Node, r *detect.Report) {
	tree.Walk(after, func(p []string, n *tree.Node) bool {
		if len(p) == 0 || n.Kind != tree.Scalar {
			return len(p) <= maxDepth
		}
		if written(p[len(p)-1], n.Text) && before.Get(p...).Str() != n.Text {
			r.Add(detect.Observation{Kind: kinds.secret, Line: n.Line, Object: strings.Join(p, ".")})
		}
		return true
	})
}

func written(name, value string) bool {
	n := strings.ToLower(name)
	found := false
	for _, w := range []string{"password", "passwd", "secretkey", "secret_key", "apikey", "api_key", "accesskey", "privatekey",
		"clientsecret", "authtoken", "accesstoken"} {
		found = found || strings.HasSuffix(n, w)
	}
	low := strings.ToLower(strings.TrimSpace(value))
	if !found || len(low) < 5 || strings.ContainsAny(low, "$<{ ") || strings.HasPrefix(low, "/") ||
		strings.HasPrefix(low, "ref+") || strings.HasPrefix(low, "vault:") || strings.HasPrefix(low, "enc[") {
		return false
	}
	return low != "false" && !strings.Contains(low, "changeme") && !strings.Contains(low, "change-me") &&
		!strings.Contains(low, "placeholder") && !strings.Contains(low, "secretname") && strings.Trim(low, "x*.-") != ""
}

// chart compares what a chart is made of.
func chart(before, after *tree.Node, r *detect.Report) {
	now := map[string]*tree.Node{}
	for _, d := range after.Get("dependencies").Each() {
		now[d.Get("name").Str()+"/"+d.Get("alias").Str()] = d
	}
	for _, d := range before.Get("dependencies").Each() {
		name := d.Get("name").Str()
		to := now[name+"/"+d.Get("alias").Str()]
		if to == nil {
			if cloud.Stateful(strings.ReplaceAll(name, "-", "_")) {
				r.Add(detect.Observation{Kind: kinds.dependencyGone, Line: d.At(), Removed: true, Object: name})
			}
			continue
		}
		if from, is := d.Get("repository").Str(), to.Get("repository").Str(); from != "" &&
			strings.TrimSuffix(from, "/") != strings.TrimSuffix(is, "/") {
			r.Add(detect.Observation{Kind: kinds.source, Line: to.At(), Object: name, Detail: from + " to " + is})
		}
	}
}
