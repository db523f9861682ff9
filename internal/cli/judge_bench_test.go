package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/policy"
)

// typicalLine is an agent's change of ten files of the sorts that most changes
// consist of, about 1 KB each side.
func typicalLine(tb testing.TB, n int) []byte {
	kinds := []struct{ path, text string }{
		{"web/src/page%d.ts",
			"export function total%d(items: Item[]): number {\n  return items.reduce((sum, item) => sum + item.price, 0);\n}\n"},
		{"internal/shop/cart%d.go",
			"package shop\n\n// Total adds up cart %d.\nfunc Total(items []Item) (sum int) {\n\tfor _, i := range items " +
				"{\n\t\tsum += i.Price\n\t}\n\treturn sum\n}\n"},
		{"docs/page%d.md", "# Page %d\n\nHow the shop adds up what is in the cart.\n"},
		{"config/service%d.yaml", "name: service%d\nreplicas: 3\nresources:\n  cpu: 200m\n"},
		{"db/migrations/%d_add.sql", "-- %d\nALTER TABLE orders ADD COLUMN note text;\n"},
		{"tests/test_%d.py", "def test_%d():\n    assert total([]) == 0\n"},
	}
	var files []fileLine
	for i := range 10 {
		k := kinds[(n+i)%len(kinds)]
		before := strings.Repeat(fmt.Sprintf(k.text, i), 1+900/len(k.text))
		after := before + fmt.Sprintf(k.text, n+1000)
		files = append(files, fileLine{Path: fmt.Sprintf(k.path, i), Status: "modified", Before: &before, After: &after})
	}
	line, err := json.Marshal(map[string]any{
		"id": fmt.Sprint(n), "repository": "acme/shop", "base": "b", "head": "h", "base_ref": "main", "head_ref": "copilot/fix",
		"title": "Add a note", "author": map[string]any{"login": "Copilot", "id": 198982749, "type": "Bot"},
		"commits": []map[string]any{{"sha": "h", "message": "Add a note\n\nAgent-Logs-Url: https://github.com/acme/shop/sessions/1"}},
		"files":   files,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return line
}

// BenchmarkJudgeLine is `gatehold judge` on one core: a line of JSON in, a
// line of JSON out, all packs in force.
func BenchmarkJudgeLine(b *testing.B) {
	rules := policy.EnforcedDefault()
	var lines [][]byte
	for n := range 64 {
		lines = append(lines, typicalLine(b, n))
	}
	b.SetBytes(int64(len(lines[0])))
	for i := 0; b.Loop(); i++ {
		if _, err := judgeLine(rules, lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}
