//go:build linux && !race

package catalog_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/policy"
)

// wholes are texts in which there is much to lose, and to find again elsewhere.
var wholes = []struct{ name, at, to, unit string }{
	{"claims", "k8s/a.yaml", "k8s/b.yaml", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a§}\nspec: {}\n---\n"},
	{"claims of one name", "k8s/a.yaml", "k8s/b.yaml", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {}\n---\n"},
	{"claims to another environment", "prod/a.yaml", "staging/b.yaml",
		"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {}\n---\n"},
	{"templated claims", "chart/templates/a.yaml", "chart/templates/b.yaml",
		"{{ if .a§ }}\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a§}\nspec: {}\n{{ end }}\n---\n"},
	{"databases", "infra/a.tf", "infra/b.tf", "resource \"aws_db_instance\" \"a§\" {\n}\n"},
	{"databases of one name", "infra/a.tf", "infra/b.tf", "resource \"aws_db_instance\" \"a\" {\n}\n"},
	{"databases of another folder", "infra/a.tf", "other/b.tf", "resource \"aws_db_instance\" \"a§\" {\n}\n"},
	{"moved databases", "infra/a.tf", "infra/b.tf",
		"resource \"aws_db_instance\" \"a§\" {\n}\nmoved {\n  from = aws_db_instance.a§\n  to   = module.m.aws_db_instance.a§\n}\n"},
	{"calls of modules", "infra/a.tf", "infra/m/b.tf",
		"module \"m§\" {\n  source = \"./m\"\n}\nresource \"aws_db_instance\" \"a§\" {\n}\n"},
	{"tables", "db/migrate/1.up.sql", "db/migrate/1.down.sql", "DROP TABLE a§;\nCREATE TABLE a§ (b int);\n"},
	{"packages", "web/package.json", "web/package-lock.json", "\"a§\": {\"version\": \"1\"},\n"},
	{"kustomizations", "k8s/a.yaml", "k8s/kustomization.yaml",
		"resources: [a§.yaml]\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a§}\n---\n"},
}

func gone(p, text string) change.File {
	return change.File{Path: p, Status: change.Removed, PreviousMode: change.ModeFile, Before: change.TextOf(text), After: change.NoText()}
}

func come(p, text string) change.File {
	return change.File{Path: p, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(), After: change.TextOf(text)}
}

// What a change as a whole costs grows with it alone: all in two files, and a
// piece in each of many.
func TestChangesAreLinear(t *testing.T) {
	for _, c := range wholes {
		row := growthRow{parts: []string{"", c.unit, "", ""}}
		for shape, files := range map[string]func(size int) []change.File{
			"in two files": func(size int) []change.File {
				return []change.File{gone(c.at, row.text(size)), come(c.to, row.text(size))}
			},
			"shut in where it is": func(size int) []change.File {
				text := row.text(size - size/8) // with what shuts it in no more than is read of one file
				f := come(c.at, "{{ if .x }}\n"+text+"{{ end }}\n")
				f.Status, f.Before = change.Modified, change.TextOf(text)
				return []change.File{f}
			},
			"in many files": func(size int) []change.File {
				var out []change.File
				for i := range min(size/400, 3000) {
					unit := strings.ReplaceAll(c.unit, "§", fmt.Sprint(i))
					out = append(out, gone(numbered(c.at, i), unit), come(numbered(c.to, i), unit))
				}
				return out
			},
			"in many folders": func(size int) []change.File {
				var out []change.File
				for i := range min(size/400, 3000) {
					unit := strings.ReplaceAll(c.unit, "§", "")
					out = append(out, gone(fmt.Sprintf("f%d/%s", i, c.at), unit), come(fmt.Sprintf("f%d/%s", i, c.to), unit))
				}
				return out
			},
		} {
			for _, d := range catalog.All(policy.FileReader{}) {
				whole, ok := d.(detect.Whole)
				if !ok {
					continue
				}
				detecttest.Linear(t, d.Name()+": "+c.name+" "+shape, 16<<10, func(size int) func() {
					all := change.Change{Repository: "acme/shop", Files: files(size)}
					return func() { _ = bound.Catch(func() { whole.DetectChange(&all, detect.NewReport("")) }) }
				})
			}
			if testing.Short() {
				break // one of the shapes
			}
		}
	}
}

// numbered is a path with a number in its name.
func numbered(p string, n int) string {
	ext := path.Ext(p)
	return fmt.Sprintf("%s%d%s", strings.TrimSuffix(p, ext), n, ext)
}
