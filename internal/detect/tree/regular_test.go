package tree

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// alike fails where the fast reader gives something else than the parser.
func alike(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) bool {
	t.Helper()
	fast, ok := parseRegular(text, 3)
	if !ok {
		return false
	}
	slow, err := parseAny(text, 3)
	if err != nil {
		t.Fatalf("the parser refuses %q: %v", text, err)
	}
	if fast.Kind == Null && len(slow) == 0 {
		return true
	}
	if len(slow) != 1 || !reflect.DeepEqual(slow[0], fast) {
		t.Fatalf("%q\nis  %s\nnot %s", text, dump(slow), dump([]*Node{fast}))
	}
	return true
}

func dump(docs []*Node) string {
	var b strings.Builder
	for _, d := range docs {
		Walk(d, func(path []string, n *Node) bool {
			b.WriteString(strings.Join(path, ".") + "=" + n.Text + "@" + strings.Repeat("i", n.Line) + " ")
			return true
		})
	}
	return b.String()
}

const everyday = `# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop # of ours
  labels: {app: shop, "x/y": 'z', n: 1}
  annotations: {}
spec:
  args: ["--a=b", '--c', d, [e, {f: g}]]
  list:
  - a
  -  b: c
     d: ~
  - - e
    - "f"
  nested:
    - name: x

      value: http://x:80/y?z
  script: |
    set -e

      indented # no comment
    end

  other: |-
    one
  empty:
  also: # nothing
  last: -1
end:
`

func TestRegularReadsWhatPeopleWrite(t *testing.T) {
	if !alike(t, everyday) || !alike(t, "---\n"+everyday) {
		t.Error("an everyday text is left to the parser")
	}
}

// What is wrong, or could be read in two ways, is left to the parser.
func TestRegularLeavesTheRest(t *testing.T) {
	for _, text := range []string{"", "a", "a: &x b\nc: *x\n", "a: !t b\n", "a: b: c\n", "a: b\n  c\n", "a: b\n   c: d\n",
		"a:\n  b: c\n d: e\n", "- a\nb: c\n", "a: [b\n  ]\n", "a: \"b\\n\"\n", "a: >\n  b\n",
		"a: |\n\n  b\n", "a: |\n  b", "<<: {a: b}\n", "? a\n: b\n", "a: b\n---\nc: d\n", "a: 'b''c'\n", "a:\tb\n", "a: b\r\n",
		"a: {{ b }}\n", "a: @b\n", "%YAML 1.2\n---\na: b\n", "a: [b,]\n", "a: [b: c]\n", "a: |2\n   b\n",
		"a: \"b\" c\n", "a: [b] c\n", "a: \u2028b\n", "a: \ufeffb\n", " a: b\n", "a: - b\n", "- \n", "a: b\n- c\n"} {
		if doc, ok := parseRegular(text, 1); ok {
			t.Errorf("%q is read as %s", text, dump([]*Node{doc}))
		}
	}
}

// drawYAML writes lines of pieces that mean something, right or wrong.
func drawYAML(t *rapid.T) string {
	var b strings.Builder
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		b.WriteString(strings.Repeat(" ", rapid.SampledFrom([]int{0, 0, 0, 2, 2, 4, 1, 3, 6}).Draw(t, "indent")))
		for range rapid.IntRange(0, 4).Draw(t, "pieces") {
			b.WriteString(rapid.SampledFrom([]string{"a: ", "b: ", "c:", "- ", "-", "x", "y z", "\"q\"", "'s'", "|", "|-", "#",
				" # c", "[", "]", "{", "}", ", ", ",", "~", "null", ":", "0", "-1", "&a", "*a", "!t", ">", "?", "%", "\"a\": ",
				"[x, 'y']", "{k: v}", "\u00e9", " ", "---", "..."}).Draw(t, "piece"))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestRegularReadsAsTheParserDoes(t *testing.T) {
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			if alike(t, drawYAML(t)) {
				read++
			}
		}
	})
	if read == 0 {
		t.Error("nothing was read")
	}
}

func FuzzRegular(f *testing.F) {
	f.Add(everyday)
	f.Add("a: |\n  b\n\n\nc: d\n")
	f.Add("- - a: b\n    c: |-\n      d\n- {a: [b, c]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 10_000 {
			alike(t, text)
		}
	})
}
