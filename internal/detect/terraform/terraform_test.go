package terraform

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// run judges one file, and returns the ids with the objects they are about.
func run(path, before, after string) []string {
	f := change.File{Path: path, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
	if before == "" {
		f.Before, f.Status = change.NoText(), change.Added
	}
	if after == "" {
		f.After, f.Status = change.NoText(), change.Removed
	}
	return runFiles(f)
}

func runFiles(files ...change.File) []string {
	d := New()
	r := detect.NewReport(files[0].Path)
	for i := range files {
		if d.Wants(&files[i]) {
			d.Detect(&files[i], r)
		}
	}
	d.(detect.Whole).DetectChange(&change.Change{Files: files}, r)
	var out []string
	for _, o := range r.Observations() {
		out = append(out, strings.TrimPrefix(o.Kind.ID, "terraform/")+" "+o.Object)
	}
	return out
}

func TestHostileFilesAreRefused(t *testing.T) {
	tail := strings.Repeat("x", 10)
	for name, text := range map[string]string{
		"brackets": "a = " + strings.Repeat("[", 500_000), "parens": "a = " + strings.Repeat("(", 500_000),
		"blocks":    strings.Repeat("a {", 200_000),
		"templates": "a = " + strings.Repeat(`"${`, 200_000), "bangs": "a = " + strings.Repeat("!", 900_000) + tail,
		"minus":   "a = (" + strings.Repeat("-\n", 300_000) + "1)",
		"ternary": "a = " + strings.Repeat("b ? c : ", 100_000) + "d", "size": strings.Repeat("a = 1\n", 300_000),
		"control": "a = \"" + strings.Repeat("%{ if a }", 90_000) + "\"", "spaced": "a = " + strings.Repeat("! ", 400_000) + tail,
		"hidden": "# x\na = " + strings.Repeat("!", 900_000) + "b # comment",
	} {
		got := run("main.tf", "", text)
		if len(got) != 1 || got[0] != "unreadable " {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLongButFlatFilesAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"sum":    "locals {\n a = " + strings.Repeat("1 + ", 50_000) + "1\n}\n",
		"index":  "locals {\n a = b" + strings.Repeat(".c", 50_000) + "\n}\n",
		"dashes": "# " + strings.Repeat("-", 5_000) + "\nlocals {\n  a = 1\n}\n",
		"and":    "locals {\n a = " + strings.Repeat("x && ", 30_000) + "y\n}\n",
	} {
		if got := run("main.tf", "", text); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAResourceThatMovesBetweenFilesIsNotDeleted(t *testing.T) {
	table := res("aws_dynamodb_table", "orders", `name = "orders"`)
	from := change.File{Path: "infra/a.tf", Status: change.Modified, Before: change.TextOf(table + "locals {}\n"),
		After: change.TextOf("locals {}\n")}
	to := change.File{Path: "infra/b.tf", Status: change.Added, Before: change.NoText(), After: change.TextOf(table)}
	if got := runFiles(from, to); len(got) != 0 {
		t.Errorf("moved within the directory: %v", got)
	}
	to.Path = "other/b.tf"
	if got := runFiles(from, to); len(got) != 1 || got[0] != "stateful-deleted aws_dynamodb_table.orders" {
		t.Errorf("moved to another directory: %v", got)
	}
}

func FuzzDetect(f *testing.F) {
	for _, e := range New().Kinds() {
		f.Add(e.FiresBefore, e.Fires)
		f.Add(e.QuietBefore, e.Quiet)
	}
	f.Add("resource \"a\" \"b\" {\n x = <<EOF\n${var.a}\nEOF\n}", "{\"resource\": {\"aws_s3_bucket\": {\"a\": {}}}}")
	f.Fuzz(func(t *testing.T, before, after string) {
		cutsAsParsed(t, after)
		for _, path := range []string{"main.tf", "main.tf.json", "prod.tfvars", "override.tf", "rds/terragrunt.hcl", "a.tfstate"} {
			run(path, before, after)
			if got := run(path, after, after); after != "" && len(got) != 0 {
				t.Fatalf("no change, but %v", got)
			}
		}
	})
}

// cutsAsParsed holds that a file read block by block declares what it declares
// when read whole.
func cutsAsParsed(t *testing.T, text string) {
	whole, err := parse("main.tf", text)
	chunks, ok := split(text)
	if err != nil || !ok {
		return
	}
	pieces := newFile()
	if err := pieces.parse("main.tf", chunks, nil); err != nil {
		t.Fatalf("the whole parses, its blocks do not: %v", err)
	}
	if a, b := sorted(whole.resources), sorted(pieces.resources); !slices.Equal(a, b) {
		t.Fatalf("whole %v, blocks %v", a, b)
	}
}

func TestABlockKeepsItsLinesWhenReadAlone(t *testing.T) {
	before := "# one\n\nresource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n\nresource \"aws_db_instance\" \"b\" {\n  " +
		"name = <<EOF\n}\nEOF\n  deletion_protection = true\n}\n"
	after := strings.Replace(before, "= true", "= false", 1)
	f := change.File{Path: "main.tf", Before: change.TextOf(before), After: change.TextOf(after)}
	r := detect.NewReport(f.Path)
	New().Detect(&f, r)
	if o := r.Observations(); len(o) != 1 || o[0].Line != 11 || o[0].Object != "aws_db_instance.b" {
		t.Errorf("got %+v", o)
	}
}

func BenchmarkDetect(b *testing.B) {
	var text strings.Builder
	for _, e := range New().Kinds() {
		text.WriteString(e.Fires)
	}
	f := change.File{Path: "main.tf", Status: change.Added, Before: change.NoText(), After: change.TextOf(text.String())}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		New().Detect(&f, detect.NewReport(f.Path))
	}
}
