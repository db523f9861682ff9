package starter

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/pattern"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
)

// found is what a repository holds, as far as a rules file cares.
type found struct {
	packs             map[string][]string // pack: paths, in order
	owners            []string
	ownersFile        string
	environments      []named
	unfitEnvironments int
	deploys           []named // pattern, and why
	boundaries        []boundary
	separate          [][2]string
}

type boundary struct {
	name         string
	paths        []string // patterns
	environments []string
}

// kind is a pack and the files by which it is known that it applies.
type kind struct {
	pack, why string
	is        func(p, base string) bool
	text      func(base, text string) bool // nil: the path says it all
}

var (
	migrationDir = pattern.Of(`(?i)(^|/)(migrations?|migrate|alembic|flyway|liquibase)/`)
	dockerfile   = pattern.Of(`(?i)^(Dockerfile|Containerfile)(\..+)?$|\.dockerfile$|^(docker-)?compose(\..+)?\.ya?ml$`)
	lockFile     = pattern.Of(`(?i)^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|` +
		`bun\.lockb?|go\.sum|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock|Gemfile\.lock|` +
		`composer\.lock|gradle\.lockfile|packages\.lock\.json|mix\.lock|flake\.lock)$`)
	agentFile = pattern.Of(`(?i)(^|/)(AGENTS\.md|CLAUDE\.md|GEMINI\.md|\.cursorrules|\.windsurfrules|` +
		`\.mcp\.json|mcp\.json|copilot-instructions\.md)$|(^|/)\.(claude|cursor|codex|gemini)/`)
	backupDir    = pattern.Of(`(?i)^(.*/)?(backups?)$`)
	identityFile = pattern.Of(`(?i)(^|/)(iam|rbac|auth|oauth|sso|identity|permissions?)(/|[^/]*\.(tf|ya?ml|json|rego)$)`)
	kubernetes   = pattern.Of(`(?m)^apiVersion:\s*\S`)
	kubeKind     = pattern.Of(`(?m)^kind:\s*\S`)
	stackFile    = pattern.Of(`(?i)^(cdk(tf)?\.json|Pulumi(\.[\w-]+)?\.ya?ml|serverless\.(ya?ml|json|ts)|samconfig\.toml|` +
		`sst\.config\.ts|azuredeploy.*\.json|.*-stack\.(ts|py))$`)
	cloudForm = pattern.Of(`(?m)^\s*"?(AWSTemplateFormatVersion|Transform)"?\s*:|^\s*"?Type"?\s*:\s*["']?AWS::\w+::`)
)

var kinds = []kind{
	{"agent-instructions", "what agents are told and allowed", func(p, _ string) bool { return agentFile().MatchString(p) }, nil},
	{"backups", "what brings data back", func(p, _ string) bool { return backupDir().MatchString(path.Dir(p)) }, nil},
	{"ci", "workflows run with the repository's secrets", func(p, _ string) bool { return isWorkflow(p) }, nil},
	{"containers", "what images run, and as whom", func(_, base string) bool { return dockerfile().MatchString(base) }, nil},
	{"dependencies", "others' code that is run here", func(_, base string) bool { return lockFile().MatchString(base) }, nil},
	{"identity", "who may do what", func(p, _ string) bool { return identityFile().MatchString(p) }, nil},
	{"infrastructure", "resources that hold data", func(_, base string) bool {
		return isInfrastructure(base) || hasSuffix(base, ".yaml", ".yml")
	}, func(base, text string) bool { return isInfrastructure(base) || cloudForm().MatchString(text) }},
	{"kubernetes", "workloads and their volumes",
		func(_, base string) bool { return hasSuffix(base, ".yaml", ".yml") || base == "Chart.yaml" }, isKubernetes},
	{"migrations", "databases change by them, and rows do not come back", func(p, base string) bool {
		return migrationDir().MatchString(p) && !hasSuffix(base, ".md", ".txt") || base == "schema.prisma" || base == "structure.sql"
	}, nil},
}

func isInfrastructure(base string) bool {
	return hasSuffix(base, ".tf", ".tofu", ".tf.json", ".tfvars", ".bicep", ".bicepparam") || stackFile().MatchString(base)
}

func isKubernetes(_, text string) bool {
	return kubernetes().MatchString(text) && kubeKind().MatchString(text)
}

func hasSuffix(base string, ends ...string) bool {
	base = strings.ToLower(base)
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(base, e) })
}

func isWorkflow(p string) bool {
	return path.Dir(p) == ".github/workflows" && hasSuffix(p, ".yml", ".yaml")
}

// ownersFiles are the places that GitHub looks at, in its order.
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
var ownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Wants reports whether Write looks into a file.
func Wants(p string) bool {
	return slices.Contains(ownersFiles, p) || hasSuffix(p, ".yml", ".yaml")
}

func look(files []File) *found {
	f := &found{packs: map[string][]string{}}
	for i := range files {
		file := &files[i]
		if len(file.Text) > MaxText {
			file.Text = ""
		}
		for _, k := range kinds {
			if k.is(file.Path, path.Base(file.Path)) && (k.text == nil || k.text(path.Base(file.Path), file.Text)) && !isWorkflowOf(k, file.Path) {
				f.packs[k.pack] = append(f.packs[k.pack], file.Path)
			}
		}
		if isWorkflow(file.Path) {
			f.workflow(file)
		}
	}
	f.findOwners(files)
	slices.SortStableFunc(f.environments, byName)
	f.environments = oncePerName(f.environments)
	f.findBoundaries(files)
	return f
}

// isWorkflowOf leaves workflows to their own pack.
func isWorkflowOf(k kind, p string) bool { return k.pack != "ci" && isWorkflow(p) }

// oncePerName keeps the first of each name: GitHub compares them without case.
func oncePerName(in []named) []named {
	seen := map[string]bool{}
	var out []named
	for _, n := range in {
		if key := strings.ToLower(n.name); !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	}
	return out
}

// below is the pattern of all files below a directory, or nothing where no
// pattern can say it.
func below(dir string) string { return usable(escape(dir) + "/**") }

// escape takes what means something in a pattern as it is.
func escape(p string) string {
	var b strings.Builder
	for i, r := range p {
		if strings.ContainsRune(`\*?[]{},`, r) || r == '!' && i == 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// usable is a pattern that a rules file takes, or nothing.
func usable(pattern string) string {
	hidden := func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
	if !utf8.ValidString(pattern) || strings.ContainsFunc(pattern, hidden) {
		return ""
	}
	if _, errs := glob.CompileSet([]string{pattern}); len(errs) > 0 && errs[0] != nil {
		return ""
	}
	return pattern
}
