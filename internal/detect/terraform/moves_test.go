package terraform

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

// res writes one resource in the language.
func res(typ, name string, lines ...string) string {
	s := "resource \"" + typ + "\" \"" + name + "\" {\n"
	for _, l := range lines {
		s += "  " + l + "\n"
	}
	return s + "}\n"
}

// drawBlock writes a block of a few names and settings, so that what is drawn
// meets what was drawn before.
func drawBlock(t *rapid.T, names []string) string {
	name := rapid.SampledFrom(names).Draw(t, "name")
	switch rapid.SampledFrom([]string{"db", "db", "db", "acl", "module", "provider", "variable", "backend", "moved",
		"removed"}).Draw(t, "kind") {
	case "acl":
		return res("aws_s3_bucket_public_access_block", name, drawSettings(t, "block_public_acls = true", "block_public_policy = true"))
	case "module":
		return fmt.Sprintf("module %q {\n  source = \"./db\"\n}\n", name)
	case "provider":
		return fmt.Sprintf("provider %q {\n  region = %q\n}\n", name, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "region"))
	case "variable":
		return fmt.Sprintf("variable %q {\n  default = %v\n}\n", "deletion_protection_"+name, rapid.Bool().Draw(t, "default"))
	case "backend":
		return fmt.Sprintf("terraform {\n  backend \"s3\" {\n    key = %q\n  }\n}\n", name)
	case "moved":
		return fmt.Sprintf("moved {\n  from = aws_db_instance.%s\n  to   = aws_db_instance.%s\n}\n", name,
			rapid.SampledFrom(names).Draw(t, "to"))
	case "removed":
		return fmt.Sprintf("removed {\n  from = aws_db_instance.%s\n  lifecycle {\n    destroy = false\n  }\n}\n", name)
	}
	return res("aws_db_instance", name, drawSettings(t, "identifier = \"x\"", "deletion_protection = true",
		"deletion_protection = false", "backup_retention_period = 7", "count = 2", "provider = aws.b",
		"publicly_accessible = true", "lifecycle {\n    prevent_destroy = true\n  }"))
}

func drawSettings(t *rapid.T, from ...string) string {
	var out []string
	keys := map[string]bool{}
	for _, s := range from {
		if key, _, _ := strings.Cut(s, " "); rapid.Bool().Draw(t, "set") && !keys[key] {
			keys[key] = true
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n  ")
}

func drawText(t *rapid.T, names []string) string {
	var b strings.Builder
	for range rapid.IntRange(0, 3).Draw(t, "blocks") {
		b.WriteString(drawBlock(t, names))
	}
	return b.String()
}

var paths = []string{"infra/a.tf", "infra/b.tf", "infra/c.tf", "infra/override.tf", "envs/production/a.tf", "envs/staging/a.tf",
	"infra/.x.tf"}

func drawFiles(t *rapid.T) []change.File {
	var out []change.File
	for _, p := range rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 3, rapid.ID[string]).Draw(t, "paths") {
		before, after := drawText(t, []string{"one", "two"}), drawText(t, []string{"one", "two"})
		if before+after != "" {
			out = append(out, detecttest.File(p, before, after))
		}
	}
	if len(out) == 0 {
		out = append(out, detecttest.File("infra/a.tf", "locals {}\n", ""))
	}
	return out
}

// whole counts what DetectChange says of each kind, and what it hides.
func whole(files []change.File) (counts map[string]int, total int) {
	r := detect.NewReport("")
	New().(detect.Whole).DetectChange(&change.Change{Files: files}, r)
	counts = map[string]int{}
	for _, o := range r.Observations() {
		counts[o.Kind.ID+" "+o.Object+" "+o.Detail]++
	}
	return counts, len(r.Observations()) + r.Hidden
}

func TestAFileThatIsAddedTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		// It names other addresses than those that the change may remove.
		added := detecttest.File(rapid.SampledFrom([]string{"infra/z.tf", "infra/z_override.tf", "envs/staging/z.tf",
			"README.md"}).Draw(t, "added"), "", drawText(t, []string{"three", "four"})+"locals {}\n")
		before, n := whole(files)
		at := rapid.IntRange(0, len(files)).Draw(t, "at")
		after, m := whole(slices.Insert(slices.Clone(files), at, added))
		for what, count := range before {
			if strings.HasPrefix(what, "terraform/state-backend-changed") {
				count = 0 // the added file may hold the backend: it is the removed block's own successor
			}
			if after[what] < count {
				t.Fatalf("%q is reported %d times, and %d times with %s added", what, count, after[what], added.Path)
			}
		}
		if !strings.Contains(added.After.Body, "backend") && m < n {
			t.Fatalf("%d observations, and %d with %s added", n, m, added.Path)
		}
	})
}

// What is weaker after a move is reported as it would be without one.
func TestAMoveHidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []string{"identifier = \"x\"", "deletion_protection = true", "backup_retention_period = 7",
			"storage_encrypted = true", "lifecycle {\n    prevent_destroy = true\n  }"}
		before := res("aws_db_instance", "main", strings.Join(all, "\n  "))
		weaker := res("aws_db_instance", "main", drawSettings(t, append(all, "identifier = \"y\"", "publicly_accessible = true")...))
		inPlace := runFiles(detecttest.File("infra/a.tf", before, weaker))
		rest := rapid.SampledFrom([]string{"", "locals {}\n", before[:0] + res("aws_s3_bucket", "logs", "")}).Draw(t, "rest")
		files := []change.File{detecttest.File("infra/a.tf", before+rest, rest),
			detecttest.File("infra/b.tf", rapid.SampledFrom([]string{"", "locals {}\n"}).Draw(t, "was"), weaker)}
		if rapid.Bool().Draw(t, "turned") {
			slices.Reverse(files)
		}
		moved := runFiles(files...)
		for _, o := range inPlace {
			if !slices.Contains(moved, o) {
				t.Fatalf("in place %v, moved %v", inPlace, moved)
			}
		}
		if len(moved) != len(inPlace) {
			t.Fatalf("in place %v, moved %v", inPlace, moved)
		}
	})
}

func TestWhatMovedIsShownWhereItIsNow(t *testing.T) {
	d := New()
	before := "# one\n" + res("aws_db_instance", "main", "deletion_protection = true\n  backup_retention_period = 7")
	after := "# one\n# two\n" + res("aws_db_instance", "main", "deletion_protection = false")
	for _, o := range detecttest.Observe(d, detecttest.File("infra/a.tf", before, ""), detecttest.File("infra/b.tf", "", after)) {
		want := map[string]int{"terraform/deletion-unguarded": 4, "terraform/recovery-weakened": 3}[o.Kind.ID]
		if o.Path != "infra/b.tf" || o.Removed || o.Line != want {
			t.Errorf("%s at %s:%d, removed %v; want line %d", o.Kind.ID, o.Path, o.Line, o.Removed, want)
		}
	}
}

// Many files that say the same again cost no more than they must, and hide
// nothing behind each other.
func TestManyDeclarationsOfOneAddress(t *testing.T) {
	var files []change.File
	for i := range 300 {
		files = append(files, detecttest.File(fmt.Sprintf("infra/old%d.tf", i),
			res("aws_db_instance", "main", fmt.Sprintf("deletion_protection = true\n  port = %d", i)), ""))
		files = append(files, detecttest.File(fmt.Sprintf("infra/new%d.tf", i), "",
			res("aws_db_instance", "main", fmt.Sprintf("deletion_protection = true\n  port = %d", i))))
	}
	if got := runFiles(files...); !slices.Contains(got, "unreadable aws_db_instance.main") {
		t.Errorf("got %v", got)
	}
}
