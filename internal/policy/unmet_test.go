package policy_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// TestNeedsThatNobodyCanMeet: rules that hold for ever are told of before they do.
func TestNeedsThatNobodyCanMeet(t *testing.T) {
	for text, want := range map[string]string{
		"needs: { high: { approvals: 1 } }":                                                                       "",
		"needs: { high: { approvals: 1, via: [button, passkey] } }":                                               "",
		"needs: { high: { approvals: 1, via: [passkey] } }":                                                       "needs.high: nobody",
		"needs: { high: { approvals: 1, reason: required } }":                                                     "only `cli` carries one",
		"needs: { high: { approvals: 1, reason: required, via: [cli, button] } }":                                 "",
		"needs: { high: { approvals: 2, from: [\"@ana\"] } }":                                                     "asks for 2 people and names 1",
		"needs: { high: { approvals: 2, from: [\"@ana\", \"@acme/sre\"] } }":                                      "",
		"needs: { high: { all: [{ approvals: 1, from: [\"@ana\"] }, { approvals: 1, from: [\"@Ana\"] }] } }":      "asks for 2 people and names 1",
		"needs: { high: { all: [{ approvals: 1, from: [\"@ana\"] }, { approvals: 1, from: [\"@bo\"] }] } }":       "",
		"needs: { high: { any: [{ approvals: 1, via: [passkey] }, { approvals: 2, from: [\"role:write\"] }] } }":  "",
		"needs: { high: { any: [{ approvals: 1, via: [passkey] }, { approvals: 2, from: [\"@bo\"] }] } }":         "are not taken yet",
		"environments: { prod: { need: { approvals: 1 }, channels: [passkey] } }":                                 "environments.prod",
		"environments: { prod: { need: { approvals: 1 }, channels: [passkey, button] } }":                         "",
		"workflows: { deploy: { paths: [\".github/workflows/d.yml\"], need: { approvals: 1, via: [passkey] } } }": "workflows.deploy",
		"rules: [{ id: a, title: A., paths: [\"db/**\"], risk: 50, need: { approvals: 1, via: [passkey] } }]":     "the rule a",
		"break_glass: { from: [\"@acme/incident\"], via: [passkey] }":                                             "break_glass",
	} {
		file, err := rulesfile.Parse(rulesfile.Source{Name: policy.FileName, Text: []byte("version: 1\nextends: []\n" + text + "\n")})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		rules, err := policy.Compile(nil, file)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := strings.Join(rules.Unmet(), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
