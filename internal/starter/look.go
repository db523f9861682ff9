package starter

import (
	"cmp"
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
	ownersWhy         string
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
	text      func(text string) bool // nil: the path says it all
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
	deployName   = pattern.Of(`(?i)(^|[^a-z])(deploy|release|publish|rollout|promote)`)
)

var kinds = []kind{
	{"agent-instructions", "what agents are told and allowed", func(p, _ string) bool { return agentFile().MatchString(p) }, nil},
	{"backups", "what brings data back", func(p, _ string) bool { return backupDir().MatchString(path.Dir(p)) }, nil},
	{"ci", "workflows run with the repository's secrets", func(p, _ string) bool { return isWorkflow(p) }, nil},
	{"containers", "what images run, and as whom", func(_, base string) bool { return dockerfile().MatchString(base) }, nil},
	{"dependencies", "others' code that is run here", func(_, base string) bool { return lockFile().MatchString(base) }, nil},
	{"identity", "who may do what", func(p, _ string) bool { return identityFile().MatchString(p) }, nil},
	{"infrastructure", "resources that hold data", func(_, base string) bool {
		return hasSuffix(base, ".tf", ".tofu", ".tf.json", ".tfvars")
	}, nil},
	{"kubernetes", "workloads and their volumes",
		func(_, base string) bool { return hasSuffix(base, ".yaml", ".yml") || base == "Chart.yaml" }, isKubernetes},
	{"migrations", "databases change by them, and rows do not come back", func(p, base string) bool {
		return migrationDir().MatchString(p) && !hasSuffix(base, ".md", ".txt") || base == "schema.prisma" || base == "structure.sql"
	}, nil},
}

func isKubernetes(text string) bool {
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
			if k.is(file.Path, path.Base(file.Path)) && (k.text == nil || k.text(file.Text)) && !isWorkflowOf(k, file.Path) {
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

// The classes of environments, by what people call them.
const production = "production"

var classes = map[string]string{
	"production": production, "prod": production, "prd": production, "live": production,
	"staging": "staging", "stage": "staging", "stg": "staging", "preprod": "staging", "uat": "staging",
	"development": "development", "dev": "development",
	"test": "test", "testing": "test", "qa": "test", "sandbox": "sandbox", "preview": "preview",
}

// classOf is the class of an environment's name: "prod-eu" is production, and
// so is whatever has production's name in it beside another.
func classOf(name string) string {
	first := ""
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' }) {
		c := classes[word]
		if c == production {
			return c
		}
		first = cmp.Or(first, c)
	}
	return first
}

// findBoundaries looks for folders of environments that lie side by side, one
// of them production's.
func (f *found) findBoundaries(files []File) {
	parents, backups := siblingsIn(files)
	paths := map[string][]string{}
	for _, group := range parents {
		if !besideProduction(group) {
			continue
		}
		for _, s := range group {
			if pattern := below(s.dir); pattern != "" {
				paths[s.class] = append(paths[s.class], pattern)
			}
		}
	}
	for dir := range backups {
		if pattern := below(dir); pattern != "" && len(paths[production]) > 0 {
			paths["backups"] = append(paths["backups"], pattern)
		}
	}
	if len(paths[production]) == 0 || len(paths) < 2 {
		return
	}
	f.drawBoundaries(paths)
}

// sibling is a folder of an environment.
type sibling struct{ dir, class string }

// siblingsIn finds the folders of environments, by the folder that they lie in,
// and those of backups.
func siblingsIn(files []File) (parents map[string][]sibling, backups map[string]bool) {
	parents, backups = map[string][]sibling{}, map[string]bool{}
	seen := map[string]bool{}
	for _, file := range files {
		for dir := path.Dir(file.Path); dir != "." && dir != "/" && !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			if backupDir().MatchString(dir) {
				backups[dir] = true
			}
			if class := classes[strings.ToLower(path.Base(dir))]; class != "" {
				parents[path.Dir(dir)] = append(parents[path.Dir(dir)], sibling{dir, class})
			}
		}
	}
	return parents, backups
}

// besideProduction reports whether production's folder is among them, and another.
func besideProduction(group []sibling) bool {
	return slices.ContainsFunc(group, func(s sibling) bool { return s.class == production }) &&
		slices.ContainsFunc(group, func(s sibling) bool { return s.class != production })
}

// drawBoundaries keeps the boundary of each class of paths, in the order of names.
func (f *found) drawBoundaries(paths map[string][]string) {
	for name, patterns := range paths {
		slices.Sort(patterns)
		b := boundary{name: name, paths: patterns}
		for _, e := range f.environments {
			if classOf(e.name) == name {
				b.environments = append(b.environments, e.name)
			}
		}
		f.boundaries = append(f.boundaries, b)
		if name != production {
			f.separate = append(f.separate, [2]string{name, production})
		}
	}
	slices.SortFunc(f.boundaries, func(a, b boundary) int { return cmp.Compare(a.name, b.name) })
	slices.SortFunc(f.separate, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
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
