package kubernetes

import (
	"slices"
	"strings"
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

// An object of a chart that stays where it is and is shut in by a directive may be
// left out: it counts as gone, unless it was shut in so before.
func TestWhatADirectiveMayLeaveOut(t *testing.T) {
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n"
	shut := func(by, text string) string { return "{{- " + by + " }}\n" + text + "{{- end }}\n" }
	for name, c := range map[string]struct {
		before, after, added string
		gone                 bool
	}{
		"never":                   {claim, shut("if false", claim), "", true},
		"by a value":              {claim, shut("if .Values.old", claim), "", true},
		"in a definition":         {claim, shut(`define "x"`, claim), "", true},
		"otherwise":               {claim, "{{ if .Values.a }}\n{{ else }}\n" + claim + "{{ end }}\n", "", true},
		"its documents apart":     {claim, "{{ if .Values.a }}\n---\n" + claim + "---\n{{ end }}\n", "", true},
		"from its kind on":        {claim, "apiVersion: v1\n{{ if .a }}\n" + claim[len("apiVersion: v1\n"):] + "{{ end }}\n", "", true},
		"by another value":        {shut("if .Values.a", claim), shut("if .Values.b", claim), "", true},
		"by one more":             {shut("if .Values.a", claim), shut("if .Values.a", shut("if .Values.b", claim)), "", true},
		"where another thing was": {shut("if .Values.a", ingress) + "---\n" + claim, shut("if .Values.a", ingress+"---\n"+claim), "", true},
		"many times":              {claim, strings.Repeat(shut("if .Values.old", claim)+"---\n", maxPairs+5), "", true},
		"as it was":               {shut("if .Values.a", claim), "# A comment.\n" + shut("if .Values.a", claim), "", false},
		"no more":                 {shut("if .Values.a", claim), claim, "", false},
		"a part of it":            {claim, claim + "{{- with .Values.more }}\nstatus: {{ . }}\n{{- end }}\n", "", false},
		"into another template's": {claim + "---\n" + shut("if .Values.a", ingress), shut("if .Values.a", ingress),
			shut("if .Values.a", claim), true},
		"into another template":     {claim + "---\n" + shut("if .Values.a", ingress), shut("if .Values.a", ingress), claim, false},
		"out of another thing's if": {shut("if .Values.a", ingress+"---\n"+claim), shut("if .Values.a", ingress), claim, false},
	} {
		files := []change.File{detecttest.File("chart/templates/a.yaml", c.before, c.after)}
		if c.added != "" {
			files = append(files, detecttest.File("chart/templates/b.yaml", "", c.added))
		}
		if got := slices.Contains(detecttest.IDs(New(), files...), "stateful-deleted"); got != c.gone {
			t.Errorf("%s: it is reported as deleted: %v", name, got)
		}
	}
}
