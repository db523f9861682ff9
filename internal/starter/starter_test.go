package starter_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/starter"
)

var update = flag.Bool("update", false, "write what the tests expect from what they get")

// TestGolden: a repository's files go in, and "WRITTEN" is what comes out.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 2 {
		t.Fatalf("%d cases, %v", len(names), err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var files []starter.File
		at := -1
		for i, f := range a.Files {
			if f.Name == "WRITTEN" {
				at = i
				continue
			}
			files = append(files, starter.File{Path: f.Name, Text: string(f.Data)})
		}
		got := starter.Write(files)
		check(t, got)
		if *update {
			a.Files[at].Data = []byte(got)
			if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(a.Files[at].Data) {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, a.Files[at].Data)
		}
	}
}

func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) *policy.Rules {
	t.Helper()
	file, err := rulesfile.Parse(rulesfile.Source{Name: policy.FileName, Text: []byte(text)})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	rules, err := policy.Compile(nil, file)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if rules.Mode() != rulesfile.Observe {
		t.Fatalf("a first file that holds:\n%s", text)
	}
	return rules
}

var hostileNames = []string{
	"a", "prod", "production", "staging", "dev", "backups", "envs", "*", "!x", "{a,b", "[z", "a\\", "a: b", "# c", "\"q\"", "'",
	"new\nline", "cr\r", "tab\t", "\x00", "\xff\xfe",
	"\u202eevil", "\u2028", "\u0085", "\ufeff", "%s%d", "- x", "&anchor", "<<", "~", "null", "true", "...", "---", "|", ">",
	"日本", "😀", strings.Repeat("long", 80), strings.Repeat("*", 40), " ", "migrations", "Dockerfile", "main.tf", "go.sum",
}

var hostileTexts = []string{
	"", "apiVersion: v1\nkind: Pod\n",
	"on: push\njobs:\n  deploy: { environment: production }\n  b: { environment: { name: \"a\\nb\" } }\n",
	"jobs:\n  \"x\\ny: z\": { environment: 'we\"ird # [name]: {}' }\n  deploy: { environment: Production }\n  c: { " +
		"environment: PRODUCTION }\n",
	"jobs: { d: { environment: \"${{ inputs.env }}\" }, e: { environment: ~ }, f: { environment: \"\\u202e\\x7f\" }, g: { " +
		"environment: [] }, h: { environment: { name: \"\\0\" } } }\n",
	"jobs: &a { x: *a }\n", "jobs:\n" + strings.Repeat(" ", 3) + "- - - [", strings.Repeat("[", 5000), "jobs: 7\n",
	"* @acme/sre @acme/sec @a- @-b @x/y/z not@an.owner\n/db/ @acme/dba\n", "* @ana @bo\n", "/a @b\n/c @b\n/d @c # @e\n", "\xff\xfe @x",
}

// TestWhateverTheTree: the file always parses, holds nothing, and is the same
// in whatever order the files come.
func TestWhateverTheTree(t *testing.T) {
	name := rapid.OneOf(rapid.SampledFrom(hostileNames), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var files []starter.File
		for range rapid.IntRange(0, 12).Draw(t, "files") {
			parts := rapid.SliceOfN(name, 1, 4).Draw(t, "path")
			path := strings.Join(parts, "/")
			switch rapid.IntRange(0, 5).Draw(t, "place") {
			case 0:
				path = ".github/workflows/" + parts[0] + ".yml"
			case 1:
				path = rapid.SampledFrom([]string{".github/CODEOWNERS", "CODEOWNERS"}).Draw(t, "owners")
			case 2:
				path += "/prod/x.tf"
			case 3:
				path = strings.Join(parts, "/") + "/staging/x.yaml"
			}
			files = append(files, starter.File{Path: path, Text: rapid.OneOf(rapid.SampledFrom(hostileTexts),
				rapid.String()).Draw(t, "text")})
		}
		text := starter.Write(files)
		check(t, text)
		for _, r := range text {
			if r != '\n' && (r < ' ' || r == 0x7f || r == '\u202e' || r == '\u2028' || r == 0x85) {
				t.Fatalf("%q is written as it is in\n%q", r, text)
			}
		}
		slices.Reverse(files)
		if !twice(files) && starter.Write(files) != text {
			t.Fatal("the order of the files is seen in what is written")
		}
	})
}

