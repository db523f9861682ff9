package workflow

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/pattern"
)

// checkWords make a name read as a check. They are matched as words.
var checkWords = map[string]bool{"test": true, "tests": true, "testing": true, "lint": true, "linter": true, "check": true,
	"checks": true, "scan": true, "scanning": true, "audit": true, "verify": true, "validate": true, "security": true,
	"codeql": true, "sast": true, "dast": true, "vet": true, "typecheck": true, "coverage": true, "e2e": true,
	"integration": true, "unit": true, "spec": true, "specs": true, "analyze": true, "analysis": true, "trivy": true,
	"snyk": true, "semgrep": true, "gitleaks": true, "vulnerability": true, "vulnerabilities": true,
	"compliance": true, "review": true, "quality": true, "fuzz": true, "bandit": true, "zizmor": true, "actionlint": true,
	"scorecard": true, "phpunit": true, "pytest": true, "mypy": true, "clippy": true, "eslint": true, "checkov": true}

var securityWords = map[string]bool{"security": true, "scan": true, "scanning": true, "codeql": true, "sast": true, "dast": true,
	"trivy": true, "snyk": true, "semgrep": true, "gitleaks": true, "vulnerability": true, "vulnerabilities": true, "audit": true,
	"scorecard": true, "zizmor": true, "bandit": true, "checkov": true, "grype": true, "sarif": true, "compliance": true,
	"trufflehog": true, "dependency-review": true, "fuzz": true, "fuzzing": true}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// anyWord reports whether a name holds a word of a list. A name that speaks of
// secrets is one of a search for them where it says that they are looked for:
// "Build without secrets" and "Load secrets" are not.
func anyWord(s string, list map[string]bool) bool {
	secrets, sought := false, false
	for _, w := range words(s) {
		if list[w] {
			return true
		}
		secrets = secrets || w == "secret" || w == "secrets"
		sought = sought || seeking[w]
	}
	return secrets && sought && list["security"]
}

var seeking = map[string]bool{"detect": true, "detection": true, "detector": true, "leak": true, "leaks": true, "leaked": true,
	"scanner": true}

// checkCommand matches the commands of well-known checks in a script.
var checkCommand = pattern.Of(`(?m)\b(go (?:test|vet)|golangci-lint|staticcheck|govulncheck|pytest|tox|nox|mypy|` +
	`ruff|flake8|pylint|bandit|` +
	`npm (?:test|audit|t)\b|npm run (?:test|lint|check|typecheck|e2e)[\w:-]*|npx (?:jest|vitest|eslint|tsc|` +
	`playwright)|yarn (?:test|lint|audit|check)[\w:-]*|` +
	`pnpm (?:test|lint|audit|check)[\w:-]*|pnpm run (?:test|lint|check)[\w:-]*|jest|vitest|eslint|cargo (?:test|` +
	`clippy|audit|deny|fmt --check|nextest)|mvn (?:test|verify|-B test|-B verify)|` +
	`gradlew? (?:test|check)|\./gradlew (?:test|check)|dotnet test|bundle exec (?:rspec|rubocop|rake test)|rspec|` +
	`rubocop|brakeman|rake (?:test|spec)|phpunit|phpstan|psalm|` +
	`swift test|sbt (?:test|\+test)|mix (?:test|credo)|stack test|cabal (?:v2-)?test|rebar3 (?:ct|eunit)|crystal ` +
	`spec|dart (?:test|analyze)|flutter test|ctest|make (?:test|check|lint|verify|vet|e2e)[\w-]*|` +
	`terraform (?:validate|fmt -check)|tflint|tfsec|checkov|trivy|grype|snyk test|semgrep|gitleaks|trufflehog|` +
	`detect-secrets|codeql|shellcheck|actionlint|zizmor|hadolint|kubeconform|conftest|helm lint|bazel test|` +
	`xcodebuild[^\n]* test|composer (?:test|validate)|vendor/bin/phpunit|deno (?:test|lint)|bun test)`)

// checkActions are actions that are checks, by repository.
var checkActions = map[string]bool{"github/codeql-action/analyze": true, "actions/dependency-review-action": true,
	"golangci/golangci-lint-action": true, "aquasecurity/trivy-action": true, "aquasecurity/tfsec-action": true,
	"snyk/actions": true, "gitleaks/gitleaks-action": true, "ossf/scorecard-action": true, "github/super-linter": true,
	"super-linter/super-linter": true, "anchore/scan-action": true, "trufflesecurity/trufflehog": true,
	"bridgecrewio/checkov-action": true, "returntocorp/semgrep-action": true, "semgrep/semgrep-action": true,
	"sonarsource/sonarqube-scan-action": true, "sonarsource/sonarcloud-github-action": true, "reviewdog/action-actionlint": true,
	"raven-actions/actionlint": true, "zizmorcore/zizmor-action": true, "woodruffw/zizmor-action": true,
	"securego/gosec": true, "golang/govulncheck-action": true, "github/codeql-action/upload-sarif": true,
	"pypa/gh-action-pip-audit": true, "rustsec/audit-check": true, "embarkstudios/cargo-deny-action": true,
	hardener: true, "cypress-io/github-action": true}

