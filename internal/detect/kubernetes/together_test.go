package kubernetes

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {accessModes: [ReadWriteOnce]}\n"

// A claim that is gone from its file is still there where one who applies that
// file certainly applies the one that holds it now, and nowhere else.
func TestWhereAMoveIsOne(t *testing.T) {
	list := func(dir, names string) change.File {
		return detecttest.File(dir+"/kustomization.yaml", "resources: [pvc.yaml]\n", "resources: ["+names+"]\n")
	}
	for name, c := range map[string]struct {
		from, to, text string
		renamed, stays bool
		more           []change.File
	}{
		"another file of the folder": {from: "k8s/pvc.yaml", to: "k8s/data.yaml", stays: true},
		"listed in its place": {from: "k8s/pvc.yaml", to: "k8s/data.yaml", stays: true,
			more: []change.File{list("k8s", "data.yaml")}},
		"left out of the list":          {from: "k8s/pvc.yaml", to: "k8s/data.yaml", more: []change.File{list("k8s", "app.yaml")}},
		"another template of the chart": {from: "chart/templates/pvc.yaml", to: "chart/templates/data/pvc.yaml", stays: true},
		"another chart":                 {from: "a/templates/pvc.yaml", to: "b/templates/pvc.yaml"},
		"a folder beside":               {from: "k8s/pvc.yaml", to: "attic/pvc.yaml"},
		"a folder below":                {from: "k8s/pvc.yaml", to: "k8s/attic/pvc.yaml"},
		"the folder above":              {from: "k8s/data/pvc.yaml", to: "k8s/pvc.yaml"},
		"from the root":                 {from: "pvc.yaml", to: "examples/pvc.yaml"},
		"a patch that deletes it":       {from: "k8s/pvc.yaml", to: "k8s/delete.yaml", text: claim + "$patch: delete\n"},
		"a patch to it": {from: "k8s/pvc.yaml", to: "k8s/patch.yaml",
			text: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"},
		"only for tools": {from: "k8s/pvc.yaml", to: "k8s/data.yaml",
			text: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop, annotations: " +
				"{config.kubernetes.io/local-config: 'true'}}\nspec: {}\n"},
		"renamed beside":                    {from: "k8s/pvc.yaml", to: "k8s/data.yaml", renamed: true, stays: true},
		"renamed into a folder below":       {from: "k8s/pvc.yaml", to: "k8s/data/pvc.yaml", renamed: true},
		"renamed into an attic below":       {from: "k8s/pvc.yaml", to: "k8s/attic/pvc.yaml", renamed: true},
		"renamed into a folder beside":      {from: "k8s/pvc.yaml", to: "attic/pvc.yaml", renamed: true},
		"renamed out of the chart":          {from: "chart/templates/pvc.yaml", to: "chart/pvc.yaml", renamed: true},
		"deleted by a patch where it stood": {from: "k8s/pvc.yaml", to: "k8s/pvc.yaml", text: claim + "$patch: delete\n"},
	} {
		t.Run(name, func(t *testing.T) {
			text := claim
			if c.text != "" {
				text = c.text
			}
			files := []change.File{detecttest.File(c.from, claim, ""), detecttest.File(c.to, "", text+"# moved\n")}
			switch {
			case c.renamed:
				f := detecttest.File(c.to, claim, claim+"# moved\n")
				f.Status, f.PreviousPath = change.Renamed, c.from
				files = []change.File{f}
			case c.from == c.to:
				files = []change.File{detecttest.File(c.from, claim, text)}
			}
			files = append(files, c.more...)
			if got := slices.Contains(detecttest.IDs(New(), files...), "stateful-deleted"); got == c.stays {
				t.Errorf("it is reported as deleted: %v", got)
			}
		})
	}
}
