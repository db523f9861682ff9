package dependency

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// pattern is a setting that a line may bring, in files of one sort.
type pattern struct {
	kind  *detect.Kind
	in    func(base string, p string) bool
	regex func() *regexp.Regexp
	url   bool // group 1 is a URL: quiet where it is a well-known registry
	says  string
}

// expr compiles an expression when it is first needed: a process that judges
// nothing does not pay for it.
func expr(s string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })
}

func named(names ...string) func(string, string) bool {
	return func(base, _ string) bool {
		for _, n := range names {
			if base == n {
				return true
			}
		}
		return false
	}
}

func requirementsTxt(base, _ string) bool {
	return strings.HasSuffix(base, ".txt") && (strings.Contains(base, "requirements") || strings.Contains(base, "constraints"))
}

func python(base, p string) bool {
	return requirementsTxt(base, p) || base == "pyproject.toml" || base == "Pipfile" || base == "setup.cfg" || base == "uv.toml" || base == "poetry.toml"
}

func cargo(base, p string) bool {
	return base == "Cargo.toml" || strings.HasSuffix(p, ".cargo/config.toml") || strings.HasSuffix(p, ".cargo/config")
}

func jvm(base, _ string) bool {
	return base == "pom.xml" || base == "settings.xml" || strings.HasSuffix(base, ".gradle") || strings.HasSuffix(base, ".gradle.kts")
}

func ruby(base, _ string) bool {
	return base == "Gemfile" || base == "gems.rb" || strings.HasSuffix(base, ".gemspec")
}

// environment is where variables for tools are set.
func environment(base, p string) bool {
	ext := path.Ext(base)
	return strings.HasPrefix(base, "Dockerfile") || base == "Makefile" || ext == ".sh" || ext == ".yml" || ext == ".yaml" || ext == ".mk" || strings.HasPrefix(base, ".env") || base == "go.env"
}

