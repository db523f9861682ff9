package keeper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
)

// Every step that package gate declares is known on some kind of stream.
func TestEveryStepIsDone(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../gate/state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := keeper.New(keepertest.Whole(keeper.Config{}))
	steps := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || len(spec.Values) != 1 {
			return true
		}
		if typ, is := spec.Type.(*ast.Ident); !is || typ.Name != "Step" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if steps++; word == "" {
			return true
		}
		for _, kind := range gate.Held() {
			if k.Book.Gates.Knows(kind, gate.Step(word)) {
				return true
			}
		}
		if k.Book.Checks.Knows(gate.Check, gate.Step(word)) || k.Book.Repositories.Knows(gate.Repository, gate.Step(word)) ||
			k.Book.Environments.Knows(gate.Environment, gate.Step(word)) {
			return true
		}
		t.Errorf("nobody does the step %q", word)
		return true
	})
	if steps < 10 {
		t.Errorf("only %d steps were found", steps)
	}
}
