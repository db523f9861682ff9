package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func drawObject(t *rapid.T, names []string) string {
	meta := "metadata: {name: " + rapid.SampledFrom(names).Draw(t, "name") +
		rapid.SampledFrom([]string{"", ", namespace: a", ", namespace: b"}).Draw(t, "namespace") + "}\n"
	switch rapid.SampledFrom([]string{"claim", "volume", "workload", "policy"}).Draw(t, "kind") {
	case "volume":
		return "apiVersion: v1\nkind: PersistentVolume\n" + meta + "spec: {persistentVolumeReclaimPolicy: " +
			rapid.SampledFrom([]string{"Retain", "Delete"}).Draw(t, "reclaim") + "}\n"
	case "workload":
		return "apiVersion: apps/v1\nkind: Deployment\n" + meta + drawSpec(t)
	case "policy":
		return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n" + meta + "spec: {policyTypes: [" +
			rapid.SampledFrom([]string{"Ingress", "Egress", "Ingress, Egress"}).Draw(t, "types") + "]}\n"
	}
	return "apiVersion: v1\nkind: PersistentVolumeClaim\n" + meta
}

func drawSpec(t *rapid.T) string {
	spec := fmt.Sprintf("spec:\n  replicas: %d\n  template:\n    spec:\n", rapid.IntRange(0, 2).Draw(t, "replicas"))
	for _, s := range []string{"automountServiceAccountToken: false", "hostPID: true"} {
		if rapid.Bool().Draw(t, s) {
			spec += "      " + s + "\n"
		}
	}
	spec += "      containers:\n        - name: a\n          image: a" +
		rapid.SampledFrom([]string{"", ":1", ":latest"}).Draw(t, "tag") + "\n          securityContext:\n            privileged: false\n"
	for _, s := range []string{"runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false",
		"capabilities: {drop: [ALL]}"} {
		if rapid.Bool().Draw(t, s) {
			spec += "            " + s + "\n"
		}
	}
	return spec
}

func drawText(t *rapid.T, names []string, most int) string {
	var docs []string
	for range rapid.IntRange(0, most).Draw(t, "objects") {
		docs = append(docs, drawObject(t, names))
	}
	return strings.Join(docs, "---\n")
}

var paths = []string{"k8s/a.yaml", "k8s/b.yaml", "k8s/base/a.yaml", "overlays/production/a.yaml", "overlays/staging/a.yaml", "k8s/_a.yaml"}

func whole(files []change.File) (counts map[string]int, total int) {
	r := detect.NewReport("")
	New().(detect.Whole).DetectChange(&change.Change{Files: files}, r)
	counts = map[string]int{}
	for _, o := range r.Observations() {
		counts[o.Kind.ID+" "+o.Path+" "+o.Object+" "+o.Detail]++
	}
	return counts, len(r.Observations()) + r.Hidden
}

func TestAFileThatIsAddedTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []change.File
		for _, p := range rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 3, rapid.ID[string]).Draw(t, "paths") {
			files = append(files, detecttest.File(p, drawText(t, []string{"one", "two"}, 3)+"# before\n",
				drawText(t, []string{"one", "two"}, 3)))
		}
		// It holds other objects than those that the change may remove.
		added := detecttest.File(rapid.SampledFrom([]string{"k8s/z.yaml", "overlays/staging/z.yaml", "README.md"}).Draw(t,
			"added"), "", "# added\n"+drawText(t, []string{"three", "four"}, 3))
		before, n := whole(files)
		after, m := whole(slices.Insert(slices.Clone(files), rapid.IntRange(0, len(files)).Draw(t, "at"), added))
		for what, count := range before {
			if after[what] < count {
				t.Fatalf("%q is reported %d times, and %d times with %s added", what, count, after[what], added.Path)
			}
		}
		if m < n {
			t.Fatalf("%d observations, and %d with %s added", n, m, added.Path)
		}
	})
}

// What is weaker after a move is reported as it would be without one.
func TestAMoveHidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: shop}\n"
		before, after := head+drawSpec(t), head+drawSpec(t)
		want := said(detecttest.File("k8s/a.yaml", before, after))
		rest := rapid.SampledFrom([]string{"", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rest}\n"}).Draw(t, "rest")
		files := []change.File{detecttest.File("k8s/a.yaml", rest+"---\n"+before, rest),
			detecttest.File("k8s/b.yaml", rest, rest+"---\n"+after)}
		if rapid.Bool().Draw(t, "turned") {
			slices.Reverse(files)
		}
		got := said(files...)
		for _, o := range want {
			if !slices.Contains(got, o) {
				t.Fatalf("in place %q, moved %q", want, got)
			}
		}
	})
}

func said(files ...change.File) []string {
	var out []string
	for _, o := range detecttest.Observe(New(), files...) {
		out = append(out, o.Kind.ID+" "+o.Object+" "+o.Detail)
	}
	return out
}

func TestWhatMovedIsShownWhereItIsNow(t *testing.T) {
	before := "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec:\n  persistentVolumeReclaimPolicy: Retain\n"
	got := detecttest.Observe(New(), detecttest.File("k8s/a.yaml", before, ""),
		detecttest.File("k8s/b.yaml", "", "# moved\n"+strings.Replace(before, "  persistentVolumeReclaimPolicy: Retain\n",
			"  capacity: 1\n", 1)))
	if len(got) != 1 || got[0].Path != "k8s/b.yaml" || got[0].Removed || got[0].Line != 2 {
		t.Errorf("got %+v", got)
	}
}

// Many files that hold the same object cost no more than they must, and hide
// nothing behind each other.
func TestManyFilesWithOneObject(t *testing.T) {
	var files []change.File
	for i := range 300 {
		text := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: a}\ndata: {n: '%d'}\n", i)
		files = append(files, detecttest.File(fmt.Sprintf("k8s/old%d.yaml", i), text, ""),
			detecttest.File(fmt.Sprintf("k8s/new%d.yaml", i), "", text))
	}
	if got := said(files...); len(got) == 0 || !strings.HasPrefix(got[0], "kubernetes/unreadable ConfigMap a/one") {
		t.Errorf("got %v", got)
	}
}
