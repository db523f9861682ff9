//go:build differential

package tree

import (
	"encoding/json"
	"hash/fnv"
	"os/exec"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// python reads a list of texts and says of each at which path it has which text, in
// the YAML of 1.1 that most tools read. Null where it refuses the text.
const python = `
import json, sys, yaml
class L(yaml.SafeLoader): pass
def scalar(l, n): return l.construct_scalar(n)
def other(l, suffix, n):
    if isinstance(n, yaml.ScalarNode): return l.construct_scalar(n)
    if isinstance(n, yaml.SequenceNode): return l.construct_sequence(n, deep=True)
    return l.construct_mapping(n, deep=True)
for tag in ("null", "bool", "int", "float", "timestamp", "binary", "str", "value"):
    L.add_constructor("tag:yaml.org,2002:" + tag, scalar)
for tag in ("omap", "pairs", "set"):
    L.yaml_constructors.pop("tag:yaml.org,2002:" + tag, None)
L.yaml_constructors.pop(None, None)
L.add_multi_constructor("", other)
def walk(v, path, out, depth=0):
    if depth > 50: return
    if isinstance(v, dict):
        for k, w in v.items(): walk(w, path + [str(k)], out, depth + 1)
    elif isinstance(v, list):
        for i, w in enumerate(v): walk(w, path + [str(i)], out, depth + 1)
    elif isinstance(v, str): out.append(["/".join(path), v])
for text in json.load(sys.stdin):
    try:
        out = []
        for doc in yaml.load_all(text, L):
            walk(doc, [], out)
    except Exception: out = None
    print(json.dumps(out))
`

// What Python's reader of YAML finds under a path is there for ours too.
func TestWhatPythonReadsOfYAMLIsSeen(t *testing.T) {
	soup := detecttest.Soup{Most: 5, Joins: []string{"\n", "\n", "\n  ", " "},
		Canaries: []string{"canary_@", "canary_@\n", "a: canary_@\n", "b: canary_@\n", "\na: canary_@\n", "- canary_@\n", "  c: canary_@\n", "\"canary_@\"\n",
			"'canary_@'\n", "{a: canary_@}\n", "[canary_@]\n", "&x canary_@\n", "c: &x {a: canary_@}\n", "d: {<<: *x, b: canary_@}\n", "\"canary_\\x31@\"\n",
			"k: |\n  canary_@\n", "k: >\n  canary_@\n  canary_@\n", "e: canary_@ # b\n", "run: &y\n  canary_@\n"},
		Pieces: []string{"a: ", "b:\n", "a:\n  ", "\n  ", "\n    ", "- ", "- - ", "? ", ": ", "? a\n", "&x ", "*x", "*x\n", "c: *x\n", "<<: *x\n", "<<: [*x, *y]\n", "  <<: *x\n",
			"!!str ", "!t ", "!<tag:yaml.org,2002:str> ", "!!map ", "!!merge ", "|\n", ">\n", "|2\n", ">-\n", "|+\n", "|1-\n", "'", "''", "\"", "\\u0041", "\\x41", "\\\n", "\\/", "\\e",
			"\\\"", "[", "]", "{", "}", ",", "#", " #", " # a\n", "---\n", "--- ", "...\n", "%YAML 1.1\n", "%TAG ! tag:a,2000:\n", "\t", "\r", "\r\n", "\ufeff", "\u0085", "\u2028", "\u00a0",
			"true: ", "yes: ", "on: ", "on:\n", "no", "~: ", "~", "null", "0x1f: ", "010: ", "1_000: ", "1.0: ", "a: b: ", "a b: ", "\"a\\tb\": ", "'a': ", "=: ", "=", "-", "--", ":", "::", "a:b",
			"a :", "a : ", "http://a: ", "@", "`", "%", "$a: ", "${{ a }}", "{{ a }}", "? [a]\n: ", "? {a: b}\n: ", "{a: ", "{a, ", "{a: b, a: ", "[a, b]: ", "\"a\":b", "{\"a\":", "x"}}
	soup.Against(t, 1, 3000, func(texts []string) ([]detecttest.Numbers, error) {
		in, _ := json.Marshal(texts)
		cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "-I", "-c", python)
		cmd.Stdin = strings.NewReader(string(in))
		said, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		var out []detecttest.Numbers
		for line := range strings.Lines(string(said)) {
			var has [][2]string
			if err := json.Unmarshal([]byte(line), &has); err != nil {
				return nil, err
			}
			one := detecttest.Numbers{}
			for _, v := range has {
				if strings.Contains(v[1], "canary_") {
					one[number(v[0], v[1])] = true
				}
			}
			out = append(out, one)
		}
		return out, nil
	}, seen)
}

// number tells a text at a path from all others.
func number(path, text string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(path + "\x00" + strings.TrimSpace(text)))
	return int(h.Sum32())
}

func seen(text string) detecttest.Numbers {
	docs, err := ParseYAML(text)
	if err != nil {
		return detecttest.Numbers{detecttest.Unread: true}
	}
	out := detecttest.Numbers{}
	for _, doc := range docs {
		Walk(doc, func(path []string, n *Node) bool {
			if n.Kind == Scalar {
				out[number(strings.Join(path, "/"), n.Text)] = true
			}
			return true
		})
	}
	return out
}
