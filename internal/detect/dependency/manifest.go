package dependency

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// packageJSON compares two package.json.
func packageJSON(f *change.File, r *detect.Report) {
	after, err := tree.ParseJSON(f.After.Body)
	if err != nil || !after.IsMap() {
		why := "not a JSON object"
		if err != nil {
			why = err.Error()
		}
		add(r, kindUnreadable, 0, path.Base(f.Path), why)
		return
	}
	var before *tree.Node
	if f.Before.State == change.Loaded {
		before, _ = tree.ParseJSON(f.Before.Body)
	}
	scripts(before, after, r)
	for _, section := range [...]string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"} {
		requirements(before, after, section, r)
	}
	for _, keys := range [...][]string{{"overrides"}, {"resolutions"}, {"pnpm", "overrides"}} {
		overrides(before.Get(keys...), after.Get(keys...), r)
	}
	for _, keys := range [...][]string{{"trustedDependencies"}, {"pnpm", "onlyBuiltDependencies"}} {
		trusted(before.Get(keys...), after.Get(keys...), r)
	}
	if p := after.Get("packageManager"); p.Str() != "" && strings.Contains(before.Get("packageManager").Str(), "+sha") &&
		!strings.Contains(p.Str(), "+sha") {
		add(r, kindIntegrityRemoved, p.At(), "packageManager", "its hash is gone")
	}
}

// scripts reports what newly runs when the package is installed.
func scripts(before, after *tree.Node, r *detect.Report) {
	for _, name := range [...]string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare",
		"prepublish", "dependencies"} {
		now, was := after.Get("scripts", name), before.Get("scripts", name)
		if now.Str() == "" || now.Str() == was.Str() {
			continue
		}
		kind := kindInstallScript
		low := strings.ToLower(now.Str())
		switch {
		case name == "prepare" && knownPrepare(now.Str()):
			kind = kindHookScript
		case anyOf(low, secrets) && (strings.Contains(low, "://") || anyOf(low, senders)), anyOf(low, decoders) && anyOf(low, starts):
			kind = kindBuildSends
		}
		add(r, kind, now.At(), name, now.Str())
	}
}

// knownPrepare tells whether a prepare script only sets git hooks up or builds.
func knownPrepare(s string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	switch first {
	case "husky", "lefthook", "simple-git-hooks", "is-ci", "tsc", "tsup", "rollup", "pnpm", "yarn", "svelte-kit", "patch-package", "npm":
		return !strings.ContainsAny(s, ";|`$")
	}
	return false
}

func requirements(before, after *tree.Node, section string, r *detect.Report) {
	list := after.Get(section)
	if !list.IsMap() {
		return
	}
	for _, f := range list.Fields {
		spec := f.Value.Str()
		was := before.Get(section, f.Key)
		if spec == "" || was.Str() == spec {
			continue
		}
		known := was.Str() != "" || before.Get("dependencies", f.Key).Str() != "" || before.Get("devDependencies", f.Key).Str() != ""
		requirement(r, f.Key, spec, was.Str(), f.Line, known, before != nil, npmNames)
	}
}

// requirement looks at one dependency that is new or asked for otherwise.
func requirement(r *detect.Report, name, spec, was string, line int, known, had bool, popular []string) {
	switch {
	case elsewhere(spec) && !elsewhere(was):
		add(r, kindForeignSource, line, name, clean(spec))
	case elsewhere(spec) && elsewhere(was) && host(spec) != host(was):
		add(r, kindForeignSource, line, name, clean(spec))
	case strings.HasPrefix(spec, "npm:") && bareAlias(spec[4:]) != name &&
		bareAlias(strings.TrimPrefix(was, "npm:")) != bareAlias(spec[4:]):
		add(r, kindAlias, line, name, spec)
	case (spec == "*" || spec == "latest" || spec == "" || spec == "x") && was != spec && had:
		add(r, kindAnyVersion, line, name, spec)
	case was != "" && older(spec, was):
		add(r, kindDowngraded, line, name, was+" to "+spec)
	}
	if known || !had {
		return
	}
	come(r, name, spec, line, popular)
}

// come looks at the name of a dependency that is new.
func come(r *detect.Report, name, spec string, line int, popular []string) {
	if like := typosquat(name, popular); like != "" && !stands(spec, like) {
		add(r, kindTyposquat, line, name, "reads like "+like)
		return
	}
	add(r, kindNew, line, name, spec)
}

// stands reports whether a requirement is for the popular package itself, under
// another name for another version: nobody's trap.
func stands(spec, popular string) bool {
	real, ok := strings.CutPrefix(spec, "npm:")
	return ok && bareAlias(real) == popular
}

// clean takes a user and password out of a URL.
func clean(spec string) string {
	scheme, rest, ok := strings.Cut(spec, "://")
	if !ok {
		return spec
	}
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		slash = len(rest)
	}
	if at := strings.LastIndexByte(rest[:slash], '@'); at >= 0 {
		rest = rest[at+1:]
	}
	return scheme + "://" + rest
}

// elsewhere tells whether a requirement leads past the registry.
func elsewhere(spec string) bool {
	for _, p := range [...]string{"git+", "git:", "git@", "github:", "gitlab:", "bitbucket:", "gist:", "http://", "https://", "ssh:"} {
		if strings.HasPrefix(spec, p) {
			return true
		}
	}
	owner, repo, ok := strings.Cut(spec, "/")
	return ok && owner != "" && repo != "" && !strings.ContainsAny(owner, "@:.^~<>= ") && !strings.Contains(repo, "/")
}

