package judge

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

func TestCommandsOfOnesOwn(t *testing.T) {
	const row = "{ verbs: a, kind: command/drop-table, fires: [x a], quiet: [x b] }"
	own := layered(t, "version: 1\nextends: []\ncommands: [{ tool: x, rows: ["+row+"] }]\n", "version: 1\n")
	plain := layered(t, "version: 1\nextends: []\n", "version: 1\n")
	if own.Digest() == plain.Digest() {
		t.Error("commands are no part of what is in force")
	}
	if text := own.Explain().Text(); !strings.Contains(text, "x a: command/drop-table") {
		t.Errorf("it does not explain the commands:\n%s", text)
	}
	if said := policy.Differences(plain, own); !strings.Contains(strings.Join(said, "\n"), "x") {
		t.Errorf("%q", said)
	}
	for text, code := range map[string]string{
		"[{ tool: x, rows: [" + row + "] }]": "",
		"[{ tool: x, rows: [{ verbs: a, kind: command/drop-table, fires: [x b], quiet: [x c] }] }]":           "bad_example",
		"[{ tool: x, rows: [{ verbs: a, kind: command/drop-table, fires: [x a], quiet: [x a --dry-run] }] }]": "bad_example",
		"[{ tool: x, rows: [{ verbs: a, kind: command/drop-tables, fires: [x a], quiet: [x b] }] }]":          "unknown_detector",
		"[{ tool: x, rows: [{ verbs: a, kind: sql/drop-table, fires: [x a], quiet: [x b] }] }]":               "unknown_detector",
		"[{ tool: x, rows: [{ verbs: a, kind: command/unreadable, fires: [x a], quiet: [x b] }] }]":           "unknown_detector",
		"[{ tool: x, rows: [{ verbs: a, kind: command/drop-table, fires: [x a] }] }]":                         "missing_key",
		"[{ tool: x, rows: [{ verb: a, kind: command/drop-table, fires: [x a], quiet: [x b] }] }]":            "unknown_key",
		"[{ tool: \"*\", rows: [" + row + "] }]":                                                              "bad_value",
		"[{ tool: /bin/x, rows: [" + row + "] }]":                                                             "bad_value",
		"[{ rows: [" + row + "] }]":           "missing_key",
		"[{ tool: x }]":                       "missing_key",
		"[{ tool: x, rows: [], reads: sql }]": "unknown_key",
		"x":                                   "wrong_type",
		"[" + strings.Repeat("{ tool: x, rows: ["+row+"] },", 101) + "]": "too_many",
	} {
		_, err := rulesfile.Parse(rulesfile.Source{Name: "f", Text: []byte("version: 1\nextends: []\ncommands: " + text + "\n")})
		faults, _ := err.(rulesfile.Problems)
		if got := append(faults, rulesfile.Problem{})[0].Code; got != code {
			t.Errorf("%s: %v, want %q", text[:min(len(text), 120)], err, code)
		}
	}
}