// twice reports whether a path stands there twice, which no tree has.
func twice(files []starter.File) bool {
	seen := map[string]bool{}
	for _, f := range files {
		if seen[f.Path] {
			return true
		}
		seen[f.Path] = true
	}
	return false
}

// TestBoundariesHold: what is written keeps apart what it says, hostile names
// of folders or not.
func TestBoundariesHold(t *testing.T) {
	for _, parent := range []string{"envs", "a*b", "[x]", "{a,b}", "!no", "back\\slash", "sp ace"} {
		files := []starter.File{{Path: parent + "/prod/main.tf"}, {Path: parent + "/staging/main.tf"}}
		rules := check(t, starter.Write(files))
		c := change.Change{HeadRef: "copilot/x", Files: []change.File{}}
		for _, f := range files {
			c.Files = append(c.Files, change.File{Path: f.Path, Status: change.Modified, Before: change.TextOf("a = 1\n"),
				After: change.TextOf("a = 2\n")})
		}
		v := judge.Change(rules.AsAgents(), &c)
		crossed := func(path string) bool {
			for _, f := range v.Findings {
				if f.Observation != nil && *f.Observation == "boundaries/crossed" && f.Path != path {
					return true
				}
			}
			return false
		}
		if !crossed("") {
			t.Errorf("%q: production and staging in one change are not told of: %+v", parent, v.Findings)
		}
	}
}

// TestNoProductionFolderIsLeftOut: of many folders of production none lies outside
// of its boundary, neither one that is alone nor the next that somebody makes, and
// none of another environment lies in it.
func TestNoProductionFolderIsLeftOut(t *testing.T) {
	var files, others []string
	for i := range 57 {
		at := fmt.Sprintf("apps/team-%d/service-%d/overlays/", i%7, i)
		files = append(files, at+"production/kustomization.yaml")
		others = append(others, at+"staging/kustomization.yaml", at+"base/kustomization.yaml")
	}
	files = append(files, "legacy/prod/main.tf", "clusters/prod-eu-west-1/flux.yaml", "clusters/prod-us-east-2/flux.yaml")
	others = append(others, "clusters/dev-eu-west-1/flux.yaml", "src/live/view.ts", "src/test-utils/x.ts", "docs/production-ready.md")
	var tree []starter.File
	for _, p := range append(slices.Clone(files), others...) {
		tree = append(tree, starter.File{Path: p})
	}
	text := starter.Write(tree)
	rules := check(t, text)
	files = append(files, "apps/team-9/service-99/overlays/production/patch.yaml")
	for _, p := range files {
		if !inProduction(rules, p) {
			t.Errorf("%s is left out", p)
		}
	}
	for _, p := range others {
		if inProduction(rules, p) {
			t.Errorf("%s is taken for production's", p)
		}
	}
	if n := strings.Count(text, "\n      - "); n > 20 {
		t.Errorf("%d patterns, which nobody reads:\n%s", n, text)
	}
}

// inProduction reports whether a change of p and of a folder of staging crosses
// into production.
func inProduction(rules *policy.Rules, p string) bool {
	c := change.Change{HeadRef: "copilot/x"}
	for _, path := range []string{p, "apps/team-0/service-0/overlays/staging/kustomization.yaml"} {
		c.Files = append(c.Files, change.File{Path: path, Status: change.Modified, Before: change.TextOf("a: 1\n"),
			After: change.TextOf("a: 2\n")})
	}
	return slices.ContainsFunc(judge.Change(rules.AsAgents(), &c).Findings, func(f gate.Finding) bool {
		return f.Observation != nil && *f.Observation == "boundaries/crossed"
	})
}