// builders are packages whose install scripts are known and needed.
var builders = setOf("esbuild sharp @swc/core puppeteer cypress playwright electron bcrypt sqlite3 better-sqlite3 canvas prisma " +
	"@prisma/client @prisma/engines core-js msw unrs-resolver @parcel/watcher lightningcss @tailwindcss/oxide workerd @sentry/cli " +
	"protobufjs nx @biomejs/biome fsevents bufferutil utf-8-validate onnxruntime-node simple-git-hooks lefthook " +
	"husky argon2 re2 msgpackr-extract")

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		out[word] = true
	}
	return out
}

// trusted reports packages whose install scripts may run now.
func trusted(before, after *tree.Node, r *detect.Report) {
	had := map[string]bool{}
	for _, name := range before.Strings() {
		had[name] = true
	}
	for _, name := range after.Strings() {
		if !had[name] && !builders[name] {
			add(r, kindScriptsOn, after.At(), name, "its install script may run")
		}
	}
}

// workspace compares what two pnpm-workspace.yaml put in the place of packages.
func workspace(f *change.File, r *detect.Report) {
	read := func(t change.Text) *tree.Node {
		if t.State != change.Loaded {
			return nil
		}
		if docs, err := tree.ParseYAML(t.Body); err == nil && len(docs) > 0 {
			return docs[0]
		}
		return nil
	}
	before, after := read(f.Before), read(f.After)
	overrides(before.Get("overrides"), after.Get("overrides"), r)
	trusted(before.Get("onlyBuiltDependencies"), after.Get("onlyBuiltDependencies"), r)
	was, now := numbers(before.Get("minimumReleaseAge").Str()+".0"), numbers(after.Get("minimumReleaseAge").Str()+".0")
	if len(was) > 0 && was[0] > 0 && (len(now) == 0 || now[0] < was[0]) {
		add(r, kindChecksOff, after.Get("minimumReleaseAge").At(), "minimumReleaseAge", "new releases are taken earlier")
	}
}

func overrides(before, after *tree.Node, r *detect.Report) {
	tree.Walk(after, func(p []string, n *tree.Node) bool {
		if n.Kind != tree.Scalar || len(p) == 0 || before.Get(p...).Str() == n.Text {
			return true
		}
		kind := kindVersionOverridden
		if elsewhere(n.Text) || strings.HasPrefix(n.Text, "npm:") || strings.HasPrefix(n.Text, "file:") ||
			strings.HasPrefix(n.Text, "link:") {
			kind = kindReplaced
		}
		add(r, kind, n.At(), strings.Join(p, " > "), clean(n.Text))
		return true
	})
}

// goMod compares the replace lines of two go.mod, and what they require.
func goMod(f *change.File, r *detect.Report) {
	was := map[string]bool{}
	versions := map[string]string{}
	if f.Before.State == change.Loaded {
		for _, d := range goLines(f.Before.Body) {
			was[d.text] = true
			if d.verb == "require" {
				versions[d.module] = d.version
			}
		}
	}
	for _, d := range goLines(f.After.Body) {
		if was[d.text] {
			continue
		}
		switch d.verb {
		case "replace":
			target, _, _ := strings.Cut(d.target, " ")
			switch {
			case strings.HasPrefix(target, "."), strings.HasPrefix(target, "/"):
				add(r, kindLocalReplace, d.line, d.module, "=> "+d.target)
			case target == d.module:
				add(r, kindVersionOverridden, d.line, d.module, "=> "+d.target)
			default:
				add(r, kindReplaced, d.line, d.module, "=> "+d.target)
			}
		case "require":
			if old, ok := versions[d.module]; ok && older(d.version, old) {
				add(r, kindDowngraded, d.line, d.module, old+" to "+d.version)
			} else if like := likeModule(d.module); !ok && like != "" {
				add(r, kindTyposquat, d.line, d.module, "reads like "+like)
			} else if !ok && f.Before.State == change.Loaded && !d.indirect {
				add(r, kindNew, d.line, d.module, d.version)
			}
		}
	}
}

type directive struct {
	verb, module, version, target, text string
	line                                int
	indirect                            bool
}

func goLines(body string) []directive {
	var out []directive
	block, n := "", 0
	for line := range strings.Lines(body) {
		n++
		t, comment, _ := strings.Cut(strings.TrimSpace(line), "//")
		t = strings.TrimSpace(t)
		if t == ")" {
			block = ""
			continue
		}
		verb, rest, ok := strings.Cut(t, " ")
		if block != "" {
			verb, rest = block, t
		} else if !ok || verb != "require" && verb != "replace" {
			continue
		} else if rest == "(" {
			block = verb
			continue
		}
		d := directive{verb: verb, line: n, indirect: strings.Contains(comment, "indirect")}
		left, target, replaced := strings.Cut(rest, "=>")
		fields := strings.Fields(left)
		if len(fields) == 0 {
			continue
		}
		d.module = fields[0]
		if len(fields) > 1 {
			d.version = fields[1]
		}
		if replaced {
			d.target = strings.Join(strings.Fields(target), " ")
		}
		d.text = verb + " " + strings.Join(strings.Fields(rest), " ")
		out = append(out, d)
	}
	return out
}

// typosquat returns the popular name that a name is one keystroke from.
func typosquat(name string, popular []string) string {
	n := strings.ToLower(name)
	if len(n) < 4 {
		return ""
	}
	like := ""
	for _, p := range popular {
		if n == p {
			return ""
		}
		if like == "" && (oneEdit(n, p) || squash(n) == squash(p)) {
			like = p
		}
	}
	return like
}

// squash takes away what reads past: signs, and look-alikes.
func squash(s string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "", "0", "o", "1", "l").Replace(s)
}

func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(b) < 5 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
