package rulestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Small alphabets, so that rules, files and people meet often.
var (
	SomePaths = []string{"a", "b", "db/1.sql", "db/2.sql", "db/README.md", "envs/prod/x", "envs/stage/x",
		".github/workflows/ci.yml", "docs/x.md", "DB/3.SQL"}
	somePatterns = []string{"**", "a", "b", "db/**", "**/*.sql", "envs/**", "**/*.md", "envs/{prod,stage}/*", "[a-c]"}
	SomePeople   = []string{"@ana", "@acme/dev", "@acme/sre", "role:write", "role:maintain", "codeowners"}
	SomeLevels   = []string{"low", "medium", "high", "critical"}
)

func OneOf(t *rapid.T, label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(t, label)
}

func Chance(t *rapid.T, label string, percent int) bool {
	return rapid.IntRange(1, 100).Draw(t, label) <= percent
}

func DrawNeed(t *rapid.T, depth int) string {
	if depth < 2 && Chance(t, "group", 20) {
		var members []string
		for range rapid.IntRange(1, 2).Draw(t, "members") {
			members = append(members, DrawNeed(t, depth+1))
		}
		return fmt.Sprintf("{ %s: [%s] }", OneOf(t, "kind", "all", "any"), strings.Join(members, ", "))
	}
	out := fmt.Sprintf("{ approvals: %d", rapid.IntRange(1, 2).Draw(t, "approvals"))
	if Chance(t, "from", 50) {
		out += fmt.Sprintf(", from: [%q, %q]", OneOf(t, "who", SomePeople...), OneOf(t, "or", SomePeople...))
	}
	channel := ""
	if Chance(t, "via", 30) {
		channel = OneOf(t, "channel", "button", "passkey", "cli")
		out += ", via: [" + channel + "]"
	}
	if Chance(t, "expires", 30) {
		out += ", expires: " + OneOf(t, "after", "1h", "24h")
	}
	if Chance(t, "reason", 30) && channel != "button" { // which carries none
		out += ", reason: required"
	}
	return out + " }"
}

func drawRule(t *rapid.T, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - id: %s\n    title: Rule %s\n", id, id)
	kind := OneOf(t, "sort", "paths", "detect", "both", "change")
	if kind == "paths" || kind == "both" {
		fmt.Fprintf(&b, "    paths: [%q, %q]\n", OneOf(t, "path", somePatterns...), OneOf(t, "path too", somePatterns...))
	}
	if kind == "detect" || kind == "both" {
		fmt.Fprintf(&b, "    detect: [%q]\n", OneOf(t, "detect", "sql/*", "sql/drop-table", "shape/*"))
	}
	if kind == "change" {
		b.WriteString("    branches: [\"**\"]\n")
	}
	if kind == "paths" || kind == "change" || Chance(t, "own risk", 40) {
		fmt.Fprintf(&b, "    risk: %d\n", rapid.IntRange(1, 100).Draw(t, "risk"))
	}
	if Chance(t, "level", 20) {
		fmt.Fprintf(&b, "    level: %s\n", OneOf(t, "floor", SomeLevels...))
	}
	if Chance(t, "everyone", 30) {
		b.WriteString("    for: everyone\n")
	}
	if Chance(t, "observe", 15) {
		b.WriteString("    mode: observe\n")
	}
	if Chance(t, "need", 20) {
		fmt.Fprintf(&b, "    need: %s\n", OneOf(t, "need", "high", DrawNeed(t, 1)))
	}
	return b.String()
}

// DrawFile writes a rules file. Ids begin with who, and adjustments name rules
// of packs and of the other file.
func DrawFile(t *rapid.T, who string) string {
	var b strings.Builder
	b.WriteString("version: 1\n")
	if Chance(t, "extends", 70) {
		fmt.Fprintf(&b, "extends: [%s]\n", OneOf(t, "packs", "", "migrations", "default", "minimal, shape"))
	}
	if Chance(t, "mode", 50) {
		fmt.Fprintf(&b, "mode: %s\n", OneOf(t, "which mode", "observe", "enforce"))
	}
	if Chance(t, "presume", 30) {
		fmt.Fprintf(&b, "agents: { presume: %s }\n", OneOf(t, "whom", "agent", "human"))
	}
	if Chance(t, "boundaries", 30) {
		b.WriteString("boundaries: { prod: { paths: [\"envs/prod/**\"] }, data: { detect: [\"sql/*\"], paths: [\"db/**\"] } " +
			"}\nseparate: [[prod, data]]\n")
	}
	if n := rapid.IntRange(0, 4).Draw(t, "rules"); n > 0 {
		b.WriteString("rules:\n")
		for i := range n {
			b.WriteString(drawRule(t, fmt.Sprintf("%s%d", who, i)))
		}
	}
	if Chance(t, "adjust", 50) {
		b.WriteString("adjust:\n  secrets/files: { risk: 30 }\n")
		for _, id := range []string{"org0", "org1", "migrations/sql", "migrations/files", "gate/rules-file"} {
			if strings.HasPrefix(id, who) || !Chance(t, "adjust "+id, 40) {
				continue
			}
			switch rapid.IntRange(1, 4).Draw(t, "what") {
			case 1:
				fmt.Fprintf(&b, "  %s: { mode: %s }\n", id, OneOf(t, "to", "observe", "enforce"))
			case 2:
				fmt.Fprintf(&b, "  %s: { risk: %d }\n", id, rapid.IntRange(1, 100).Draw(t, "to risk"))
			case 3:
				fmt.Fprintf(&b, "  %s: { level: %s, for: everyone }\n", id, OneOf(t, "to level", SomeLevels...))
			default:
				fmt.Fprintf(&b, "  %s: { need: %s }\n", id, DrawNeed(t, 1))
			}
		}
	}
	if Chance(t, "needs", 60) {
		b.WriteString("needs:\n")
		held := false
		for _, level := range SomeLevels {
			switch {
			case Chance(t, "need of "+level, 40):
				held = true
				fmt.Fprintf(&b, "  %s: %s\n", level, DrawNeed(t, 0))
			case !held:
				fmt.Fprintf(&b, "  %s: none\n", level)
			}
		}
	}
	return b.String()
}

