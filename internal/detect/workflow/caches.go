package workflow

import (
	"strings"
)

// cacher is an action that restores a cache which runs on other branches, pull
// requests included, may have filled.
type cacher struct {
	input   string // the input that turns it on or off, "" where none does
	isOn    bool   // without the input
	offWhen bool   // the input turns caching off: lookup-only, no-cache
}

// cachers are the cache-aware actions, with what their documentation says
// about the input in question.
var cachers = map[string]cacher{
	"actions/cache": {input: "lookup-only", isOn: true, offWhen: true}, "actions/setup-java": {input: "cache"},
	"actions/setup-go": {input: "cache", isOn: true}, "actions/setup-node": {input: "cache"},
	"actions/setup-python": {input: "cache"}, "actions/setup-dotnet": {input: "cache"},
	"astral-sh/setup-uv": {input: "enable-cache", isOn: true}, "swatinem/rust-cache": {input: "lookup-only", isOn: true, offWhen: true},
	"ruby/setup-ruby": {input: "bundler-cache"}, "pyo3/maturin-action": {input: "sccache"},
	"mlugg/setup-zig": {input: "use-cache", isOn: true}, "oven-sh/setup-bun": {input: "no-cache", isOn: true, offWhen: true},
	"determinatesystems/magic-nix-cache-action": {input: "use-gha-cache", isOn: true}, "graalvm/setup-graalvm": {input: "cache"},
	"gradle/actions/setup-gradle":            {input: "cache-disabled", isOn: true, offWhen: true},
	"gradle/gradle-build-action":             {input: "cache-disabled", isOn: true, offWhen: true},
	"actions-rust-lang/setup-rust-toolchain": {input: "cache", isOn: true},
	"mozilla-actions/sccache-action":         {isOn: true}, "nix-community/cache-nix-action": {isOn: true},
	"awalsh128/cache-apt-pkgs-action": {isOn: true}, "jdx/mise-action": {input: "cache", isOn: true},
	"ramsey/composer-install":       {input: "ignore-cache", isOn: true, offWhen: true},
	"golangci/golangci-lint-action": {input: "skip-cache", isOn: true, offWhen: true},
}

// publishers are actions that hand what was built to others.
var publishers = map[string]bool{
	"pypa/gh-action-pypi-publish": true, "rubygems/release-gem": true, "jreleaser/release-action": true,
	"goreleaser/goreleaser-action": true, "softprops/action-gh-release": true, "release-drafter/release-drafter": true,
	"googleapis/release-please-action": true, "docker/build-push-action": true, "redhat-actions/push-to-registry": true,
	"aws-actions/amazon-ecs-deploy-task-definition": true, "aws-actions/aws-cloudformation-github-deploy": true,
	"azure/aci-deploy": true, "azure/container-apps-deploy-action": true, "azure/functions-action": true,
	"azure/sql-action": true, "azure/webapps-deploy": true, "cloudflare/wrangler-action": true,
	"google-github-actions/deploy-appengine": true, "google-github-actions/deploy-cloudrun": true,
	"google-github-actions/deploy-cloud-functions": true, "ncipollo/release-action": true, "js-devtools/npm-publish": true,
	"svenstaro/upload-release-action": true, "cycjimmy/semantic-release-action": true,
}

// auditCache reports a cache in a job that publishes, or that outsiders start
// with write access: what a pull request put there goes out as a release.
func auditCache(f *file, j *job) []hit {
	release := releases(f)
	for i := range j.steps {
		release = release || publishes(&j.steps[i])
	}
	privileged := f.on("pull_request_target", "workflow_run", "issue_comment")
	if !release && !privileged {
		return nil
	}
	var out []hit
	for i := range j.steps {
		s := &j.steps[i]
		name := s.action()
		if name == "actions/cache/save" && privileged {
			out = append(out, hit{kind: kindCachePoisoning, key: j.id + name, line: s.line, object: name})
			continue
		}
		if !caches(f, s, name) || !release && name != "actions/cache" {
			continue
		}
		out = append(out, hit{kind: kindCachePoisoning, key: j.id + name, line: s.line, object: name})
	}
	return out
}

// releases tells whether what starts a workflow is how software is released: a
// release, a tag, a push to a release branch.
func releases(f *file) bool {
	if f.on("release") {
		return true
	}
	push, ok := f.events["push"]
	return ok && (len(push.tags) > 0 || releaseBranch(push))
}

func releaseBranch(push event) bool {
	for _, b := range push.branches {
		if strings.Contains(strings.ToLower(b), "release") {
			return true
		}
	}
	return false
}

func publishes(s *step) bool {
	name := s.action()
	if name == "docker/build-push-action" {
		return s.input("push").s != "false"
	}
	if publishers[name] {
		return true
	}
	return s.runs("npm publish", "yarn publish", "pnpm publish", "cargo publish", "twine upload", "gem push", "docker push",
		"gh release create", "gh release upload", "dotnet nuget push", "mvn deploy", "poetry publish", "uv publish", "helm push")
}

func caches(f *file, s *step, name string) bool {
	if name == "docker/setup-buildx-action" {
		return s.input("cache-binary").s != "false" && s.has("version")
	}
	c, ok := cachers[name]
	if !ok {
		return false
	}
	if name == "actions/setup-node" && s.input("cache").empty() {
		// From v5 on it caches by itself; a SHA may be any version.
		m := majorOf(s)
		return (m == 0 || m >= 5) && s.input("package-manager-cache").s != "false"
	}
	v := strings.ToLower(strings.TrimSpace(s.input(c.input).s))
	if name == "astral-sh/setup-uv" && v != "true" && !strings.Contains(v, "${{") && majorOf(s) >= 10 {
		return false // from v10 on, releases are not cached unless asked for
	}
	switch {
	case c.input == "" || v == "":
		return c.isOn
	case strings.Contains(v, "${{"):
		return !offOnTags(v, f)
	case c.offWhen:
		return v != "true" && v != "yes" && v != "1"
	}
	return v != "false"
}

// offOnTags tells whether an expression turns a cache off on tags, where tags
// (or releases, which are tags) are all that releases here.
func offOnTags(v string, f *file) bool {
	if push, ok := f.events["push"]; ok && releaseBranch(push) {
		return false
	}
	v = strings.Join(strings.Fields(v), "")
	return strings.Contains(v, "!startswith(github.ref,'refs/tags/')") ||
		strings.HasPrefix(v, "${{!(") && strings.Contains(v, "github.ref_type=='tag'") || v == "${{false}}"
}

// majorOf is the major version of the tag that a step uses, 0 for a SHA: the
// comment behind one is only a claim.
func majorOf(s *step) int {
	at := parseRef(s.uses.s).at
	if v := version(at); len(v) > 0 && !pinned(at) {
		return v[0]
	}
	return 0
}
