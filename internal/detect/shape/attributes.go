package shape

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// attributes reports lines of .gitattributes by which what destroys is not shown to
// whoever reviews, or is checked out as something else than what was reviewed.
// Files that a tool makes are commonly kept from a diff, and folders of them: that
// is no such line. https://git-scm.com/docs/gitattributes
func attributes(f *change.File, r *detect.Report) {
	had := map[string]bool{}
	if f.Before.State == change.Loaded {
		for line := range strings.Lines(f.Before.Body) {
			had[strings.TrimSpace(line)] = true
		}
	}
	n, macros := 0, map[string]bool{} // names that stand for attributes which hide, and whether they do since now
	for line := range strings.Lines(f.After.Body) {
		n++
		line = strings.TrimSpace(line)
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		macro, defines := strings.CutPrefix(fields[0], "[attr]")
		for _, attribute := range fields[1:] {
			now, named := macros[attribute]
			switch hidden := named || hides(attribute); {
			case hidden && defines:
				macros[macro] = now || !had[line]
			case hidden && (now || !had[line]) && broad(fields[0]):
				r.Add(detect.Observation{Kind: hiddenFromReview, Line: n, Object: fields[0], Detail: attribute})
			default:
				continue
			}
			break
		}
	}
}

// hides reports whether an attribute keeps a file out of a diff, or has other bytes
// checked out than are in it.
func hides(attribute string) bool {
	name, value, given := strings.Cut(attribute, "=")
	switch name {
	case "-diff", "binary":
		return true
	case "linguist-generated", "linguist-vendored":
		return !given || value == "true"
	case "working-tree-encoding":
		return !strings.HasPrefix(strings.ToUpper(value), "UTF-8")
	case "filter":
		return value != "lfs" && value != "git-crypt"
	}
	return false
}

// acting are the ends of what people write and machines act upon.
var acting = map[string]bool{".sql": true, ".tf": true, ".tfvars": true, ".hcl": true, ".bicep": true, ".sh": true, ".bash": true,
	".ps1": true, ".yml": true, ".yaml": true, ".py": true, ".rb": true, ".go": true, ".js": true, ".ts": true, ".php": true,
	".java": true, ".kt": true, ".cs": true, ".rs": true, ".prisma": true}

// broad reports whether a pattern takes everything, or every file of a sort that
// acts, or what runs by its place.
func broad(pattern string) bool {
	pattern = strings.Trim(strings.Trim(pattern, `"`), "/")
	base := path.Base(pattern)
	if strings.HasPrefix(pattern, ".github/") {
		return true
	}
	dir := strings.Trim(strings.TrimSuffix(pattern, base), "*/")
	switch path.Base(dir) {
	case ".":
	case "migrations", "migrate":
		return strings.Contains(base, "*")
	default:
		return false
	}
	name, ext := strings.TrimSuffix(base, path.Ext(base)), path.Ext(base)
	return strings.Trim(base, "*.") == "" || strings.Trim(name, "*") == "" && acting[strings.ToLower(ext)]
}