func MustParse(t interface{ Fatalf(string, ...any) }, name, text string) *rulesfile.File {
	f, err := rulesfile.ParseWith(rulesfile.Source{Name: name, Text: []byte(text)}, Toys, rulesfile.PackRuleIDs)
	if err != nil {
		t.Fatalf("%v\nin:\n%s", err, text)
	}
	return f
}

// Page is the path of a page of rules/, seen from the package that is tested.
func Page(tb testing.TB, name string) string {
	tb.Helper()
	dir := "."
	for range 10 {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "rules", name)
		}
		dir = filepath.Join(dir, "..")
	}
	tb.Fatal("there is no go.mod above this folder")
	return ""
}

// ReadPage is the text of a page of rules/.
func ReadPage(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(Page(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// ReadmeExamples are the YAML blocks of the reference that are whole files.
func ReadmeExamples(tb testing.TB) []string {
	tb.Helper()
	hand, _, _ := strings.Cut(ReadPage(tb, "README.md"), "<!-- observations:")
	var out []string
	for i, block := range strings.Split(hand, "```yaml\n") {
		if i == 0 {
			continue
		}
		block, _, _ = strings.Cut(block, "```")
		if strings.HasPrefix(block, "version: 1\n") {
			out = append(out, block)
		}
	}
	if len(out) < 4 {
		tb.Fatalf("only %d examples found: they have changed their form", len(out))
	}
	return out
}

// Everything uses every key of the language.
const Everything = `version: 1
description: All of it.
extends: [default, strict]
mode: enforce
agents:
  presume: agent
  owners: excluded
  known:
    - { name: fixer, login: "acme-fixer[bot]", email: "fixer@acme.example", id: 123, owner: "@acme/platform",
        branch: fixer/, trailer: "Acme-Run: fixer", text: "made by the acme fixer" }
boundaries:
  staging: { paths: ["envs/staging/**"], environments: [staging] }
  production: { paths: ["envs/production/**", "!**/*.md"], environments: [production] }
  data: { detect: ["sql/*", "!sql/add-index"] }
separate: [[staging, production], [production, data]]
branches: ["release/**", develop, "v?/*"]
commands:
  - tool: acmectl
    also: [actl]
    global: [--org]
    rows:
      - verbs: tenant delete
        with: [--force]
        without: [--dry-run]
        kind: command/cloud-delete-data
        spare: command/delete-minor
        lost: all rows of the tenant
        fires: ["acmectl --org x tenant delete 42 --force"]
        quiet: [acmectl tenant delete 42]
      - says: [wipe-all]
        unsaid: [for-real=no]
        kind: command/destroy-infrastructure
        fires: [acmectl wipe-all]
        quiet: [acmectl wipe-all --for-real=no]
rules:
  - id: billing-schema
    title: Billing schema
    message: Ask the billing team first
    why: It is what we live on.
    paths: ["services/billing/db/**", "!**/*.md"]
    status: [added, removed, modified, renamed, copied, mode_changed, symlink, submodule]
    actors: ["*", "!renovate[bot]"]
    branches: [main, "release/**"]
    labels: [careful]
    detect: ["sql/*"]
    when: observation.risk > 20 && file.ext == ".sql"
    for: everyone
    risk: 60
    level: high
    mode: observe
    controls: [owasp-asi02]
    need: { approvals: 2, from: ["@acme/dba", "@ana", "role:maintain", codeowners] }
  - { id: named-need, title: Named need, paths: ["a"], risk: 5, need: critical }
adjust:
  migrations/sql: { mode: observe, risk: 70, level: high, for: everyone, need: { approvals: 1 } }
needs:
  low: none
  medium: { approvals: 1, from: ["@acme/dev"], via: [button, passkey, cli], expires: 24h, reason: required, keep: same_findings }
  high: { any: [{ approvals: 1, from: ["@ana"] }, { all: [{ approvals: 1 }, { approvals: 1, from: ["@acme/sre"] }] }] }
  critical: { all: [{ approvals: 1, from: ["@acme/sre"] }, { approvals: 1, from: ["@acme/security"] }], via: [passkey] }
environments:
  production:
    hold: agent_changes
    need: high
    channels: [passkey]
    wait: 1h
    freeze:
      - { from: 2026-12-20, until: "2026-12-27T08:00:00+01:00", reason: Holidays, except: ["@acme/sre"] }
      - { cron: "0 16 * * 5", lasts: 64h, zone: Europe/Vienna }
    from_branches: [main]
    after: staging
    healthy: 30m
    concurrent: 1
    inherit: none
    rollback: allow
  staging: { hold: never, need: { approvals: 1 } }
workflows:
  deploy: [".github/workflows/deploy*.yml"]
  release: { paths: [".github/workflows/release.yml"], hold: cancel, need: high }
break_glass: { from: ["@acme/incident"], via: [passkey], reason: required }
tell:
  - { to: [ops-slack, siem], when: [held, decided], level: high }
  - { to: [oncall], after: 2h }
passkeys:
  wait: 48h
  vouch: { from: ["@acme/sre"], approvals: 2 }
  attestation: required
  models: [2fc0579f-8113-47ea-b116-bb5a8db9202a]
  keys: 3
  notices: acme/people
`