var patterns = []pattern{
	{kind: kindRegistry, in: named(".npmrc", ".yarnrc"), regex: expr(`(?i)^\s*(?:@[\w.-]+:)?registry[ =]+"?(\S+?)"?\s*$`), url: true},
	{kind: kindRegistry, in: named(".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"), regex: expr(`(?i)(?:npmRegistryServer|registry)["']?\s*[:=]\s*["']?(https?://[^\s"']+)`), url: true},
	{kind: kindRegistry, in: named("pip.conf", "pip.ini", ".condarc", "uv.toml"), regex: expr(`(?i)(?:extra-index-url|index-url|find-links|index_url|channel_alias)\s*[:=]\s*(\S+)`), url: true},
	{kind: kindRegistry, in: named("pip.conf", "pip.ini"), regex: expr(`(?i)^\s*extra-index-url\s*=\s*(\S+)`), says: "a second index: the higher version wins, whoever published it"},
	{kind: kindRegistry, in: python, regex: expr(`^\s*(?:--extra-index-url|--index-url|-i|--find-links|-f)[ =]+(\S+)`), url: true},
	{kind: kindRegistry, in: named("pyproject.toml", "Pipfile"), regex: expr(`^\s*(?:url|index-url|extra-index-url)\s*=\s*["'\[]+(https?://[^"']+)`), url: true},
	{kind: kindRegistry, in: cargo, regex: expr(`^\s*(?:registry|index|replace-with)\s*=\s*"([^"]+)"`), url: true},
	{kind: kindRegistry, in: ruby, regex: expr(`^\s*source\s*\(?["']([^"']+)`), url: true},
	{kind: kindRegistry, in: named("nuget.config", "NuGet.config", "NuGet.Config"), regex: expr(`(?i)<add\s+key="[^"]*"\s+value="(https?://[^"]+)"`), url: true},
	{kind: kindRegistry, in: jvm, regex: expr(`(?:<url>|url\s*[=(]?\s*(?:uri\()?["'])(https?://[^"'<)]+)`), url: true},
	{kind: kindRegistry, in: named("gradle-wrapper.properties", "maven-wrapper.properties"), regex: expr(`distributionUrl\s*=\s*(\S+)`), url: true},
	{kind: kindRegistry, in: named("composer.json"), regex: expr(`"url"\s*:\s*"(https?://[^"]+)"`), url: true},
	{kind: kindRegistry, in: environment, regex: expr(`(?:npm|pnpm|yarn)\s+config\s+set\s+\S*registry\S*[ =]+(\S+)|(?:--extra-index-url|--index-url|--registry)[ =]+["']?(https?://[^\s"']+)|(?:PIP_EXTRA_INDEX_URL|PIP_INDEX_URL|NPM_CONFIG_REGISTRY|UV_INDEX_URL)["']?\s*[:=]\s*["']?(https?://[^\s"']+)`), url: true},
	{kind: kindChecksOff, in: named(".npmrc", ".yarnrc", ".yarnrc.yml"), regex: expr(`(?i)^\s*"?(?:strict-ssl|enableStrictSsl|checksumBehavior|unsafeHttpWhitelist)"?[ :=]+["']?(?:false|ignore|update|\S*\*)`), says: "checks of what is downloaded are off"},
	{kind: kindScriptsOn, in: named(".npmrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"), regex: expr(`(?i)^\s*(?:ignore-scripts\s*[:=]\s*false|enableScripts\s*:\s*true|unsafe-perm\s*=\s*true|dangerouslyAllowAllBuilds\s*:\s*true)`)},
	{kind: kindChecksOff, in: func(b, p string) bool { return python(b, p) || b == "pip.conf" || b == "pip.ini" || environment(b, p) }, regex: expr(`(?i)--trusted-host|^\s*trusted-host\s*=|PIP_TRUSTED_HOST`), says: "the host's certificate is not checked"},
	{kind: kindChecksOff, in: environment, regex: expr(`\b(?:GONOSUMDB|GONOSUMCHECK|GOINSECURE|GOFLAGS)["']?\s*[:=]\s*["']?(?:-insecure|[^-\s"'][^\s"']*)|\bGOSUMDB["']?\s*[:=]\s*["']?off|\bGOFLAGS["']?\s*[:=].*-insecure`), says: "the checksum database is not asked"},
	{kind: kindRegistry, in: environment, regex: expr(`\bGOPROXY["']?\s*[:=]\s*["']?(https?://[^\s"',|]+)`), url: true},
	{kind: kindChecksOff, in: jvm, regex: expr(`(?i)allowInsecureProtocol\s*=?\s*\(?true|<checksumPolicy>(?:ignore|warn)`), says: "checks of what is downloaded are off"},
	{kind: kindChecksOff, in: named("composer.json"), regex: expr(`"(?:secure-http|disable-tls)"\s*:\s*(?:false|true)`), says: "checks of what is downloaded are off"},
	{kind: kindInstallScript, in: named("composer.json"), regex: expr(`"((?:pre|post)-(?:install|update|autoload-dump)-cmd|post-package-install|post-root-package-install)"\s*:`)},
	{kind: kindForeignSource, in: python, regex: expr(`(?:^|["'\s@])(git\+(?:https|ssh|http)://[^\s"']+|[\w.\[\]-]+\s*@\s*https?://[^\s"']+)|\bgit\s*=\s*"([^"]+)"`)},
	{kind: kindForeignSource, in: named("Cargo.toml"), regex: expr(`\bgit\s*=\s*"([^"]+)"`)},
	{kind: kindForeignSource, in: ruby, regex: expr(`\b(?:git|github|gist|bitbucket):\s*["']([^"']+)|:git\s*=>\s*["']([^"']+)`)},
	{kind: kindReplaced, in: named("Cargo.toml"), regex: expr(`^\s*\[(patch\.[^\]]+|replace)\]`)},
	{kind: kindForeignCode, in: named("dependabot.yml", "dependabot.yaml"), regex: expr(`insecure-external-code-execution:\s*["']?(allow)`)},
}

