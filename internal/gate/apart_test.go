package gate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestKindsAreApart: what is written for the gates of one kind reads no field of
// another kind's. Only the fold as a whole knows all parts.
func TestKindsAreApart(t *testing.T) {
	parts := map[string]string{"Pull": "PullState", "Group": "GroupState", "Deployment": "DeploymentState", "WorkflowRun": "RunState"}
	state := reflect.TypeFor[gate.State]()
	for part, of := range parts {
		if f, has := state.FieldByName(part); !has || f.Type.Name() != of {
			t.Fatalf("a gate has no part %s of type %s", part, of)
		}
	}
	own := map[string][]string{ // a file: the parts that it may name
		"pull.go": {"Pull"}, "said.go": {"Pull"}, "group.go": {"Group"}, "deploy.go": {"Deployment"}, "run.go": {"WorkflowRun"},
		"choice.go": nil, "count.go": nil, "override.go": nil, "names.go": nil,
		"passkey.go": nil, "event_streams.go": nil, "lane.go": nil,
	}
	for _, file := range slices.Sorted(maps.Keys(own)) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				from, plain := n.X.(*ast.Ident)
				if _, is := parts[n.Sel.Name]; is && plain && (from.Name == "s" || from.Name == "pull") &&
					!slices.Contains(own[file], n.Sel.Name) {
					t.Errorf("%s reads %s.%s", file, from.Name, n.Sel.Name)
				}
			case *ast.Ident:
				for part, of := range parts {
					if n.Name == of && !slices.Contains(own[file], part) {
						t.Errorf("%s names %s", file, of)
					}
				}
			}
			return true
		})
	}
	for i := range state.NumField() { // what a name ties to a kind belongs to its part
		name := state.Field(i).Name
		for part := range parts {
			if name != part && strings.HasPrefix(name, part) {
				t.Errorf("a gate of any kind has %s", name)
			}
		}
	}
}
