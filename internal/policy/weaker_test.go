package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/gateconfig"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/rules"
)

const (
	weakened = "gateconfig/rules-weakened"
	changed  = "gateconfig/rules-changed"
)

// seenIn is what the detector says of a change of the rules file.
func seenIn(t testing.TB, before, after string) []string {
	t.Helper()
	f := &change.File{Path: FileName, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
	return seenOf(t, f)
}

func seenOf(t testing.TB, f *change.File) (out []string) {
	t.Helper()
	r := detect.NewReport(f.Path)
	gateconfig.New(FileReader{}).Detect(f, r)
	for _, o := range r.Observations() {
		if len(out) == 0 || out[len(out)-1] != o.Kind.ID {
			out = append(out, o.Kind.ID)
		}
	}
	return out
}

// pair are two values of one key. The first is the stricter; where neither is
// for certain, both count as the weaker; where none holds anything, neither does.
type pairOf struct {
	key          string // of the schema
	strict, weak string
	is           relation
}

type relation int

const (
	stricter relation = iota
	incomparable
	alike
)

func at(path string, values ...string) string {
	return "version: 1\nextends: []\n" + fmt.Sprintf(path, toAny(values)...)
}

func toAny(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

const (
	ruleText    = "rules:\n  - { id: a, title: A%s }\n"
	envText     = "environments: { production: { hold: agent_changes%s } }\n"
	needText    = "needs: { high: { approvals: 2%s } }\n"
	freezeText  = "environments: { production: { freeze: [{ cron: \"0 16 * * 5\", lasts: 64h%s }] } }\n"
	fixedText   = "environments: { production: { freeze: [{ %s }] } }\n"
	knownText   = "agents: { owners: excluded, known: [%s] }\n"
	adjustText  = "version: 1\nextends: [migrations]\nadjust: { migrations/files: { level: medium%s } }\n"
	glassText   = "break_glass: { from: [\"@acme/incident\"]%s }\n"
	flowText    = "workflows: { deploy: { paths: [\"a/**\"]%s } }\n"
	boundedText = "boundaries: { a: { paths: [\"a/**\"]%s }, b: { paths: [\"b/**\"] } }\nseparate: [[a, b]]\n"
)

const (
	toolText = "commands: [{ tool: x, %s rows: [{ verbs: a, kind: command/drop-table, fires: [x a], quiet: [x b] }] }]\n"
	rowText  = "commands: [{ tool: x, rows: [{ %s, fires: [x a -f y], quiet: [x b] }, " +
		"{ verbs: b, kind: command/drop-table, fires: [x b], quiet: [x c] }] }]\n"
)

// commandPairs has those of `commands`.
func commandPairs() []pairOf {
	var out []pairOf
	add := func(key, template, strict, weak string, is relation) {
		out = append(out, pairOf{key, at(template, strict), at(template, weak), is})
	}
	const kind = ", kind: command/drop-table"
	add("commands", "%s", fmt.Sprintf(toolText, ""), "", stricter)
	add("commands.tool", "commands: [{ tool: %[1]s, rows: [{ verbs: a, kind: command/drop-table, fires: [%[1]s a], quiet: [%[1]s b] }] }]\n",
		"x", "y", incomparable)
	add("commands.also", toolText, "also: [y],", "", stricter)
	add("commands.global", toolText, "global: [-o],", "", incomparable)
	add("commandRow.verbs", rowText, "verbs: a"+kind, "verbs: a y"+kind, incomparable)
	add("commandRow.kind", rowText, "verbs: a"+kind, "verbs: a, kind: command/delete-minor", incomparable)
	add("commandRow.with", rowText, "verbs: a"+kind, "verbs: a, with: [-f]"+kind, stricter)
	add("commandRow.without", rowText, "verbs: a"+kind, "verbs: a, without: [--dry-run]"+kind, stricter)
	add("commandRow.says", rowText, "says: [y]"+kind, "says: [y, -f]"+kind, stricter)
	add("commandRow.unsaid", rowText, "verbs: a"+kind, "verbs: a, unsaid: [z]"+kind, stricter)
	add("commandRow.spare", rowText, "verbs: a"+kind, "verbs: a, spare: command/delete-minor"+kind, stricter)
	add("commandRow.lost", rowText, "verbs: a, lost: all"+kind, "verbs: a, lost: more"+kind, alike)
	const rows = "commands: [{ tool: x, rows: [{ verbs: a, kind: command/drop-table, fires: [x a%s], quiet: [x b%s] }] }]\n"
	out = append(out, pairOf{"commandRow.fires", at(rows, "", ""), at(rows, " z", ""), alike},
		pairOf{"commandRow.quiet", at(rows, "", ""), at(rows, "", " z"), alike})
	const more = "commands: [{ tool: x, rows: [{ verbs: a, kind: command/drop-table, fires: [x a], quiet: [x b] }%s] }]\n"
	add("commands.rows", more, ", { verbs: b, kind: command/drop-table, fires: [x b], quiet: [x c] }", "", stricter)
	return out
}

// pairs has a row for every key of the language, see TestEveryKeyIsCompared.
func pairs() []pairOf {
	var out []pairOf
	add := func(key, template, strict, weak string, is ...relation) {
		row := pairOf{key: key, strict: at(template, strict), weak: at(template, weak)}
		if strings.HasPrefix(template, "version:") {
			row.strict, row.weak = fmt.Sprintf(template, strict), fmt.Sprintf(template, weak)
		}
		if len(is) > 0 {
			row.is = is[0]
		}
		out = append(out, row)
	}
	top := "%s\n"
	add("version", top, "", "", alike)
	add("description", top, "description: One.", "description: Another.", alike)
	tellPairs(add)
	passkeyPairs(add)
	credentialPairs(add)
	out = append(out,
		pairOf{"extends", "version: 1\nextends: [strict]\n", "version: 1\nextends: [default]\n", stricter},
		pairOf{"extends", "version: 1\nextends: [default]\n", "version: 1\nextends: []\n", stricter},
		pairOf{"extends", "version: 1\nextends: [migrations, secrets]\n", "version: 1\nextends: [migrations]\n", stricter},
		pairOf{"extends", "version: 1\nextends: [default]\n", "version: 1\n", alike})
	add("mode", top, "mode: enforce", "mode: observe")
	add("mode", top, "", "mode: observe")
	add("agents.presume", top, "agents: { presume: agent }", "agents: { presume: human }")
	add("agents.helpers", top, "agents: { helpers: [renovate] }", "agents: { helpers: [renovate, dependabot] }")
	out = append(out, commandPairs()...)
	add("branches", top, "branches: [\"release/1\", \"release/**\"]", "branches: [\"release/**\"]", incomparable)
	add("branches", top, "branches: [\"release/**\", \"hotfix/*\"]", "branches: [\"release/**\"]")
	add("agents.owners", top, "agents: { owners: excluded }", "agents: { owners: may_approve }")
	add("agents.known", knownText, "{ name: a, owner: \"@acme/a\" }, { name: b, owner: \"@acme/b\" }", "{ name: a, owner: \"@acme/a\" }")
	add("agents.known", "agents: { known: [%s] }\n", "{ name: a }, { name: b }", "{ name: a }")
	add("knownAgent.name", knownText, "{ name: a, id: 5, owner: \"@acme/a\" }", "{ name: b, id: 5, owner: \"@acme/a\" }", incomparable)
	add("knownAgent.login", knownText, "{ name: a, login: x }", "{ name: a, login: y }", incomparable)
	add("knownAgent.email", knownText, "{ name: a, email: a@a.example }", "{ name: a, email: b@a.example }", incomparable)
	add("knownAgent.id", knownText, "{ name: a, id: 5 }", "{ name: a, id: 6 }", incomparable)
	add("knownAgent.branch", knownText, "{ name: a, branch: aa/ }", "{ name: a, branch: bb/ }", incomparable)
	add("knownAgent.trailer", knownText, "{ name: a, trailer: A-Run }", "{ name: a, trailer: B-Run }", incomparable)
	add("knownAgent.text", knownText, "{ name: a, text: made by the fixer a }", "{ name: a, text: made by the fixer b }", incomparable)
	add("knownAgent.owner", knownText, "{ name: a, owner: \"@acme/a\" }", "{ name: a, owner: \"@acme/b\" }", incomparable)
	add("knownAgent.owner", "agents: { known: [%s] }\n", "{ name: a, owner: \"@acme/a\" }", "{ name: a, owner: \"@acme/b\" }", alike)
	add("agents.helpers", top, "", "agents: { helpers: [dependabot] }")
	add("boundaries", top, "boundaries: { a: { paths: [a] }, b: { paths: [b] } }", "boundaries: { a: { paths: [a] } }")
	add("boundaries.paths", "boundaries: { a: { paths: [%s] }, b: { paths: [b] } }\nseparate: [[a, b]]\n", "\"a/**\", \"c/**\"", "\"a/**\"")
	add("boundaries.detect", boundedText, ", detect: [\"sql/*\"]", ", detect: [\"sql/drop-table\"]")
	add("boundaries.environments", boundedText, ", environments: [x]", ", environments: [x, y]")
	add("boundaries.environments", boundedText, ", environments: [x]", "")
	add("separate", "boundaries: { a: { paths: [a] }, b: { paths: [b] }, c: { paths: [c] } }\nseparate: [%s]\n", "[a, b], [b, c]", "[a, b]")
	add("separate", "boundaries: { a: { paths: [a] }, b: { paths: [b] }, c: { paths: [c] } }\nseparate: [%s]\n", "[a, b, c]", "[a, b]")
	out = append(out, rulePairs(add)...)
	add("needs.low", top, "needs: { low: { approvals: 1 } }", "needs: { low: none, medium: { approvals: 1 } }")
	add("needs.medium", top, "needs: { medium: { approvals: 1 } }", "needs: { medium: none, high: { approvals: 1 } }")
	add("needs.high", top, "needs: { high: { approvals: 1 } }", "needs: { high: none, critical: { approvals: 1 } }")
	add("needs.critical", top, "needs: { high: { approvals: 1 }, critical: { approvals: 2 } }", "needs: { high: { approvals: 1 } }")
	needPairs(add)
	environmentPairs(add)
	add("workflows", top, "workflows: { deploy: [\"a\", \"b\"] }", "workflows: { deploy: [\"a\"] }")
	add("workflows", top, "workflows: { deploy: [\"a\"] }", "")
	add("workflows.paths", "workflows: { deploy: { paths: [%s], hold: cancel } }\n", "\"a/**\"", "\"a/b/**\"")
	add("workflows.hold", flowText, ", hold: cancel", ", hold: check")
	add("workflows.hold", flowText, ", hold: cancel", "")
	add("workflows.hold", flowText, ", hold: check", ", hold: never")
	add("workflows.need", flowText, ", need: { approvals: 2 }", ", need: { approvals: 1 }")
	add("workflows.need", flowText, ", need: { approvals: 2 }", "")
	add("break_glass", top, "", "break_glass: { from: [\"@acme/incident\"] }")
	add("break_glass.from", "break_glass: { from: [\"@acme/incident\"%s] }\n", "", ", \"@acme/dev\"")
	add("break_glass.via", glassText, ", via: [passkey]", ", via: [passkey, button]")
	add("break_glass.via", glassText, ", via: [passkey]", "")
	add("break_glass.reason", glassText, ", reason: required", ", reason: optional")
	return out
}

func rulePairs(add func(key, template, strict, weak string, is ...relation)) []pairOf {
	add("rules", "rules:\n  - { id: a, title: A, paths: [a], risk: 50 }\n%s\n", "  - { id: b, title: B, paths: [b], risk: 50 }", "")
	add("rule.id", "rules:\n  - { id: %s, title: A, paths: [a], risk: 50 }\n", "a", "b", incomparable)
	add("rule.title", "rules:\n  - { id: a, title: %s, paths: [a], risk: 50 }\n", "A", "B", alike)
	add("rule.message", ruleText, ", paths: [a], risk: 50, message: One", ", paths: [a], risk: 50, message: Another", alike)
	add("rule.why", ruleText, ", paths: [a], risk: 50, why: One", ", paths: [a], risk: 50, why: Another", alike)
	add("rule.controls", ruleText, ", paths: [a], risk: 50, controls: [one]", ", paths: [a], risk: 50", alike)
	for _, p := range [][2]string{
		{"\"a/**\", b", "\"a/**\""}, {"\"a/**\"", "\"a/**\", \"!**/*.md\""}, {"\"**\"", "\"a/**\""}, {"\"a/**\"", "\"a/b/**\""},
		{"\"a/**\", \"!a/b/**\", \"a/b/c\"", "\"a/**\", \"!a/b/**\""}, {"\"a/**\", c, \"!a/b/**\"", "\"a/**\", \"!a/b/**\""},
	} {
		add("rule.paths", ruleText, ", risk: 50, paths: ["+p[0]+"]", ", risk: 50, paths: ["+p[1]+"]")
	}
	for _, p := range [][2]string{{"\"a/*\"", "\"a/?\""}, {"\"a/**\"", "\"A/**\""},
		{"\"a/**\", \"!a/b/**\", \"a/b/c\"", "\"a/**\", \"!a/b/*\", \"a/b/c\""}} {
		add("rule.paths", ruleText, ", risk: 50, paths: ["+p[0]+"]", ", risk: 50, paths: ["+p[1]+"]", incomparable)
	}
	add("rule.paths", ruleText, ", risk: 50, status: [removed]", ", risk: 50, status: [removed], paths: [a]")
	add("rule.status", ruleText, ", risk: 50, status: [removed, added]", ", risk: 50, status: [removed]")
	add("rule.status", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], status: [removed]")
	add("rule.actors", ruleText, ", risk: 50, actors: [a, b]", ", risk: 50, actors: [a]")
	add("rule.actors", ruleText, ", risk: 50, actors: [\"*\"]", ", risk: 50, actors: [\"*\", \"!a\"]")
	add("rule.actors", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], actors: [a]")
	add("rule.branches", ruleText, ", risk: 50, branches: [main, next]", ", risk: 50, branches: [main]")
	add("rule.branches", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], branches: [main]")
	add("rule.labels", ruleText, ", risk: 50, labels: [a, b]", ", risk: 50, labels: [a]")
	add("rule.labels", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], labels: [a]")
	add("rule.detect", ruleText, ", detect: [\"sql/*\"]", ", detect: [sql/drop-table]")
	add("rule.detect", ruleText, ", detect: [\"sql/*\"]", ", detect: [\"sql/*\", \"!sql/drop-table\"]")
	add("rule.detect", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], detect: [\"sql/*\"]", incomparable)
	add("rule.when", ruleText, ", risk: 50, paths: [a]", ", risk: 50, paths: [a], when: change.fork")
	add("rule.when", ruleText, ", risk: 50, when: change.files > 2", ", risk: 50, when: change.files > 1", incomparable)
	add("rule.for", ruleText, ", risk: 50, paths: [a], for: everyone", ", risk: 50, paths: [a]")
	add("rule.risk", ruleText, ", paths: [a], risk: 50", ", paths: [a], risk: 49")
	add("rule.risk", ruleText, ", detect: [\"sql/*\"], risk: 100", ", detect: [\"sql/*\"]")
	add("rule.risk", ruleText, ", detect: [\"sql/*\"]", ", detect: [\"sql/*\"], risk: 50", incomparable)
	add("rule.level", ruleText, ", paths: [a], risk: 50, level: high", ", paths: [a], risk: 50, level: medium")
	add("rule.level", ruleText, ", paths: [a], risk: 50, level: high", ", paths: [a], risk: 50")
	add("rule.mode", ruleText, ", paths: [a], risk: 50", ", paths: [a], risk: 50, mode: observe")
	add("rule.need", ruleText, ", paths: [a], risk: 5, need: { approvals: 2 }", ", paths: [a], risk: 5, need: { approvals: 1 }")
	add("rule.need", ruleText, ", paths: [a], risk: 5, need: { approvals: 2 }", ", paths: [a], risk: 5")
	add("rule.need", ruleText+"needs: { high: { approvals: 1 }, critical: { approvals: 2 } }\n",
		", paths: [a], risk: 5, need: critical", ", paths: [a], risk: 5, need: high")
	add("adjust", adjustText, ", risk: 70", "")
	add("adjust.risk", adjustText, ", risk: 70", ", risk: 60")
	add("adjust.mode", adjustText, ", mode: enforce", ", mode: observe")
	add("adjust.level", "version: 1\nextends: [migrations]\nadjust: { migrations/files: { level: %s } }\n", "high", "medium")
	add("adjust.need", adjustText, ", need: { approvals: 2 }", ", need: { approvals: 1 }")
	add("adjust.for", adjustText, ", for: everyone", "")
	return nil
}

func needPairs(add func(key, template, strict, weak string, is ...relation)) {
	add("need.approvals", "needs: { high: { approvals: %s } }\n", "2", "1")
	add("need.from", needText, ", from: [\"@acme/sre\"]", ", from: [\"@acme/sre\", \"@acme/dev\"]")
	add("need.from", needText, ", from: [\"@acme/sre\"]", ", from: [\"@acme/dev\"]", incomparable)
	add("need.from", needText, ", from: [\"role:admin\"]", ", from: [\"role:write\"]")
	add("need.via", needText, ", via: [passkey]", ", via: [passkey, button]")
	add("need.via", needText, ", via: [passkey]", "")
	add("need.via", needText, "", ", via: [button, passkey, cli]")
	add("need.expires", needText, ", expires: 1h", ", expires: 2h")
	add("need.expires", needText, ", expires: 1h", "")
	add("need.reason", needText, ", reason: required", ", reason: optional")
	add("need.reason", needText, ", reason: required", "")
	add("need.keep", needText, "", ", keep: same_findings")
	add("need.all", "needs: { high: { all: [{ approvals: 1, from: [\"@acme/a\"] }%s] } }\n", ", { approvals: 1, from: [\"@acme/b\"] }", "")
	add("need.any", "needs: { high: { any: [{ approvals: 1, from: [\"@acme/a\"] }%s] } }\n", "", ", { approvals: 1, from: [\"@acme/b\"] }")
	add("need.all", "needs: { high: { %s: [{ approvals: 1, from: [\"@acme/a\"] }, { approvals: 1, from: [\"@acme/b\"] }] } }\n",
		"all", "any")
}

// Who is told decides nothing, and is neither weaker nor stricter.
func tellPairs(add func(key, template, strict, weak string, is ...relation)) {
	const text = "version: 1\ntell: [{ to: [ops]%s }]\n"
	add("tell", "version: 1\n%s\n", "tell: [{ to: [ops] }]", "", alike)
	add("tell.to", "version: 1\ntell: [{ to: [%s] }]\n", "ops, oncall", "ops", alike)
	add("tell.when", text, ", when: [held, decided]", ", when: [held]", alike)
	add("tell.level", text, ", level: low", ", level: high", alike)
	add("tell.after", text, ", after: 1h", ", after: 2h", alike)
	add("tell.lines", text, "", ", lines: true", alike)
}

func passkeyPairs(add func(key, template, strict, weak string, is ...relation)) {
	const text = "version: 1\npasskeys: { %s }\n"
	const one, two = "2fc0579f-8113-47ea-b116-bb5a8db9202a", "ee882879-721c-4913-9775-3dfcce97072a"
	add("passkeys", "version: 1\n%s\n", "passkeys: { wait: 48h }", "")
	add("passkeys.wait", text, "wait: 48h", "wait: 36h")
	add("passkeys.vouch", "version: 1\n%s\n", "passkeys: { vouch: { approvals: 2 } }", "passkeys: { keys: 10 }", incomparable)
	add("passkeys.vouch.from", text, `vouch: { from: ["@acme/sre"] }`, `vouch: { from: ["@acme/sre", "@acme/dev"] }`)
	add("passkeys.vouch.from", text, `vouch: { from: ["@acme/sre"] }`, "vouch: { approvals: 1 }", incomparable)
	add("passkeys.vouch.approvals", text, "vouch: { approvals: 3 }", "vouch: { approvals: 2 }")
	add("passkeys.attestation", text, "attestation: required", "attestation: recorded")
	add("passkeys.attestation", text, "attestation: recorded", "attestation: none")
	add("passkeys.models", text, "attestation: required, models: ["+one+"]", "attestation: required, models: ["+one+", "+two+"]")
	add("passkeys.models", text, "attestation: required, models: ["+one+"]", "attestation: required")
	add("passkeys.keys", text, "keys: 2", "keys: 3")
	add("passkeys.notices", text, "notices: acme/people", "keys: 10", incomparable)
	add("passkeys.notices", text, "notices: acme/people", "notices: acme/others", incomparable)
}

// credentialPairs: what is given to fewer, for less or for a shorter time is stricter.
func credentialPairs(add func(key, template, strict, weak string, is ...relation)) {
	const (
		top   = "credentials: [{ id: a, for: { environment: p%s }, gate: required, github: { permissions: { contents: read } } }]\n"
		rest  = "credentials: [{ id: a, for: { agent: x }, gate: intent, github: { permissions: { contents: write } }%s }]\n"
		gives = "credentials: [{ id: a, for: { agent: x }, gate: intent, %s }]\n"
		who   = "credentials: [{ id: a, for: { issuer: i, %s }, gate: intent, github: { permissions: { contents: read } } }]\n"
		known = "agents: { known: [{ name: a%s }] }\n"
	)
	add("credentials", "%s\n", "", fmt.Sprintf(top, ""))
	add("credential.id", "credentials: [{ id: %s, for: { environment: p }, gate: required, github: { permissions: { contents: read } } }]\n",
		"a", "b", incomparable)
	add("credential.for", "credentials: [{ id: a, for: { %s }, gate: required, github: { permissions: { contents: read } } }]\n",
		"environment: p", "environment: q", incomparable)
	add("credential.gate", "credentials: [{ id: a, for: { environment: p }, gate: %s, github: { permissions: { contents: read } } }]\n",
		"required", "intent", incomparable)
	add("credential.mode", rest, ", mode: observe", "")
	add("credential.lifetime", rest, ", lifetime: 5m", "")
	add("credential.lifetime", rest, "", ", lifetime: 1h")
	add("credential.chain", rest, "", ", chain: 1")
	add("credential.github", gives, "identity: { audience: [x] }", "identity: { audience: [x] }, github: { permissions: { contents: read } }")
	add("credential.github.permissions", gives, "github: { permissions: { contents: read } }", "github: { permissions: { contents: write } }")
	add("credential.github.permissions", gives, "github: { permissions: { contents: read } }",
		"github: { permissions: { contents: read, packages: read } }")
	add("credential.github.repositories", gives, "github: { permissions: { contents: read }, repositories: [a] }",
		"github: { permissions: { contents: read }, repositories: [a, b] }")
	add("credential.github.repositories", gives, "github: { permissions: { contents: read }, repositories: [a] }",
		"github: { permissions: { contents: read } }", incomparable)
	add("credential.identity", gives, "github: { permissions: { contents: read } }",
		"github: { permissions: { contents: read } }, identity: { audience: [x] }")
	add("credential.identity.audience", gives, "identity: { audience: [x] }", "identity: { audience: [x, y] }")
	add("credential.identity.claims", gives, "identity: { audience: [x], claims: { a: b } }", "identity: { audience: [x], claims: { a: c } }",
		incomparable)
	add("credentialFor.workflow", top, ", workflow: .github/workflows/a.yml", "")
	add("credentialFor.job_workflow", top, ", job_workflow: a/b/c@d", "")
	add("credentialFor.job_workflow", top, ", workflow: .github/workflows/a.yml", ", workflow: .github/workflows/a.yml, job_workflow: a/b/c@d",
		incomparable)
	add("credentialFor.environment", top, ", agent: x", "")
	add("credentialFor.environment", "credentials: [{ id: a, for: { agent: x%s }, gate: intent, github: { permissions: { contents: read } } }]\n",
		", environment: p", "")
	add("credentialFor.branches", top, ", branches: [main]", "")
	add("credentialFor.branches", top, ", branches: [\"release/1\"]", ", branches: [\"release/**\"]")
	add("credentialFor.runner", top, ", runner: github-hosted", "")
	add("credentialFor.repositories", top, ", repositories: [a]", ", repositories: [a, b]")
	add("credentialFor.agent", top, ", agent: x", "")
	add("credentialFor.claims", top, ", claims: { a: b }", "")
	add("credentialFor.issuer", "credentials: [{ id: a, for: { subject: s%s }, gate: intent, github: { permissions: { contents: read } } }]\n",
		", issuer: i", ", issuer: j", incomparable)
	add("credentialFor.subject", who, "subject: s", "subject: t", incomparable)
	add("credentialFor.subject", who, "subject: s, claims: { a: b }", "claims: { a: b }")
	add("knownAgent.issuer", known, "", ", issuer: i, subject: s")
	add("knownAgent.subject", known, ", issuer: i, subject: s", ", issuer: i, subject: t", incomparable)
	add("knownAgent.claims", known, ", issuer: i, claims: { a: b }", ", issuer: i, claims: { a: c }", incomparable)
}

func environmentPairs(add func(key, template, strict, weak string, is ...relation)) {
	add("environments", "%s\n", "environments: { production: { hold: always } }", "")
	add("environments", "%s\n", "", "environments: { production: { hold: never } }")
	add("environment.hold", "environments: { production: { hold: %s } }\n", "always", "agent_changes")
	add("environment.hold", "environments: { production: { hold: %s } }\n", "agent_changes", "never")
	add("environment.need", envText, ", need: { approvals: 2 }", ", need: { approvals: 1 }")
	add("environment.need", envText, ", need: { approvals: 2 }", "")
	add("environment.channels", envText, ", channels: [passkey]", ", channels: [passkey, button]")
	add("environment.channels", envText, ", channels: [passkey]", "")
	add("environment.wait", envText, ", wait: 2h", ", wait: 1h")
	add("environment.wait", envText, ", wait: 1h", "")
	add("environment.freeze", envText, ", freeze: [{ cron: \"0 16 * * 5\", lasts: 64h }]", "")
	add("environment.from_branches", envText, ", from_branches: [main]", "")
	add("environment.from_branches", envText, ", from_branches: [main]", ", from_branches: [main, \"release/**\"]")
	add("environment.from_branches", envText, ", from_branches: [\"release/1\"]", ", from_branches: [\"release/**\"]")
	add("environment.from_branches", envText, ", from_branches: [main]", ", from_branches: [Main]", incomparable)
	add("environment.after", envText+"", ", after: staging", "")
	add("environment.after", envText, ", after: staging", ", after: qa", incomparable)
	add("environment.healthy", envText, ", after: staging, healthy: 2h", ", after: staging, healthy: 1h")
	add("environment.healthy", envText, ", after: staging, healthy: 1h", ", after: staging")
	add("environment.concurrent", envText, ", concurrent: 1", ", concurrent: 2")
	add("environment.concurrent", envText, ", concurrent: 2", "")
	add("environment.inherit", envText, ", inherit: none", ", inherit: approved")
	add("environment.inherit", envText, "", ", inherit: approved")
	add("environment.rollback", envText, "", ", rollback: allow")
	add("environment.rollback", envText, ", rollback: never", ", rollback: always")
	add("environment.rollback", envText, ", rollback: allow", ", rollback: always")
	add("freeze.from", fixedText, "from: 2027-01-01, until: 2027-02-01", "from: 2027-01-02, until: 2027-02-01")
	add("freeze.until", fixedText, "from: 2027-01-01, until: 2027-02-01", "from: 2027-01-01, until: 2027-01-31")
	add("freeze.cron", fixedText, "cron: \"0 16 * * 5\", lasts: 1h", "cron: \"0 17 * * 5\", lasts: 1h", incomparable)
	add("freeze.lasts", fixedText, "cron: \"0 16 * * 5\", lasts: 2h", "cron: \"0 16 * * 5\", lasts: 1h")
	add("freeze.zone", freezeText, ", zone: Europe/Vienna", "", incomparable)
	add("freeze.except", freezeText, "", ", except: [\"@acme/sre\"]")
	add("freeze.except", freezeText, ", except: [\"@acme/sre\"]", ", except: [\"@acme/sre\", \"@acme/dev\"]")
	add("freeze.reason", freezeText, ", reason: One", ", reason: Another", alike)
}

// TestAWeakerRuleIsSaid holds every row in both directions.
func TestAWeakerRuleIsSaid(t *testing.T) {
	for i, p := range pairs() {
		t.Run(fmt.Sprintf("%d %s", i, p.key), func(t *testing.T) {
			for _, text := range []string{p.strict, p.weak} {
				if _, err := rulesfile.Parse(rulesfile.Source{Name: FileName, Text: []byte(text)}); err != nil {
					t.Fatalf("%v in\n%s", err, text)
				}
			}
			if got := seenIn(t, p.strict, p.weak); (p.is != alike) != slices.Contains(got, weakened) {
				t.Errorf("to the weaker: %v\n%s\nto\n%s", got, p.strict, p.weak)
			}
			if got := seenIn(t, p.weak, p.strict); (p.is == incomparable) != slices.Contains(got, weakened) ||
				slices.ContainsFunc(got, func(s string) bool { return s != weakened && s != changed }) {
				t.Errorf("to the stricter: %v\n%s\nto\n%s", got, p.weak, p.strict)
			}
		})
	}
}

// TestEveryKeyIsCompared: a key that is new in the language has to say here when
// it is weaker.
func TestEveryKeyIsCompared(t *testing.T) {
	keys := schemaKeys(t)
	have := map[string]bool{"needs": true, "agents": true} // by what is in them
	for _, p := range pairs() {
		have[p.key] = true
	}
	for _, key := range keys {
		if !have[key] {
			t.Errorf("no row says what a weaker %s is", key)
		}
	}
	if len(keys) < 60 {
		t.Errorf("only %d keys were found in the schema", len(keys))
	}
	for key := range have {
		if !slices.Contains(keys, key) {
			t.Errorf("the language has no key %s", key)
		}
	}
}

// schemaKeys are the keys of the rules file: "mode", "agents.presume",
// "environment.wait", by the name of what they are keys of.
func schemaKeys(t *testing.T) []string {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(rules.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	defs, _ := schema["$defs"].(map[string]any)
	seen, done := map[string]bool{}, map[string]bool{}
	var visit func(node any, name string)
	visit = func(node any, name string) {
		switch node := node.(type) {
		case []any:
			for _, n := range node {
				visit(n, name)
			}
		case map[string]any:
			if ref, ok := node["$ref"].(string); ok {
				def := strings.TrimPrefix(ref, "#/$defs/")
				if !done[def] {
					done[def] = true
					visit(defs[def], def)
				}
			}
			if props, ok := node["properties"].(map[string]any); ok && node["additionalProperties"] == false {
				for key, value := range props {
					path := strings.TrimPrefix(name+"."+key, ".")
					seen[path] = true
					visit(value, path)
				}
			}
			for _, key := range []string{"items", "additionalProperties", "oneOf", "anyOf", "allOf"} {
				visit(node[key], name)
			}
		}
	}
	visit(schema, "")
	var out []string
	for key := range seen {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// TestRulesFilesThatAreNoneAnyMore: what cannot be used is said as such, and
// what was none before cannot be compared.
func TestRulesFilesThatAreNoneAnyMore(t *testing.T) {
	const whole = "version: 1\nneeds: { high: { approvals: 2 } }\n"
	for name, after := range map[string]string{
		"no YAML": "version: [\n", "empty": "", "an anchor": "version: 1\nneeds: { high: &a { approvals: 2 }, critical: *a }\n",
		"a merge key": "version: 1\nneeds: { high: { <<: { approvals: 2 } } }\n",
		"a key twice": "version: 1\nmode: enforce\nmode: observe\n",
		"a tag":       "version: 1\nmode: !!str observe\n", "two documents": whole + "---\nversion: 1\nmode: observe\n",
		"an unknown key": whole + "modes: observe\n",
	} {
		if got := seenIn(t, whole, after); !slices.Equal(got, []string{"gateconfig/unreadable"}) {
			t.Errorf("%s: %v", name, got)
		}
		if got := seenIn(t, after, whole); !slices.Equal(got, []string{weakened}) {
			t.Errorf("from %s: %v", name, got)
		}
	}
	if got := seenIn(t, whole, "# More words.\n"+whole); len(got) > 0 {
		t.Errorf("a comment: %v", got)
	}
	text := change.TextOf(whole)
	for name, f := range map[string]*change.File{
		"deleted":             {Path: FileName, Status: change.Removed, Before: text, After: change.NoText()},
		"renamed":             {Path: ".github/old.yml", PreviousPath: FileName, Status: change.Renamed, Before: text, After: text},
		"in other letters":    {Path: ".github/Gatehold.yml", PreviousPath: FileName, Status: change.Renamed, Before: text, After: text},
		"to another ending":   {Path: ".github/gatehold.yaml", PreviousPath: FileName, Status: change.Renamed, Before: text, After: text},
		"into another folder": {Path: "gatehold.yml", PreviousPath: FileName, Status: change.Renamed, Before: text, After: text},
	} {
		if got := seenOf(t, f); !slices.Equal(got, []string{"gateconfig/removed"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFilesAreComparedAsWhatTheyAre: what a file means depends on the one that it
// is laid over, and on whose it is.
func TestFilesAreComparedAsWhatTheyAre(t *testing.T) {
	const loose = `version: 1
extends: []
mode: observe
agents: { helpers: [dependabot] }
needs: { low: none, medium: none, high: none, critical: none }
environments: { production: { hold: never, rollback: always, inherit: approved } }
break_glass: { from: ["@acme/incident", "@acme/dev"] }
`
	const strict = "version: 1\nextends: [migrations]\nneeds: { high: { approvals: 3 } }\nenvironments: { production: { " +
		"hold: always, wait: 5h } }\n"
	file := func(text string) *rulesfile.File {
		f, err := rulesfile.Parse(rulesfile.Source{Name: "organisation", Text: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const lowered = "version: 1\nextends: [migrations]\nadjust: { migrations/files: { risk: 1 } }\n"
	for name, c := range map[string]struct {
		as            FileReader
		before, after string
		weaker        bool
	}{
		"its own mode over a loose one": {FileReader{Org: file(loose)}, "version: 1\nmode: enforce\n", "version: 1\n", true},
		"no mode of its own, alone":     {FileReader{}, "version: 1\nmode: enforce\n", "version: 1\n", false},
		"its own environment": {FileReader{Org: file(loose)},
			"version: 1\nenvironments: { production: { hold: agent_changes } }\n", "version: 1\n", true},
		"its narrower break glass": {FileReader{Org: file(loose)},
			"version: 1\nbreak_glass: { from: [\"@acme/incident\"] }\n", "version: 1\n", true},
		"no break glass, alone": {FileReader{}, "version: 1\nbreak_glass: { from: [\"@acme/incident\"] }\n",
			"version: 1\n", false},
		"its own helpers":                {FileReader{Org: file(loose)}, "version: 1\nagents: { helpers: [] }\n", "version: 1\n", true},
		"its packs on an organisation's": {FileReader{Org: file(loose)}, "version: 1\nextends: [default]\n", "version: 1\n", true},
		"less than what the floor asks": {FileReader{Org: file(strict)}, "version: 1\nneeds: { high: { approvals: 2 } }\n",
			"version: 1\nneeds: { high: { approvals: 1 } }\n", false},
		"a wait below the floor's": {FileReader{Org: file(strict)},
			"version: 1\nenvironments: { production: { wait: 2h } }\n", "version: 1\nenvironments: { production: { wait: 1h } }\n", false},
		"a risk that it may not lower": {FileReader{Org: file(strict)}, "version: 1\n",
			"version: 1\nadjust: { migrations/files: { risk: 1 } }\n", false},
		"a risk that the organisation may": {FileReader{Organisation: true}, "version: 1\nextends: [migrations]\n", lowered, true},
	} {
		r := detect.NewReport(FileName)
		f := &change.File{Path: FileName, Before: change.TextOf(c.before), After: change.TextOf(c.after)}
		gateconfig.New(c.as).Detect(f, r)
		is := slices.ContainsFunc(r.Observations(), func(o detect.Observation) bool { return o.Kind.ID == weakened })
		if is != c.weaker {
			t.Errorf("%s: %+v", name, r.Observations())
		}
	}
}

func TestAWeakeningSaysWhere(t *testing.T) {
	f := &change.File{Path: FileName, Before: change.TextOf("version: 1\nenvironments:\n  production:\n    wait: 2h\n"),
		After: change.TextOf("version: 1\nenvironments:\n  production:\n    wait: 1h\n")}
	r := detect.NewReport(f.Path)
	gateconfig.New(FileReader{}).Detect(f, r)
	o := r.Observations()
	if len(o) != 1 || o[0].Line != 4 || o[0].Removed || o[0].Object != "environments/production/wait" || o[0].Detail != "2h0m0s to 1h0m0s" {
		t.Errorf("seen: %+v", o)
	}
}
