package pipeline

import (
	"path"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

func named(beginnings ...string) func(string) bool {
	return func(p string) bool {
		for _, b := range beginnings {
			if strings.HasPrefix(path.Base(p), b) || strings.Contains("/"+p, "/"+b+"/") {
				return true
			}
		}
		return false
	}
}

func gitlabFile(p string) bool { return strings.Contains(strings.ToLower(p), "gitlab") }

// jenkins is a pipeline in Groovy.
func jenkins(p string) bool {
	b := path.Base(p)
	return strings.HasPrefix(b, "Jenkinsfile") || strings.HasSuffix(b, ".jenkinsfile") || path.Ext(b) == ".groovy"
}

// lines is what a line says by itself.
var lines = sync.OnceValue(func() *linematch.Set {
	return linematch.New([]linematch.Pattern{
		{Kind: kindForeign, Words: []string{"remote:"}, In: gitlabFile, Expr: `^\s*-?\s*(?:include:\s*)?remote:\s*['"]?https?://([^/\s'"]+)`,
			Says: "whatever lies there is run"},
		{Kind: kindForeign, Words: []string{"@volatile", "@dev:"}, Expr: `^\s*[\w-]+:\s*["']?([\w.-]+/[\w.-]+@(?:volatile|dev:[\w.-]+))`,
			Says: "it changes without notice"},
		{Kind: kindForeign, Words: []string{"library"}, In: jenkins, Says: "whatever its branch holds is run",
			Expr: `\blibrary\b.*identifier:\s*['"]([\w.-]+@(?:master|main|HEAD))['"].*https?://`},
		{Kind: kindApproval, Gone: true, In: jenkins, Words: []string{"input"},
			Expr: `\binput\b\s*(?:\(|["']|message\b|id\b|\{|submitter\b)`},
		{Kind: kindApproval, Gone: true, Words: []string{"requireapproval", "manualjudgment", "manual_judgment", "harnessapproval",
			"approval", "manual", "apply_requirements"}, Tag: "any",
			Expr: `requireApproval\s*:\s*true|["']?type["']?\s*:\s*["']?(?:manualJudgment|HarnessApproval|JiraApproval)|` +
				`^\s*approval\s*(?:\{|:\s*(?:$|manual|["']manual))|apply_requirements.*approved|^\s*type:\s*manual\s*$`},
		{Kind: kindApproval, Words: []string{"auto_promote", "autopromote", "autodeploy", "auto_apply", "autoapply", "automerge"},
			Expr: `^\s*-?\s*["']?(?:auto_?promote|autodeploy|auto_?apply)["']?\s*:\s*(?:true\b|$)`, Says: "it goes on by itself"},
		{Kind: kindApproval, Gone: true, In: named(".drone.", ".woodpecker", "concourse"), Words: []string{"promote", "trigger: false"},
			Expr: `\bpromote\b|^\s*trigger:\s*false`},
		{Kind: kindApproval, Gone: true, In: byLines, Words: []string{"approv", "sign-off", "signoff", "suspend"}, Tag: "any",
			Expr: `(?i)^[\s-]*["']?(?:name|passed|requires|needs|block|gate|stage|type)["']?\s*:\s*.*` +
				`\b(?:pending-)?(approv(?:e|al|als|ed)?|sign-?off)\b|` +
				`^[\s-]*suspend:\s*\{`},
		{Kind: kindHost, In: named(".drone.", ".woodpecker", "concourse", ".tekton", ".semaphore"),
			Words: []string{"privileged", "docker.sock", "/:/", "path"},
			Expr: `^\s*-?\s*(privileged)\s*:\s*true|[\s\["'](/var/run/docker\.sock|/:/[\w/]*)|` +
				`host\s*:\s*\{?\s*path\s*:\s*(/)\s*(?:\}|$)`},
		{Kind: kindScan, Gone: true, Words: []string{"semgrep", "trivy", "snyk", "gitleaks", "sonar", "checkov", "tfsec", "bandit",
			"grype",
			"dependency-check", "dependency_check", "dependency-scanning", "dependency_scanning", "npm audit", "yarn audit", "pnpm audit",
			"pip-audit", "gosec", "codeql", "zap", "trufflehog", "security/", "sast", "dast", "securitydevops", "advancedsecurity",
			"secret-detection", "secret_detection", "container_scanning", "container-scanning", "govulncheck", "kics", "terrascan",
			"brakeman",
			"osv-scanner", "detect-secrets", "anchore", "veracode", "fortify", "checkmarx", "cosign verify", "bundler-audit",
			"cargo audit",
			"clair", "nuclei", "dockle"},
			Expr: `(?i)\b(semgrep|trivy|snyk|gitleaks|sonar-?scanner|sonarqube\w*|SonarCloud\w*|checkov|tfsec|bandit|grype|` +
				`dependency[-_]check|` +
				`dependency[-_]scanning|(?:npm|yarn|pnpm) audit|pip-audit|gosec|codeql|zap-\w+|trufflehog|` +
				`(?:Security|Jobs)/[\w-]+\.(?:latest\.)?gitlab-ci\.yml|sast|dast|MicrosoftSecurityDevOps|AdvancedSecurity-\w+|` +
				`secret[-_]detection|` +
				`container[-_]scanning|govulncheck|kics|terrascan|brakeman|osv-scanner|detect-secrets|anchore\w*|veracode|fortify|` +
				`checkmarx|` +
				`cosign verify|bundler-audit|cargo audit|clair|nuclei|dockle)\b`, Not: `(?i)^\s*(?:-\s*)?(?:name|label|key)\s*:`},
		{Kind: kindIgnored, Words: []string{"|| true", "|| exit 0", "|| :", "continueonerror", "soft_fail", "returnstatus", "catcherror"},
			Expr: `(?i)\b(?:test|lint|scan|audit|check|verify|trivy|semgrep|snyk|gitleaks|gosec|bandit|pytest|jest|` +
				`vitest)\b.*\|\|\s*(?:true|exit 0|:)|` +
				`^\s*-?\s*(?:continueOnError|soft_fail)\s*:\s*true|catchError\(\s*buildResult\s*:\s*'SUCCESS'`},
	})
})
