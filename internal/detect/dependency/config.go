package dependency

import (
	"path"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
)

func named(names ...string) func(string) bool {
	return func(p string) bool {
		base := path.Base(p)
		for _, n := range names {
			if base == n {
				return true
			}
		}
		return false
	}
}

func requirementsTxt(p string) bool {
	base := path.Base(p)
	return strings.HasSuffix(base, ".txt") && (strings.Contains(base, "requirements") || strings.Contains(base, "constraints"))
}

func python(p string) bool {
	base := path.Base(p)
	return requirementsTxt(p) || base == "pyproject.toml" || base == "Pipfile" || base == "setup.cfg" || base == "uv.toml" ||
		base == "poetry.toml"
}

func cargo(p string) bool {
	return path.Base(p) == "Cargo.toml" || strings.HasSuffix(p, ".cargo/config.toml") || strings.HasSuffix(p, ".cargo/config")
}

func jvm(p string) bool {
	base := path.Base(p)
	return base == "pom.xml" || base == "settings.xml" || strings.HasSuffix(base, ".gradle") || strings.HasSuffix(base, ".gradle.kts")
}

func ruby(p string) bool {
	base := path.Base(p)
	return base == "Gemfile" || base == "gems.rb" || strings.HasSuffix(base, ".gemspec")
}

// trusting is where a host may be trusted without its certificate.
func trusting(p string) bool {
	b := path.Base(p)
	return python(p) || b == "pip.conf" || b == "pip.ini" || environment(p)
}

// configures tells whether any pattern is about a file.
func configures(p string) bool {
	switch path.Base(p) {
	case ".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pip.conf", "pip.ini", ".condarc", "uv.toml", "nuget.config",
		"NuGet.config", "NuGet.Config",
		"gradle-wrapper.properties", "maven-wrapper.properties", "composer.json", "verification-metadata.xml",
		"deno.json", "deno.jsonc", "import_map.json", "flake.nix", "maven.config", "jvm.config", "mix.exs", "Package.swift", "Podfile",
		"pubspec.yaml", "build.sbt", "MODULE.bazel", "Directory.Packages.props":
		return true
	}
	return python(p) || cargo(p) || jvm(p) || ruby(p) || environment(p) || dotnet(p)
}

// dotnet is where projects of .NET say which packages they need.
func dotnet(p string) bool {
	switch path.Ext(p) {
	case ".csproj", ".fsproj", ".vbproj", ".props", ".targets":
		return true
	}
	return false
}

// environment is where variables for tools are set.
func environment(p string) bool {
	base := path.Base(p)
	ext := path.Ext(base)
	return strings.HasPrefix(base, "Dockerfile") || base == "Makefile" || ext == ".sh" || ext == ".yml" || ext == ".yaml" ||
		ext == ".mk" || strings.HasPrefix(base, ".env") || base == "go.env"
}

