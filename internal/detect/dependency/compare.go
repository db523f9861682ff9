package dependency

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// wellKnown are hosts of public registries and of what they redirect to.
var wellKnown = map[string]bool{"registry.npmjs.org": true, "registry.yarnpkg.com": true, "npm.pkg.github.com": true,
	"registry.npmmirror.com": false,
	"pypi.org":               true, "files.pythonhosted.org": true, "crates.io": true, "index.crates.io": true, "static.crates.io": true,
	"rubygems.org": true, "proxy.golang.org": true, "sum.golang.org": true,
	"repo.packagist.org": true, "packagist.org": true, "repo.maven.apache.org": true, "repo1.maven.org": true, "maven.google.com": true,
	"dl.google.com": true, "plugins.gradle.org": true, "services.gradle.org": true, "api.nuget.org": true,
	"www.nuget.org": true, "jsr.io": true, "deno.land": true, "esm.sh": true, "cdn.jsdelivr.net": true, "npm.jsr.io": true,
	"conda.anaconda.org": true, "repo.spring.io": true, "api.github.com": true, "codeload.github.com": true, "github.com": true,
	"localhost": true, "oss.sonatype.org": true, "jcenter.bintray.com": true}

func host(url string) string {
	url = strings.TrimPrefix(strings.TrimPrefix(url, "git+"), "sparse+")
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	h, _, _ := strings.Cut(rest, ":")
	return strings.ToLower(h)
}

// locks compares two lock files.
func locks(f *change.File, read func(string) []entry, r *detect.Report) {
	var before []entry
	if f.Before.State == change.Loaded {
		before = read(f.Before.Body)
	}
	after := read(f.After.Body)
	old := map[string]*entry{} // by name and version
	byName := map[string]*entry{}
	hosts := map[string]bool{}
	aliases := map[string]bool{}
	for i := range before {
		e := &before[i]
		if e.alias != "" {
			aliases[e.name+"\x00"+bareAlias(e.alias)] = true
			if e.version == "" {
				continue
			}
		}
		old[e.name+"@"+e.version] = e
		byName[e.name] = e
		hosts[host(e.resolved)] = true
	}
	for i := range after { // npm asks for an alias behind the package itself, too
		if e := &after[i]; e.alias != "" && e.version == "" {
			e.told = !aliases[e.name+"\x00"+bareAlias(e.alias)]
			aliases[e.name+"\x00"+bareAlias(e.alias)] = true
		}
	}
	for i := range after {
		e := &after[i]
		if e.alias != "" {
			if (e.told || !aliases[e.name+"\x00"+bareAlias(e.alias)]) && bareAlias(e.alias) != e.name {
				aliases[e.name+"\x00"+bareAlias(e.alias)] = true
				add(r, kindLockAlias, e.line, e.name, "is "+e.alias)
			}
			if e.version == "" {
				continue
			}
		}
		e.asked = e.real != "" && aliases[e.name+"\x00"+e.real]
		was := old[e.name+"@"+e.version]
		if was != nil && was.same(e) {
			continue
		}
		lockEntry(r, e, was, byName[e.name], hosts, len(before) > 0)
	}
}

// same tells whether nothing about a locked version is other than before.
func (e *entry) same(as *entry) bool {
	return e.resolved == as.resolved && e.hash == as.hash && e.hashed == as.hashed && e.script == as.script
}

// bareAlias is the package of "string-width@^4.2.0".
func bareAlias(a string) string {
	if i := strings.LastIndexByte(a, '@'); i > 0 {
		return a[:i]
	}
	return a
}

// lockEntry reports what is new or other about one locked package: was is the
// same version before, prior any version of it.
func lockEntry(r *detect.Report, e, was, prior *entry, hosts map[string]bool, known bool) {
	object := e.name + " " + e.version
	if was != nil {
		lockHash(r, e, was)
	}
	if e.hash != "" && weak(e.hash) && (was == nil || !weak(was.hash)) && (prior == nil || !weak(prior.hash)) {
		add(r, kindWeakIntegrity, e.line, object, "")
	}
	last := was
	if last == nil {
		last = prior
	}
	if e.script && last != nil && !last.script {
		add(r, kindGainsScript, e.line, object, "")
	}
	if e.resolved != "" {
		lockSource(r, e, was, prior, hosts, known)
	}
	if prior != nil && was == nil && older(e.version, prior.version) {
		add(r, kindDowngraded, e.line, e.name, prior.version+" to "+e.version)
	}
}

// lockHash compares the hashes of one version.
func lockHash(r *detect.Report, e, was *entry) {
	object := e.name + " " + e.version
	if was.hash != "" && comparable(was.hash, e.hash) && was.hash != e.hash {
		add(r, kindIntegrityChanged, e.line, object, "the same version with another hash")
	}
	if was.hash != "" && e.hash == "" || was.hashed && !e.hashed {
		add(r, kindIntegrityRemoved, e.line, object, "")
	}
}

