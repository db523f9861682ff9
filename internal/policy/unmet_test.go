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
		"needs: { high: { approvals: 1, via: [passkey], reason: required } }":                                     "",
		"needs: { high: { approvals: 2, from: [\"@ana\"] } }":                                                     "asks for 2 people and names 1",
		"needs: { high: { approvals: 2, from: [\"@ana\", \"@acme/sre\"] } }":                                      "",
		"needs: { high: { all: [{ approvals: 1, from: [\"@ana\"] }, { approvals: 1, from: [\"@Ana\"] }] } }":      "asks for 2 people and names 1",
		"needs: { high: { all: [{ approvals: 1, from: [\"@ana\"] }, { approvals: 1, from: [\"@bo\"] }] } }":       "",
		"needs: { high: { any: [{ approvals: 3, from: [\"@a\"] }, { approvals: 2, from: [\"role:write\"] }] } }":  "",
		"needs: { high: { any: [{ approvals: 3, from: [\"@a\"] }, { approvals: 2, from: [\"@bo\"] }] } }":         "asks for 3 people and names 1",
		"environments: { prod: { need: { approvals: 2, from: [\"@a\"] }, channels: [passkey] } }":                 "environments.prod",
		"workflows: { deploy: { paths: [\".github/workflows/d.yml\"], need: { approvals: 2, from: [\"@a\"] } } }": "workflows.deploy",
		"rules: [{ id: a, title: A., paths: [\"db/**\"], risk: 50, need: { approvals: 2, from: [\"@a\"] } }]":     "the rule a",
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