// TestNeedsCanBeMetToday: whatever CODEOWNERS says, what is written holds nothing
// for ever, and nobody answers for all because a line gives them one folder.
func TestNeedsCanBeMetToday(t *testing.T) {
	for owners, want := range map[string]string{
		"":                                  "",
		"/db/ @ana\n/db/x @ana\n/web @bo\n": "",
		"* @ana\n":                          `from: ["@ana", "role:maintain"]`,
		"* @acme/sre\n/db/ @acme/dba\n":     `from: ["@acme/sre"]`,
		"* @acme/sre\n* @bo @ana\n":         `from: ["@ana", "@bo"]`,
		"* @acme/sre\n*\n":                  "",
	} {
		text := starter.Write([]starter.File{{Path: ".github/CODEOWNERS", Text: owners}})
		if unmet := check(t, text).Unmet(); len(unmet) > 0 {
			t.Errorf("%q: %v", owners, unmet)
		}
		needs := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "  critical:") {
				needs = line
			}
		}
		if want == "" && needs != "" || !strings.Contains(needs, want) {
			t.Errorf("%q: %q, want %q", owners, needs, want)
		}
	}
}

// TestWhatDeploys: a workflow counts as a deploy where it sends something out.
func TestWhatDeploys(t *testing.T) {
	steps := func(uses ...string) string {
		text := "jobs:\n  publish:\n    steps:\n"
		for _, u := range uses {
			text += "      - uses: " + u + "\n"
		}
		return text
	}
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"deploy.yml": {"", true}, "deploy-test.yml": {"", true}, "release.yml": {"", true}, "publish-npm.yml": {"", true},
		"deploy-docs.yml": {"", true}, "promote.yml": {"", true}, "release-please.yml": {"", true},
		"publish-test-results.yml": {"", false}, "release-notes.yml": {"", false}, "release-drafter.yml": {"", false},
		"deploy-dry-run.yml": {"", false}, "test-release.yml": {"", false}, "publish-coverage-report.yml": {"", false},
		"validate-deploy.yml": {"", false}, "ci.yml": {"jobs: { build: {} }", false},
		"a.yml": {steps("actions/checkout@v5", "EnricoMi/publish-unit-test-result-action@v2"), false},
		"b.yml": {steps("actions/download-artifact@v5", "dorny/test-reporter@v2"), false},
		"c.yml": {steps("actions/checkout@v5", "pypa/gh-action-pypi-publish@v1"), true},
		"d.yml": {"jobs:\n  publish:\n    steps: [{ uses: dorny/test-reporter@v2 }, { run: npm publish }]\n", true},
		"e.yml": {"jobs: { report: { environment: production, steps: [{ uses: dorny/test-reporter@v2 }] } }", true},
	} {
		path := ".github/workflows/" + name
		text := starter.Write([]starter.File{{Path: path, Text: c.text}})
		check(t, text)
		if got := strings.Contains(text, "- \""+path+"\""); got != c.want {
			t.Errorf("%s: deploys %v", name, got)
		}
	}
}

// TestInfrastructureOfAllKinds: the pack is named for whatever declares resources.
func TestInfrastructureOfAllKinds(t *testing.T) {
	for _, f := range []starter.File{
		{Path: "infra/main.bicep"}, {Path: "main.bicepparam"}, {Path: "cdk.json"}, {Path: "lib/shop-stack.ts"}, {Path: "infra/Pulumi.yaml"},
		{Path: "Pulumi.prod.yaml"}, {Path: "serverless.yml"}, {Path: "main.tf"}, {Path: "sst.config.ts"},
		{Path: "template.yaml", Text: "AWSTemplateFormatVersion: '2010-09-09'\n"},
		{Path: "stack.yml", Text: "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"},
	} {
		if text := starter.Write([]starter.File{f}); !strings.Contains(text, "#   infrastructure      "+f.Path) {
			t.Errorf("%s:\n%s", f.Path, text)
		}
	}
	if text := starter.Write([]starter.File{{Path: "config.yml", Text: "type: AWS\n"}}); strings.Contains(text, "#   infrastructure") {
		t.Errorf("any YAML is taken for infrastructure:\n%s", text)
	}
}