// check says which check a step is, "" for none.
func (s *step) check() string {
	if !s.checkKnown {
		s.checkKnown, s.checkIs = true, s.findCheck()
	}
	return s.checkIs
}

func (s *step) findCheck() string {
	if name := s.action(); name != "" {
		if checkActions[name] || checkActions[ownerRepo(name)] {
			return name
		}
		if anyWord(path.Base(ownerRepo(name)), securityWords) {
			return name
		}
		return ""
	}
	for _, c := range s.commands() {
		if found := checkCommand().FindString(c); found != "" {
			return found
		}
	}
	return ""
}

// looksLikeCheck is wider: a name counts too.
func (s *step) looksLikeCheck() bool {
	return s.check() != "" || s.uses.s == "" && (anyWord(s.name, checkWords) || anyWord(s.id, checkWords) || runsTests(s)) ||
		s.uses.s != "" && anyWord(s.name, checkWords)
}

// runsTests finds a test in a script that no list knows: a command or a path
// with test in its name.
func runsTests(s *step) bool {
	for _, c := range s.commands() {
		if anyWord(c, testWords) {
			return true
		}
	}
	return false
}

var testWords = map[string]bool{"test": true, "tests": true, "spec": true, "lint": true, "phpunit": true, "check": true, "verify": true}

// checks are those of a file, each once, in order.
type checks struct {
	list []string
	have map[string]bool
}

// checksOf finds the checks of a file, once: every job of the other side asks.
func checksOf(f *file) ([]string, map[string]bool) {
	if f.checks == nil {
		f.checks = findChecks(f)
	}
	return f.checks.list, f.checks.have
}

func findChecks(f *file) *checks {
	found := &checks{have: map[string]bool{}}
	add := func(c string) {
		if c != "" && !found.have[c] {
			found.have[c] = true
			found.list = append(found.list, c)
		}
	}
	for i := range f.jobs {
		for k := range f.jobs[i].steps {
			s := &f.jobs[i].steps[k]
			add(s.check())
			if s.uses.s == "" {
				for _, c := range s.commands() {
					for _, found := range checkCommand().FindAllString(c, 20) {
						add(found)
					}
				}
			}
		}
	}
	return found
}

// security tells whether a job looks for holes: by what it runs, what it
// uploads, or what it is called.
func (j *job) security() bool {
	if anyWord(j.id, securityWords) || anyWord(j.name, securityWords) || j.perms.level("security-events") == 2 {
		return true
	}
	for i := range j.steps {
		s := &j.steps[i]
		if ownerRepo(s.action()) == hardener {
			continue
		}
		if c := s.check(); c != "" && s.uses.s != "" && c != "github/super-linter" && c != "cypress-io/github-action" {
			return true
		}
		if anyWord(s.action(), securityWords) || anyWord(s.name, securityWords) {
			return true
		}
	}
	return parseRef(j.uses.s).kind == remote && anyWord(parseRef(j.uses.s).name, securityWords)
}

func (j *job) isCheck() bool {
	if anyWord(j.id, checkWords) || anyWord(j.name, checkWords) || j.security() {
		return true
	}
	for i := range j.steps {
		if c := j.steps[i].check(); c != "" && c != hardener {
			return true
		}
	}
	return false
}

// hardener guards the job in which it is a step. It looks at no code: a job that it
// guards is no check for that.
const hardener = "step-security/harden-runner"

// deleted reports a workflow that is gone with the checks it ran.
func deleted(f *file, name string) []hit {
	if f.action {
		return nil
	}
	h := hit{kind: kindWorkflowDeleted, removed: true, line: 1, object: name}
	for i := range f.jobs {
		j := &f.jobs[i]
		if j.security() || anyWord(name, securityWords) || f.perms.level("security-events") == 2 {
			h.kind, h.detail = kindSecurityDeleted, "job "+j.id
			return []hit{h}
		}
		if j.isCheck() && h.kind == kindWorkflowDeleted {
			h.kind, h.detail = kindChecksDeleted, "job "+j.id
		}
	}
	return []hit{h}
}