// settings looks at the added lines of files that say where packages come
// from and how they are checked.
func settings(f *change.File, r *detect.Report) {
	base := path.Base(f.Path)
	var mine []pattern
	for _, p := range patterns {
		if p.in(base, f.Path) {
			mine = append(mine, p)
		}
	}
	if len(mine) == 0 {
		return
	}
	old := urls(f.Before)
	for _, l := range f.AddedLines() {
		t := strings.TrimSpace(l.Text)
		if len(t) > 2000 || strings.HasPrefix(t, "#") || strings.HasPrefix(t, "//") || strings.HasPrefix(t, "<!--") || strings.HasPrefix(t, ";") {
			continue
		}
		for _, p := range mine {
			m := p.regex().FindStringSubmatch(l.Text)
			if m == nil {
				continue
			}
			object := ""
			for _, g := range m[1:] {
				if g != "" {
					object = g
				}
			}
			if p.url && quietURL(object, old) {
				continue
			}
			add(r, p.kind, l.Number, clean(object), p.says)
			break
		}
	}
	gone(f, base, r)
}

// quietURL tells whether a URL is a public registry's, or was named before.
func quietURL(u string, old map[string]bool) bool {
	h := host(strings.ReplaceAll(u, `\:`, ":"))
	if strings.HasPrefix(u, "$") || strings.HasPrefix(u, "{{") {
		return true
	}
	if strings.HasPrefix(u, "http://") && h != "localhost" {
		return false
	}
	if h == "" {
		return !strings.Contains(u, ".") && !strings.Contains(u, "mirror")
	}
	return wellKnown[h] || old[h]
}

func urls(t change.Text) map[string]bool {
	out := map[string]bool{}
	if t.State != change.Loaded {
		return out
	}
	for at := 0; len(out) < 1000; {
		i := strings.Index(t.Body[at:], "://")
		if i < 0 {
			break
		}
		at += i + 3
		end := at
		for end < len(t.Body) && end-at < 200 && t.Body[end] > ' ' && strings.IndexByte("\"'<>/,)", t.Body[end]) < 0 {
			end++
		}
		out[host("x://"+t.Body[at:end])] = true
	}
	return out
}

// gone looks at protections that the change takes away.
func gone(f *change.File, base string, r *detect.Report) {
	for _, l := range f.RemovedLines() {
		t := strings.ToLower(strings.ReplaceAll(l.Text, " ", ""))
		var k *detect.Kind
		switch {
		case base == ".npmrc" && t == "ignore-scripts=true" && !strings.Contains(f.After.Body, "ignore-scripts"):
			k = kindScriptsOn
		case base == "gradle-wrapper.properties" && strings.HasPrefix(t, "distributionsha256sum=") && !strings.Contains(f.After.Body, "distributionSha256Sum"),
			requirementsTxt(base, "") && t == "--require-hashes" && !strings.Contains(f.After.Body, "--require-hashes"):
			k = kindIntegrityRemoved
		}
		if k != nil {
			r.Add(detect.Observation{Kind: k, Line: l.Number, Removed: true, Object: strings.TrimSpace(l.Text)})
		}
	}
}

// pythonRequirements looks for new and look-alike names.
func pythonRequirements(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	had := map[string]bool{}
	for line := range strings.Lines(f.Before.Body) {
		had[pythonName(line)] = true
	}
	for _, l := range f.AddedLines() {
		name := pythonName(l.Text)
		if name == "" || had[name] {
			continue
		}
		if like := typosquat(name, pypiNames); like != "" {
			add(r, kindTyposquat, l.Number, name, "reads like "+like)
		} else {
			add(r, kindNew, l.Number, name, "")
		}
	}
}

func pythonName(line string) string {
	t := strings.TrimSpace(line)
	end := 0
	for end < len(t) && (t[end] == '-' || t[end] == '_' || t[end] == '.' || t[end] >= '0' && t[end] <= '9' || t[end] >= 'a' && t[end] <= 'z' || t[end] >= 'A' && t[end] <= 'Z') {
		end++
	}
	if end == 0 || t[0] == '-' {
		return ""
	}
	rest := strings.TrimSpace(t[end:])
	if rest != "" && strings.IndexByte("=<>~![;@#", rest[0]) < 0 {
		return ""
	}
	return strings.ToLower(t[:end])
}