// set is all patterns about single lines of settings.
var set = sync.OnceValue(func() *linematch.Set {
	return linematch.New([]linematch.Pattern{
		{Kind: kindRegistry, In: named(".npmrc", ".yarnrc"), Words: []string{"registry"},
			Expr: `(?i)^\s*(?:@[\w.-]+:)?registry[ =]+"?(\S+?)"?\s*$`, Tag: url},
		{Kind: kindRegistry, In: named(".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"), Words: []string{"registry"},
			Expr: `(?i)(?:npmRegistryServer|registry)["']?\s*[:=]\s*["']?(https?://[^\s"']+)`, Tag: url},
		{Kind: kindRegistry, In: named("pip.conf", "pip.ini", ".condarc", "uv.toml"),
			Words: []string{"index", "find-links", "channel_alias"},
			Expr:  `(?i)(?:extra-index-url|index-url|find-links|index_url|channel_alias)\s*[:=]\s*(\S+)`, Tag: url},
		{Kind: kindRegistry, In: named("pip.conf", "pip.ini"), Words: []string{"extra-index-url"},
			Expr: `(?i)^\s*extra-index-url\s*=\s*(\S+)`, Says: "a second index: the higher version wins, whoever published it"},
		{Kind: kindRegistry, In: python, Words: []string{"--extra-index-url", "--index-url", "-i ", "-i=", "--find-links",
			"-f ", "-f="}, Expr: `^\s*(?:--extra-index-url|--index-url|-i|--find-links|-f)[ =]+(\S+)`, Tag: url},
		{Kind: kindRegistry, In: named("pyproject.toml", "Pipfile"), Words: []string{"url"},
			Expr: `^\s*(?:url|index-url|extra-index-url)\s*=\s*["'\[]+(https?://[^"']+)`, Tag: url},
		{Kind: kindRegistry, In: cargo, Words: []string{"registry", "index", "replace-with"},
			Expr: `^\s*(?:registry|index|replace-with)\s*=\s*"([^"]+)"`, Tag: url},
		{Kind: kindRegistry, In: ruby, Words: []string{"source"}, Expr: `^\s*source\s*\(?["']([^"']+)`, Tag: url},
		{Kind: kindRegistry, In: named("nuget.config", "NuGet.config", "NuGet.Config"), Words: []string{"<add"},
			Expr: `(?i)<add\s+key="[^"]*"\s+value="(https?://[^"]+)"`, Tag: url},
		{Kind: kindRegistry, In: jvm, Words: []string{"url"}, Expr: `(?:<url>|url\s*[=(]?\s*(?:uri\()?["'])(https?://[^"'<)]+)`, Tag: url},
		{Kind: kindRegistry, In: named("gradle-wrapper.properties", "maven-wrapper.properties"),
			Words: []string{"distributionurl"}, Expr: `distributionUrl\s*=\s*(\S+)`, Tag: url},
		{Kind: kindRegistry, In: named("composer.json"), Words: []string{"\"url\""}, Expr: `"url"\s*:\s*"(https?://[^"]+)"`, Tag: url},
		{Kind: kindRegistry, In: environment, Words: []string{"registry", "index-url", "index_url"},
			Expr: `(?:npm|pnpm|yarn)\s+config\s+set\s+\S*registry\S*[ =]+(\S+)|(?:--extra-index-url|--index-url|` +
				`--registry)[ =]+["']?(https?://[^\s"']+)|(?:PIP_EXTRA_INDEX_URL|PIP_INDEX_URL|NPM_CONFIG_REGISTRY|` +
				`UV_INDEX_URL)["']?\s*[:=]\s*["']?(https?://[^\s"']+)`, Tag: url},
		{Kind: kindChecksOff, In: named(".npmrc", ".yarnrc", ".yarnrc.yml"), Words: []string{"ssl", "checksum", "whitelist"},
			Expr: `(?i)^\s*"?(?:strict-ssl|enableStrictSsl|checksumBehavior|unsafeHttpWhitelist)"?[ :=]+["']?(?:false|` +
				`ignore|update|\S*\*)`, Says: "checks of what is downloaded are off"},
		{Kind: kindScriptsOn, In: named(".npmrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"),
			Words: []string{"scripts", "unsafe-perm", "dangerously"},
			Expr:  `(?i)^\s*(?:ignore-scripts\s*[:=]\s*false|enableScripts\s*:\s*true|unsafe-perm\s*=\s*true|dangerouslyAllowAllBuilds\s*:\s*true)`},
		{Kind: kindChecksOff, In: trusting, Words: []string{"trusted"},
			Expr: `(?i)--trusted-host|^\s*trusted-host\s*=|PIP_TRUSTED_HOST`, Says: "the host's certificate is not checked"},
		{Kind: kindChecksOff, In: environment, Words: []string{"gonosum", "goinsecure", "goflags", "gosumdb"},
			Expr: `\b(?:GONOSUMDB|GONOSUMCHECK|GOINSECURE|GOFLAGS)["']?\s*[:=]\s*["']?(?:-insecure|[^-\s"'][^\s"']*)|` +
				`\bGOSUMDB["']?\s*[:=]\s*["']?off|\bGOFLAGS["']?\s*[:=].*-insecure`, Says: "the checksum database is not asked"},
		{Kind: kindRegistry, In: environment, Words: []string{"goproxy"},
			Expr: `\bGOPROXY["']?\s*[:=]\s*["']?(https?://[^\s"',|]+)`, Tag: url},
		{Kind: kindChecksOff, In: jvm, Words: []string{"insecure", "checksumpolicy"},
			Expr: `(?i)allowInsecureProtocol\s*=?\s*\(?true|<checksumPolicy>(?:ignore|warn)`, Says: "checks of what is downloaded are off"},
		{Kind: kindChecksOff, In: named("composer.json"), Words: []string{"secure-http", "disable-tls"},
			Expr: `"(?:secure-http|disable-tls)"\s*:\s*(?:false|true)`, Says: "checks of what is downloaded are off"},
		{Kind: kindInstallScript, In: named("composer.json"), Words: []string{"-cmd\"", "package-install"},
			Expr: `"((?:pre|post)-(?:install|update|autoload-dump)-cmd|post-package-install|post-root-package-install)"\s*:`},
		{Kind: kindForeignSource, In: python, Words: []string{"git", "http"},
			Expr: `(?:^|["'\s@])(git\+(?:https|ssh|http)://[^\s"']+|[\w.\[\]-]+\s*@\s*https?://[^\s"']+)|\bgit\s*=\s*"([^"]+)"`},
		{Kind: kindForeignSource, In: named("pyproject.toml"), Words: []string{"url"},
			Expr: `\burl\s*=\s*["'](https?://[^"']+\.(?:whl|tar\.gz|zip|tgz))["']`},
		{Kind: kindForeignSource, In: named("deno.json", "deno.jsonc", "import_map.json"), Words: []string{"://"},
			Expr: `"[^"]+"\s*:\s*"(https?://[^"]+)"`, Tag: url, Not: `"\$schema"|"(?:homepage|license|repository)"`},
		{Kind: kindForeignSource, In: named("flake.nix"), Words: []string{"nixpkgs"},
			Expr: `nixpkgs[\w-]*(?:\.url)?\s*=\s*"(github:[^"/]+/[^"]+)"`, Not: `(?i)github:nixos/`},
		{Kind: kindForeignSource, In: named("environment.yml", "environment.yaml", "conda.yml", "conda.yaml"), Words: []string{"git+"},
			Expr: `(git\+(?:https|ssh|http)://[^\s"',\]]+)`},
		{Kind: kindRegistry, In: named("environment.yml", "environment.yaml", "conda.yml", "conda.yaml"), Words: []string{"://"},
			Expr: `^\s*(?:channels\s*:\s*\[|-)\s*["']?(https?://[^\s"',\]]+)`, Tag: url},
		{Kind: kindRegistry, In: jvm, Words: []string{"maven("}, Expr: `\bmaven\(\s*["'](https?://[^"']+)`, Tag: url},
		{Kind: kindChecksOff, In: named("maven.config", "jvm.config"), Words: []string{"insecure", "allowall"},
			Expr: `ssl\.(?:insecure|allowall)=true|securityMode=insecure`, Says: "checks of what is downloaded are off"},
		{Kind: kindForeignSource, In: named("mix.exs"), Words: []string{"git"}, Expr: `\b(?:git|github|gitlab):\s*"([^"]+)"`},
		{Kind: kindForeignSource, In: named("pubspec.yaml"), Words: []string{"url", "git"},
			Expr: `\b(?:url|git)\s*:\s*["']?((?:https?|ssh|git)://[^\s'"}]+|git@[^\s'"}]+)`, Not: `^\s*(?:homepage|repository|issue_tracker)`},
		{Kind: kindForeignSource, In: named("Podfile"), Words: []string{"git", "http"}, Expr: `:(?:git|http)\s*=>\s*["']([^"']+)`},
		{Kind: kindForeignSource, In: named("Package.swift"), Words: []string{"branch"},
			Expr: `\.package\(.*url:\s*"([^"]+)".*\bbranch:`, Says: "whatever its branch holds"},
		{Kind: kindReplaced, In: named("MODULE.bazel"), Words: []string{"_override("}, Expr: `^\s*((?:git|archive)_override)\(`},
		{Kind: kindAnyVersion, In: jvm, Words: []string{"latest.", ":+", "<version>", "+\""},
			Expr: `["'][\w.-]+:([\w.-]+):(?:latest\.\w+|\+)["']|<version>\s*(\[[\d.]*,\s*\)|LATEST|RELEASE)\s*</version>`},
		{Kind: kindAnyVersion, In: dotnet, Words: []string{"version="}, Expr: `(?i)<Package(?:Reference|Version)[^>]*\bVersion="(\*[^"]*)"`},
		{Kind: kindAnyVersion, In: cargo, Words: []string{"\"*\""}, Expr: `^\s*([\w-]+)\s*=\s*(?:\{\s*version\s*=\s*)?"\*"`},
		{Kind: kindAnyVersion, In: named("pubspec.yaml"), Words: []string{"any"}, Expr: `^\s+(\w+)\s*:\s*any\s*$`},
		{Kind: kindChecksOff, In: named("verification-metadata.xml"), Words: []string{"<verify-", "<trust "},
			Expr: `<verify-(?:metadata|signatures)>\s*false|<trust\s+group="\.[*+]"`, Says: "checks of what is downloaded are off"},
		{Kind: kindChecksOff, In: named(".npmrc", "bunfig.toml", ".yarnrc.yml"), Words: []string{"age"},
			Expr: `(?i)^\s*(?:min-?(?:imum)?-?release-?age|npmMinimalAgeGate)\s*[:=]\s*["']?0\b`, Says: "new releases are taken at once"},
		{Kind: kindRegistry, In: named("build.sbt"), Words: []string{" at "}, Expr: `\bat\s+"(https?://[^"]+)"`, Tag: url},
		{Kind: kindForeignSource, In: named("Cargo.toml"), Words: []string{"git"}, Expr: `\bgit\s*=\s*"([^"]+)"`},
		{Kind: kindForeignSource, In: ruby, Words: []string{"git", "gist", "bitbucket"},
			Expr: `\b(?:git|github|gist|bitbucket):\s*["']([^"']+)|:git\s*=>\s*["']([^"']+)`},
		{Kind: kindReplaced, In: named("Cargo.toml"), Words: []string{"[patch", "[replace"}, Expr: `^\s*\[(patch\.[^\]]+|replace)\]`},
		{Kind: kindForeignCode, In: named("dependabot.yml", "dependabot.yaml"), Words: []string{"insecure-external"},
			Expr: `insecure-external-code-execution:\s*["']?(allow)`},
	})
})

// url marks patterns whose object is a URL: quiet where it is a well-known
// registry, or was named before.
const url = "url"

// settings looks at the added lines of files that say where packages come
// from and how they are checked.
func settings(f *change.File, r *detect.Report) {
	if !configures(f.Path) {
		return
	}
	var old map[string]bool
	set().Run(f, r, linematch.Options{Keep: func(p *linematch.Pattern, object string) bool {
		if p.Tag != url {
			return true
		}
		if old == nil {
			old = urls(f.Before)
		}
		return !quietURL(object, old)
	}})
	gone(f, path.Base(f.Path), r)
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
		case base == "gradle-wrapper.properties" && strings.HasPrefix(t, "distributionsha256sum=") &&
			!strings.Contains(f.After.Body, "distributionSha256Sum"),
			requirementsTxt(f.Path) && t == "--require-hashes" && !strings.Contains(f.After.Body, "--require-hashes"):
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
	for end < len(t) && (t[end] == '-' || t[end] == '_' || t[end] == '.' || t[end] >= '0' && t[end] <= '9' ||
		t[end] >= 'a' && t[end] <= 'z' || t[end] >= 'A' && t[end] <= 'Z') {
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
