package terraform

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// A resource that is gone from a directory is still there where a moved block of
// that directory leads to what is certainly applied with it, and nowhere else.
func TestWhereAMovedBlockLeads(t *testing.T) {
	table := res("aws_dynamodb_table", "orders", `name = "orders"`)
	moved := "moved {\n  from = aws_dynamodb_table.orders\n  to   = module.data.aws_dynamodb_table.orders\n}\n"
	call := "module \"data\" {\n  source = \"./data\"\n}\n"
	gone := detecttest.File("infra/a.tf", table+"locals {}\n", "locals {}\n")
	for name, c := range map[string]struct {
		files []change.File
		stays bool
	}{
		"into a module that is called": {[]change.File{detecttest.File("infra/b.tf", "", moved+call),
			detecttest.File("infra/data/c.tf", "", table)}, true},
		"without a moved block": {[]change.File{detecttest.File("infra/b.tf", "", call),
			detecttest.File("infra/data/c.tf", "", table)}, false},
		"without the call": {[]change.File{detecttest.File("infra/b.tf", "", moved),
			detecttest.File("infra/data/c.tf", "", table)}, false},
		"without the resource": {[]change.File{detecttest.File("infra/b.tf", "", moved+call),
			detecttest.File("infra/data/c.tf", "", "locals {}\n")}, false},
		"to another folder than the call's": {
			[]change.File{detecttest.File("infra/b.tf", "", moved+call), detecttest.File("infra/attic/c.tf", "", table)}, false},
		"by a block of another directory": {
			[]change.File{detecttest.File("other/b.tf", "", moved+call), detecttest.File("other/data/c.tf", "", table)}, false},
		"by a block in the module itself": {
			[]change.File{detecttest.File("infra/b.tf", "", call), detecttest.File("infra/data/c.tf", "", moved+table)}, false},
		"by a block that only OpenTofu reads": {
			[]change.File{detecttest.File("infra/b.tofu", "", moved+call), detecttest.File("infra/data/c.tf", "", table)}, false},
		"to a resource that only OpenTofu reads": {
			[]change.File{detecttest.File("infra/b.tf", "", moved+call), detecttest.File("infra/data/c.tofu", "", table)}, false},
		"to a file that nobody applies": {
			[]change.File{detecttest.File("infra/b.tf", "", moved+call), detecttest.File("infra/data/c.tf.bak", "", table)}, false},
		"to a module of elsewhere": {
			[]change.File{detecttest.File("infra/b.tf", "",
				moved+"module \"data\" {\n  source = \"git::https://example.com/data\"\n}\n"),
				detecttest.File("infra/data/c.tf", "", table)}, false},
	} {
		got := slices.ContainsFunc(runFiles(append([]change.File{gone}, c.files...)...), func(o string) bool {
			return o == "stateful-deleted aws_dynamodb_table.orders"
		})
		if got == c.stays {
			t.Errorf("%s: it is reported as deleted: %v", name, got)
		}
	}
}

// What lets go of a resource without destroying it does so for who reads it.
func TestWhoReadsARemovedBlock(t *testing.T) {
	table := res("aws_dynamodb_table", "orders", `name = "orders"`)
	removed := "removed {\n  from = aws_dynamodb_table.orders\n  lifecycle {\n    destroy = false\n  }\n}\n"
	for path, stays := range map[string]bool{"infra/b.tf": true, "infra/b.tofu": false, "other/b.tf": false, "infra/b.tf.bak": false} {
		got := runFiles(detecttest.File("infra/a.tf", table+"locals {}\n", "locals {}\n"), detecttest.File(path, "", removed))
		if deleted := slices.Contains(got, "stateful-deleted aws_dynamodb_table.orders"); deleted == stays {
			t.Errorf("let go of in %s: it is reported as deleted: %v", path, deleted)
		}
	}
}
