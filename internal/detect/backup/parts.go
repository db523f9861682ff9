package backup

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/kept"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// covered are lists of what a copy is made of; what is no longer among them is
// copied no more. The keys are in lower case, without "_".
var covered = map[string]bool{"sourcedirectories": true, "includednamespaces": true, "includedresources": true, "backuppaths": true,
	"paths": true, "sources": true, "databases": true, "postgresqldatabases": true, "mysqldatabases": true, "mongodbdatabases": true,
	"includes": true, "directories": true, "volumes": true}

// left are lists of what a copy leaves out.
var left = map[string]bool{"excludednamespaces": true, "excludedresources": true}

// copiesTo are lists of where copies go or which jobs make them.
var copiesTo = map[string]bool{"replicas": true, "repositories": true, "schedule": true, "schedules": true, "backupschedules": true}

// parts compares the lists of a setting of backups.
func parts(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded || !about(f.Path) && !mentions(f.Before.Body) {
		return
	}
	read := tree.ParseYAML
	switch ext := path.Ext(f.Path); {
	case ext == ".yml", ext == ".yaml", path.Base(f.Path) == "mongod.conf":
	case ext == ".json":
		read = func(text string) ([]*tree.Node, error) {
			n, err := tree.ParseJSON(text)
			return []*tree.Node{n}, err
		}
	case lined[strings.ToLower(ext)], strings.HasPrefix(path.Base(f.Path), ".env"):
		keepsLess(f, r, kept.Lines(f.Before.Body), kept.Lines(f.After.Body))
		return
	default:
		return
	}
	before, errB := read(f.Before.Body)
	after, errA := read(f.After.Body)
	if errB != nil || errA != nil {
		return
	}
	for i := range min(len(before), len(after)) {
		compareParts(r, before[i], after[i], about(f.Path), 0)
		keepsLess(f, r, before[i], after[i])
	}
}

// unkept are the kinds of what settings keep no longer.
var unkept = map[kept.Sort]*detect.Kind{kept.Off: kindOff, kept.Shorter: kindRetention, kept.Logs: kindLogs, kept.Less: kindLess,
	kept.Checks: kindChecks}

// keepsLess reports what settings of any tool keep no longer, by their words.
// Objects of a cluster are read by who knows what keeps data there.
func keepsLess(f *change.File, r *detect.Report, before, after *tree.Node) {
	if before.Has("apiVersion") && before.Has("kind") {
		return
	}
	seen := map[int]bool{}
	for _, o := range r.Observations() {
		seen[o.Line] = true
	}
	for _, l := range kept.Compare(before, after, kept.Of{Copies: about(f.Path) || ofCopiesAll(before)}) {
		if l.Sort == kept.Logs && !ofLogs(f.Path+"/"+l.Path) {
			continue
		}
		if kind := unkept[l.Sort]; kind != nil && !seen[l.Line] {
			r.Add(detect.Observation{Kind: kind, Line: l.Line, Removed: l.Removed, Object: l.Path, Detail: l.Detail})
		}
	}
}

// lined are endings of settings that stand one on a line.
var lined = map[string]bool{".conf": true, ".cfg": true, ".ini": true, ".cnf": true, ".properties": true, ".env": true,
	".toml": true, "": true}

// mentions tells a manifest whose parts are worth a look wherever it lies.
func mentions(body string) bool {
	for _, part := range [...]string{"etention", "ETENTION", "ackup", "ACKUP", "napshot", "NAPSHOT", "pitr", "rchiv", "binlog",
		"oncurrent", "isaster"} {
		if strings.Contains(body, part) {
			return true
		}
	}
	return strings.Contains(body, "velero.io/") || strings.Contains(body, "includedNamespaces") || strings.Contains(body, "\n  backup:") ||
		strings.Contains(body, `"min_age"`) || strings.Contains(body, `"expire_after"`) || strings.Contains(body, "journal:")
}

