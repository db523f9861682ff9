package compose

import (
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/datafiles"
	"github.com/gatehold/gatehold/internal/detect/tree"
	"github.com/gatehold/gatehold/internal/pattern"
)

// version reports a database whose new program does not read the files that the
// old one left.
func version(name string, before, after *tree.Node, r *detect.Report) {
	was, is := before.Get("image"), after.Get("image")
	if keepsData(before) && datafiles.Refused(was.Str(), is.Str()) {
		r.Add(detect.Observation{Kind: kinds.version, Line: is.At(), Object: name, Detail: was.Str() + " to " + is.Str()})
	}
}

// keepsData tells a service with a volume that outlives its container.
func keepsData(s *tree.Node) bool {
	for _, v := range s.Get("volumes").Each() {
		if source, target := mount(v); source != "" && !configLike(target) && !strings.Contains(target, "initdb") {
			return true
		}
	}
	return false
}

// spoken is what a service's program is told on its command line and by its
// environment, in one text.
func spoken(s *tree.Node) string {
	var b strings.Builder
	for _, key := range [...]string{"command", "entrypoint", "environment"} {
		n := s.Get(key)
		for _, word := range n.Strings() {
			b.WriteString(" " + word)
		}
		for _, e := range n.Entries() {
			b.WriteString(" " + e.Key + "=" + e.Value.Str())
		}
	}
	return b.String() + " "
}

// settings are what a store is told that takes a promise back: words that come,
// or with gone words that go.
var settings = []struct {
	key  string
	expr func() *regexp.Regexp
	gone bool
	kind **detect.Kind
}{
	{"fsync", pattern.Of(`(?i)\b(?:fsync|full_page_writes)=(?:off|false|0)\b`), false, &kinds.durability},
	{"no append-only file", pattern.Of(`(?i)--appendonly\s+no\b|--save\s+(?:''|""|\s)|innodb[-_]doublewrite=(?:0|off)|--skip-log-bin\b|` +
		`--nojournal\b|innodb[-_]flush[-_]log[-_]at[-_]trx[-_]commit=0`), false, &kinds.durability},
	{"append-only file", pattern.Of(`(?i)--appendonly\s+yes\b`), true, &kinds.durability},
	{"password", pattern.Of(`--requirepass\s+\S`), true, &kinds.noPassword},
	{"authentication", pattern.Of(`\s--auth\s`), true, &kinds.noPassword},
	{"no authentication", pattern.Of(`(?i)\s--(?:noauth|skip-grant-tables)\b|DISABLE_SECURITY_PLUGIN=(?:true|1)|` +
		`xpack\.security\.enabled=false|` +
		`NEO4J_AUTH=none|ALLOW_ANONYMOUS_LOGIN=(?:yes|true|1)|PLUGINS_SECURITY_DISABLED=true|--protected-mode\s+no\b|` +
		`AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true`), false, &kinds.noPassword},
}

// told reports settings of a store that a change takes away or brings.
func told(name string, before, after *tree.Node, r *detect.Report) {
	was, is := spoken(before), spoken(after)
	for _, s := range settings {
		had, has := s.expr().MatchString(was), s.expr().MatchString(is)
		switch {
		case s.gone && had && !has:
			r.Add(detect.Observation{Kind: *s.kind, Line: before.At(), Removed: true, Object: name, Detail: s.key + " removed"})
		case !s.gone && has && !had && before != nil:
			r.Add(detect.Observation{Kind: *s.kind, Line: after.At(), Object: name, Detail: s.key})
		}
	}
}

// movedMounts reports data folders that are mounted from another place now: what
// is there is not what the service wrote.
func movedMounts(name string, before, after *tree.Node, r *detect.Report) {
	now := map[string]*tree.Node{}
	for _, v := range after.Get("volumes").Each() {
		_, target := mount(v)
		now[strings.TrimRight(target, "/")] = v
	}
	for _, v := range before.Get("volumes").Each() {
		source, target := mount(v)
		is := now[strings.TrimRight(target, "/")]
		if is == nil || configLike(target) || !dataFolder(target) {
			continue
		}
		other, _ := mount(is)
		if a, b := plain(source), plain(other); a != b && a != "" && b != "" && !strings.Contains(a+b, "$") {
			r.Add(detect.Observation{Kind: kinds.volume, Line: is.At(), Object: name, Detail: target + " from " + a + " to " + b})
		}
	}
}

// dataFolder tells where a program keeps its data.
func dataFolder(target string) bool {
	return strings.Contains(target, "data") || strings.HasPrefix(target, "/var/lib/") || strings.Contains(target, "storage") ||
		strings.Contains(target, "uploads")
}

// plain is a source as Compose reads it, with a variable's default for it.
func plain(source string) string {
	if rest, ok := strings.CutPrefix(source, "${"); ok {
		if _, value, ok := strings.Cut(rest, "-"); ok {
			value, tail, _ := strings.Cut(value, "}")
			source = value + tail
		}
	}
	return strings.TrimRight(strings.TrimPrefix(source, "./"), "/")
}

// renamedProject reports a project with another name: its volumes bear the name,
// and those of the new one are empty.
func renamedProject(before, after *tree.Node, r *detect.Report) {
	was, is := before.Get("name").Str(), after.Get("name").Str()
	if was == "" || is == "" || was == is || strings.Contains(was+is, "$") {
		return
	}
	for _, e := range after.Get("volumes").Entries() {
		if e.Value.Get("external") == nil && e.Value.Get("name") == nil {
			r.Add(detect.Observation{Kind: kinds.volume, Line: after.Get("name").At(), Object: e.Key,
				Detail: "the project is renamed, and its volumes with it"})
			return
		}
	}
}