func lockSource(r *detect.Report, e, was, prior *entry, hosts map[string]bool, known bool) {
	object := e.name + " " + e.version
	h := host(e.resolved)
	if e.overHTTP() && h != "localhost" && h != "127.0.0.1" && !was.overHTTP() && !prior.overHTTP() {
		add(r, kindInsecureSource, e.line, object, "over http from "+h)
	}
	if git(e.resolved) && (prior == nil || !git(prior.resolved)) {
		add(r, kindLockGit, e.line, object, "from "+h)
		return
	}
	if from := hostBefore(was); otherHost(from, h) {
		add(r, kindSourceChanged, e.line, object, from+" to "+h)
	} else if known && h != "" && !hosts[h] && !wellKnown[h] {
		hosts[h] = true
		add(r, kindSourceChanged, e.line, object, "from "+h+", which nothing came from before")
	}
	if name, ok := nameInURL(e.resolved); ok && e.alias == "" && name != e.name && !(e.asked && name == e.real) &&
		!strings.HasSuffix(e.name, "/"+name) {
		add(r, kindNameMismatch, e.line, object, "comes from the package "+name)
	}
}

// overHTTP tells whether a package, if there is one, comes without encryption.
func (e *entry) overHTTP() bool { return e != nil && strings.HasPrefix(e.resolved, "http://") }

// hostBefore is where a package came from, "" where there was none.
func hostBefore(was *entry) string {
	if was == nil {
		return ""
	}
	return host(was.resolved)
}

// otherHost tells whether a package comes from another host than before; the
// well-known ones stand for each other.
func otherHost(from, to string) bool {
	return from != "" && to != "" && from != to && !(wellKnown[to] && wellKnown[from])
}

func git(url string) bool {
	return strings.HasPrefix(url, "git") || strings.HasSuffix(url, ".git") || strings.Contains(url, "codeload.github.com")
}

// nameInURL reads the package of a registry's tarball: .../name/-/name-1.0.tgz
func nameInURL(url string) (string, bool) {
	i := strings.Index(url, "/-/")
	if i < 0 {
		return "", false
	}
	_, rest, _ := strings.Cut(url[:i], "://")
	parts := strings.Split(rest, "/")
	name := strings.ReplaceAll(parts[len(parts)-1], "%2f", "/")
	if len(parts) > 2 && strings.HasPrefix(parts[len(parts)-2], "@") {
		name = parts[len(parts)-2] + "/" + name
	}
	return name, name != ""
}

func weak(hash string) bool {
	return strings.HasPrefix(hash, "sha1-") || strings.HasPrefix(hash, "md5-")
}

// comparable tells whether two hashes are of one sort, so that another value
// means other content.
func comparable(a, b string) bool {
	sort := func(h string) string {
		i := strings.IndexAny(h, "-:/")
		if i < 0 {
			return strconv.Itoa(len(h))
		}
		return h[:i]
	}
	return b != "" && sort(a) == sort(b)
}

// older tells whether version a comes before b, where both read as versions.
func older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	if len(x) < 2 || len(y) < 2 {
		return false
	}
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

func numbers(v string) []int {
	v = strings.TrimLeft(v, "v=^~<> ")
	var out []int
	for part := range strings.SplitSeq(v, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		out = append(out, n)
	}
	return out
}

func add(r *detect.Report, k *detect.Kind, line int, object, detail string) {
	r.Add(detect.Observation{Kind: k, Line: line, Object: object, Detail: detail})
}

// manifests are what a lock file is made from.
var manifests = map[string][]string{"package-lock.json": {"package.json"}, "npm-shrinkwrap.json": {"package.json"},
	"yarn.lock":      {"package.json"},
	"pnpm-lock.yaml": {"package.json"}, "bun.lock": {"package.json"}, "go.sum": {"go.mod"}, "Cargo.lock": {"Cargo.toml"},
	"poetry.lock": {"pyproject.toml"},
	"uv.lock":     {"pyproject.toml"}, "Pipfile.lock": {"Pipfile"}, "composer.lock": {"composer.json"}, "Gemfile.lock": {"Gemfile"},
	"pdm.lock": {"pyproject.toml"}}

// DetectChange reports lock files that change though no manifest does.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	changed := map[string][]string{} // the folders in which files of a name do
	for i := range c.Files {
		dir, base := path.Split(c.Files[i].Path)
		changed[base] = append(changed[base], dir)
	}
	for i := range c.Files {
		f := &c.Files[i]
		needs := manifests[path.Base(f.Path)]
		if needs == nil || f.Status == change.Removed || f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
			continue
		}
		dir, alone := path.Dir(f.Path)+"/", true
		for _, m := range needs { // beside it, or in a folder below: a workspace
			alone = alone && !slices.ContainsFunc(changed[m], func(d string) bool { return dir == "./" || strings.HasPrefix(d, dir) })
		}
		if alone {
			r.Add(detect.Observation{Kind: kindLockAlone, Path: f.Path, Object: f.Path,
				Detail: fmt.Sprintf("no %s changes with it", needs[0])})
		}
	}
}
