package workflow

import (
	"strconv"
	"strings"
)

// archived are actions whose repositories are read-only: a hole found in one
// is never closed. A short list of those still met in workflows.
var archived = map[string]bool{
	"actions/create-release": true, "actions/upload-release-asset": true, "actions/setup-ruby": true,
	"actions/setup-elixir": true, "actions/setup-haskell": true, "actions/starter-workflows": true,
	"actions-rs/cargo": true, "actions-rs/toolchain": true, "actions-rs/clippy-check": true,
	"actions-rs/audit-check": true, "actions-rs/install": true, "actions-rs/tarpaulin": true, "actions-rs/grcov": true,
	"azure/container-scan": true, "azure/container-actions": true, "azure/k8s-actions": true,
	"artichoke/setup-rust": true, "andrewmcodes-archive/rubocop-linter-action": true, "grafana/k6-action": true,
	"gradle/gradle-build-action": true, "gradle/wrapper-validation-action": true, "hecrj/setup-rust-action": true,
	"repo-sync/pull-request": true, "sonarsource/sonarcloud-github-action": true, "semgrep/semgrep-action": true,
	"returntocorp/semgrep-action": true, "navikt/github-app-token-generator": true, "mheap/phpunit-github-action": true,
	"wei/git-sync": true, "whelk-io/maven-settings-xml-action": true, "google-github-actions/release-please-action": true,
	"google-github-actions/setup-cloud-sdk": true,
	"whitesource/ghas-whitesource-action":   true, "8398a7/action-slack": true,
	"johnwason/vcpkg-action": true, "justinribeiro/lighthouse-action": true, "kanadgupta/glitch-sync": true,
	"kxxt/chatgpt-action": true, "maierj/fastlane-action": true,
	"rust-lang/simpleinfra": true, "jakejarvis/s3-sync-action": true,
	"crazy-max/ghaction-docker-buildx": true, "crazy-max/ghaction-docker-meta": true,
	"marvinpinto/action-automatic-releases": true, "tibdex/github-app-token": true, "olafurpg/setup-scala": true,
}

// advisory is a published hole in an action: versions below fixed have it.
type advisory struct {
	name  string
	fixed string
	id    string
}

// advisories are holes in actions that were used for real or are met often,
// from GitHub's advisory database (ecosystem: Actions). It can only ever be
// short: the unpinned and newly added actions are what catches the rest.
var advisories = [...]advisory{
	{"tj-actions/changed-files", "46.0.1", "CVE-2025-30066, secrets printed by a hijacked tag"},
	{"tj-actions/branch-names", "7.0.7", "CVE-2023-49291, command injection by a branch name"},
	{"tj-actions/verify-changed-files", "17", "CVE-2023-52137, command injection by a file name"},
	{"reviewdog/action-setup", "1.3.1", "CVE-2025-30154, secrets printed by a hijacked tag"},
	{"atlassian/gajira-create", "2.0.1", "GHSA-4xqx-pqpj-9fqw, code execution by an issue's text"},
	{"rlespinasse/github-slug-action", "4.4.1", "GHSA-6q4m-7476-932w, environment injection"},
	{"gradle/gradle-build-action", "2.4.2", "CVE-2023-30853, secrets in the cache"},
	{"actions/download-artifact", "4.1.3", "CVE-2024-42471, files written outside the folder"},
	{"dawidd6/action-download-artifact", "6", "GHSA-5xr6-xhww-33m4, artifacts of forks taken for own ones"},
	{"check-spelling/check-spelling", "0.0.19", "CVE-2021-32724, token leak on pull requests"},
	{"hashicorp/vault-action", "2.2.0", "CVE-2021-32074, secrets in the log"},
	{"embano1/wip", "2", "CVE-2023-30623, injection by a title"},
	{"sonarsource/sonarqube-scan-action", "5.3.1", "CVE-2025-58178, command injection"},
	{"lycheeverse/lychee-action", "2.0.2", "CVE-2024-48908, code injection"},
	{"step-security/harden-runner", "2.10.2", "CVE-2024-52587, command injection"},
}

// vulnerable says which hole a reference has. A moving major tag (v4) is read
// as the newest of that line; a SHA cannot be told, but for actions that no
// fixed release replaced.
func vulnerable(r ref) string {
	repo := ownerRepo(r.name)
	for _, a := range advisories {
		if a.name != repo || !versionTag(r.at) {
			continue
		}
		if repo == "actions/download-artifact" && !strings.HasPrefix(r.at, "v4.") {
			continue
		}
		have, want := version(r.at), version(a.fixed)
		for i := range want {
			if i >= len(have) || have[i] > want[i] {
				break
			}
			if have[i] < want[i] {
				return a.id
			}
		}
	}
	return ""
}

func version(s string) []int {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "v"), "V")
	var out []int
	for part := range strings.SplitSeq(s, ".") {
		end := 0
		for end < len(part) && end < 9 && part[end] >= '0' && part[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			break
		}
		out = append(out, n)
	}
	return out
}
