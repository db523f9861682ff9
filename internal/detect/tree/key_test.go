package tree

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestMayHaveKey(t *testing.T) {
	for text, want := range map[string]bool{
		"op: add": true, "- op: add": true, "- {path: /x, op: add}": true, `[{"op": "add"}]`: true, "a:\n  'op' : x": true, "? op\n: x": true,
		"{\n\"op\"\n:\n1}": true, "- - op: x": true,
		"&a op: x": true, "&my-a op: x": true, "- !!str op: x": true, "{ !!str &a \"op\": x}": true, "a: &b op: x": false,
		"": false, "top: x": false, "node-op: x": false, "  re-op : x": false, "- node-op: x": false, "optional: x": false, "a: this op: x": false, "develop": false, "a: op": false,
	} {
		if got := MayHaveKey(text, "op"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestMayHaveKeyMissesNone: whatever is parsed with a key was not passed over.
func TestMayHaveKeyMissesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"op", "a", "stop", "op op", "- b", "x: y"})
		quote := rapid.SampledFrom([]string{"", "'", `"`}).Draw(t, "quote")
		space := rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "space")
		forms := []string{"%[1]sop%[1]s%[2]s: %[3]s\n", "&a %[1]sop%[1]s%[2]s: %[3]s\n", "- !!str %[1]sop%[1]s%[2]s: %[3]s\n",
			"- %[1]sop%[1]s%[2]s: %[3]s\n", "k: {a: b, %[1]sop%[1]s%[2]s: '%[3]s'}\n",
			"k:\n    - z: 1\n      %[1]sop%[1]s%[2]s: '%[3]s'\n", "# c\nk: [{%[1]sop%[1]s%[2]s: '%[3]s'}]\n"}
		text := fmt.Sprintf(rapid.SampledFrom(forms).Draw(t, "form"), quote, space, word.Draw(t, "value"))
		docs, err := ParseYAML(text)
		if err != nil {
			return
		}
		has := false
		for _, doc := range docs {
			Walk(doc, func(keys []string, _ *Node) bool {
				has = has || len(keys) > 0 && keys[len(keys)-1] == "op"
				return true
			})
		}
		if has && !MayHaveKey(text, "op") {
			t.Fatalf("%q has the key", text)
		}
	})
}
