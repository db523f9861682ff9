package starter

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/pattern"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
)

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
// of them production's. Where there are some, every folder that is called as
// production's is production's, beside others or not; "live" alone may be a part
// of a product.
func (f *found) findBoundaries(files []File) {
	parents, backups := siblingsIn(files)
	dirs := map[string][]string{}
	for _, group := range parents {
		if !besideProduction(group) {
			continue
		}
		for _, s := range group {
			dirs[s.class] = append(dirs[s.class], s.dir)
		}
	}
	if len(dirs) == 0 {
		return
	}
	dirs[production] = nil
	for _, group := range parents {
		for _, s := range group {
			if s.class == production && (besideProduction(group) || !strings.EqualFold(path.Base(s.dir), "live")) {
				dirs[production] = append(dirs[production], s.dir)
			}
		}
	}
	if len(backups) > 0 {
		dirs["backups"] = slices.Collect(maps.Keys(backups))
	}
	paths := map[string][]string{}
	for class, list := range dirs {
		if patterns := patternsOf(list, dirs, class); len(patterns) > 0 {
			paths[class] = patterns
		}
	}
	if len(paths[production]) == 0 || len(paths) < 2 {
		return
	}
	f.drawBoundaries(paths)
}

// patternsOf says in patterns which folders these are: each by itself where they
// are few, else with what differs as "*", so that none is left out and the next of
// them is in. No pattern takes a folder of another class.
func patternsOf(dirs []string, all map[string][]string, class string) []string {
	dirs = outermost(dirs)
	var out []string
	if len(dirs) <= maxListed {
		for _, dir := range dirs {
			out = append(out, below(dir))
		}
		return slices.DeleteFunc(out, func(p string) bool { return p == "" })
	}
	alike := map[string][]string{} // folders as deep, and of one name
	for _, dir := range dirs {
		key := strings.Repeat("*/", strings.Count(dir, "/")) + path.Base(dir)
		alike[key] = append(alike[key], dir)
	}
	for _, group := range alike {
		joint := joined(group)
		if takesOthers(joint, all, class) {
			for _, dir := range group {
				out = append(out, below(dir))
			}
			continue
		}
		out = append(out, joint)
	}
	out = slices.DeleteFunc(out, func(p string) bool { return p == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// outermost leaves out folders that lie in another of them.
func outermost(dirs []string) []string {
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	in := map[string]bool{}
	for _, dir := range dirs {
		in[dir] = true
	}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		for up := path.Dir(dir); up != "." && up != "/"; up = path.Dir(up) {
			if in[up] {
				return true
			}
		}
		return false
	})
}

// joined is the pattern of all files in folders that are equally deep.
func joined(dirs []string) string {
	parts := strings.Split(dirs[0], "/")
	for i := range parts {
		parts[i] = escape(parts[i])
	}
	for _, dir := range dirs[1:] {
		for i, part := range strings.Split(dir, "/") {
			if parts[i] != escape(part) {
				parts[i] = "*"
			}
		}
	}
	return usable(strings.Join(parts, "/") + "/**")
}

func takesOthers(pattern string, all map[string][]string, class string) bool {
	set, errs := glob.CompileSet([]string{pattern})
	if pattern == "" || len(errs) > 0 && errs[0] != nil {
		return true
	}
	for other, dirs := range all {
		if other == class {
			continue
		}
		for _, dir := range dirs {
			if file := dir + "/x"; set.Match(file, glob.Fold(file)) {
				return true
			}
		}
	}
	return false
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
			if class := classOfFolder(path.Base(dir)); class != "" {
				parents[path.Dir(dir)] = append(parents[path.Dir(dir)], sibling{dir, class})
			}
		}
	}
	return parents, backups
}

// classOfFolder is the class of a folder's name. Beside a region or a number the
// words count that mean nothing else: "prod-eu-1" is production, "test-utils" no
// test.
func classOfFolder(base string) string {
	low := strings.ToLower(base)
	if class := classes[low]; class != "" {
		return class
	}
	found := ""
	for _, word := range strings.FieldsFunc(low, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		switch class := classes[word]; {
		case class != "" && word != "live" && word != "test" && word != "testing" && word != "preview" && word != "stage":
			if found != "" {
				return ""
			}
			found = class
		case !place().MatchString(word):
			return ""
		}
	}
	return found
}

// place is a word that tells one environment of a class from another.
var place = pattern.Of(`^(\d+|[a-z]{1,3}\d*|(us|eu|ap|sa|ca|me|af|il|cn|gov|asia|europe)[a-z]*\d*|(north|south|east|west|central)+\w*|` +
	`aws|gcp|azure|blue|green|primary|secondary|cluster|k8s|env|global|region)$`)

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