// ofCopiesAll tells settings that are about copies as a whole: they say what is
// copied, and when that goes.
func ofCopiesAll(root *tree.Node) bool {
	copies, goes := false, false
	for _, e := range root.Entries() {
		key := strings.ToLower(e.Key)
		copies = copies || strings.Contains(key, "snapshot") || strings.Contains(key, "backup")
		goes = goes || strings.Contains(key, "deletion") || strings.Contains(key, "retention") || strings.Contains(key, "schedul")
	}
	return copies && goes
}

// ofLogs tells whether a place is about what is written down of what happened.
func ofLogs(place string) bool {
	place = strings.ToLower(place)
	return strings.Contains(place, "log") || strings.Contains(place, "loki") || strings.Contains(place, "audit") ||
		strings.Contains(place, "trail")
}

// maxFields bounds a map: that of a setting is small.
const maxFields = 500

// compareParts walks what both have at one place. Within says that this is about
// backups, by the path of the file or by a key above.
func compareParts(r *detect.Report, before, after *tree.Node, within bool, depth int) {
	if depth > 12 || !before.IsMap() || !after.IsMap() || len(before.Fields) > maxFields {
		return
	}
	for _, e := range before.Entries() {
		now := after.Get(e.Key)
		key := strings.ToLower(strings.ReplaceAll(e.Key, "_", ""))
		switch {
		case key == "journal" && !e.Value.Get("enabled").False() && now.Get("enabled").False():
			r.Add(detect.Observation{Kind: kindUnsafe, Line: now.At(), Object: "journal.enabled"})
		case key == "delete" && e.Value.Get("min_age") != nil:
			ages(r, e.Value.Get("min_age"), now.Get("min_age"))
		case key == "retention" && e.Value.Get("expire_after") != nil:
			ages(r, e.Value.Get("expire_after"), now.Get("expire_after"))
		case within && e.Value.IsList():
			lists(r, key, e, now)
		}
		below := within || key == "backup"
		if e.Value.IsMap() {
			compareParts(r, e.Value, now, below, depth+1)
			continue
		}
		was, is := e.Value.Each(), now.Each() // a list of maps, one after the other
		for i := range min(len(was), len(is)) {
			compareParts(r, was[i], is[i], below, depth+1)
		}
	}
}

// ages compares after how long an index is deleted.
// https://www.elastic.co/guide/en/elasticsearch/reference/current/ilm-delete.html
func ages(r *detect.Report, was, is *tree.Node) {
	a, okA := age(was.Str())
	b, okB := age(is.Str())
	if okA && okB && b < a {
		r.Add(detect.Observation{Kind: kindRetention, Line: is.At(), Object: "age", Detail: was.Str() + " to " + is.Str()})
	}
}

// lists compares one list.
func lists(r *detect.Report, key string, was tree.Field, now *tree.Node) {
	switch {
	case copiesTo[key] && len(now.Each()) < len(was.Value.Each()):
		r.Add(detect.Observation{Kind: kindGone, Removed: true, Line: was.Line, Object: was.Key})
	case covered[key] && now != nil:
		if missing := firstOf(was.Value, now); missing != "" && !has(now, "*") {
			r.Add(detect.Observation{Kind: kindLess, Removed: true, Line: was.Line, Object: was.Key, Detail: missing})
		}
	case left[key]:
		if more := firstOf(now, was.Value); more != "" {
			r.Add(detect.Observation{Kind: kindLess, Line: now.At(), Object: was.Key, Detail: more})
		}
	}
}

// entries are the strings of a list, and the names of its maps.
func entries(list *tree.Node) []string {
	out := list.Strings()
	for _, n := range list.Each() {
		if name := n.Get("name").Str() + n.Get("path").Str(); n.IsMap() && name != "" {
			out = append(out, name)
		}
	}
	return out
}

// firstOf is the first entry of one list that another lacks.
func firstOf(list, other *tree.Node) string {
	known := map[string]bool{}
	for _, s := range entries(other) {
		known[s] = true
	}
	for _, s := range entries(list) {
		if !known[s] {
			return s
		}
	}
	return ""
}

func has(list *tree.Node, one string) bool {
	for _, s := range list.Strings() {
		if s == one {
			return true
		}
	}
	return false
}
