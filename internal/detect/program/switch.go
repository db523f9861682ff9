package program

import (
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// switched finds a setting that a program gives a value: key: value, key = value,
// put(key, value).
func (r *reader) switched(i int, key string, f func(hit)) {
	for k := range known().settings {
		s := &known().settings[k]
		if !s.names(key) || !s.Program && r.toks[i].Kind != source.String {
			continue
		}
		value, at := r.valueBehind(i)
		if !slices.Contains(s.Values, strings.ToLower(value)) || !r.signed(s.Signs) {
			continue
		}
		f(hit{kind: named[s.Kind], line: r.at(at).Line, object: r.toks[i].Text, detail: detailOf(value, s.Lost),
			text: key + "=" + value, spare: r.memory || r.inside(i)})
		return
	}
}

func detailOf(value, lost string) string {
	if lost == "" {
		return value
	}
	return value + ": " + lost
}

// names tells whether a setting is the one of a key.
func (s *setting) names(key string) bool {
	for end := range strings.SplitSeq(s.Key, "|") {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}

// valueBehind is what stands behind a key, and where.
func (r *reader) valueBehind(i int) (string, int) {
	k := i + 1
	for k < i+4 && (r.at(k).Is(":") || r.at(k).Is("=") || r.at(k).Is(">") || r.at(k).Is(",") && r.toks[i].Kind == source.String) {
		k++
	}
	if k == i+1 && r.at(k).Is("(") { // cleanDisabled(false)
		k++
	}
	if k == i+1 || r.at(k).Kind == source.Newline || r.at(k).Kind == source.Punct {
		return "", k
	}
	return r.at(k).Text, k
}

// holdsSettings tells whether a file of that name may set a framework up.
func holdsSettings(base string) bool {
	switch path.Ext(base) {
	case ".properties", ".yml", ".yaml", ".env":
		return true
	case ".toml", ".conf", ".hocon":
		return strings.HasPrefix(base, "application") || strings.HasPrefix(base, "flyway") || strings.HasPrefix(base, "liquibase")
	case ".json":
		return strings.HasPrefix(base, "ormconfig") || strings.HasPrefix(base, "application") || strings.HasPrefix(base, "appsettings") ||
			strings.HasPrefix(base, "mikro-orm")
	case ".xml":
		return strings.Contains(base, "persistence") || strings.Contains(base, "hibernate") || base == "pom.xml" ||
			strings.Contains(base, "applicationcontext")
	}
	return strings.HasPrefix(base, ".env")
}

// testSettings tells whether settings are those of a test or of a developer's
// machine, by the name of their file.
func testSettings(base string) bool {
	for part := range strings.FieldsFuncSeq(base, func(r rune) bool { return r == '-' || r == '.' || r == '_' }) {
		switch part {
		case "test", "tests", "dev", "development", "local", "it", "integration", "h2", "ci", "example", "sample", "demo", "e2e", "testing":
			return true
		}
	}
	return false
}

// settings finds the settings of a file.
func settings(body, base string) (out []hit) {
	r := &reader{said: strings.ToLower(body), signs: map[*string]bool{}}
	memory := anyIn(r.said, inMemory)
	each := func(key, value string, line int) {
		key = fold(key)
		for k := range known().settings {
			s := &known().settings[k]
			if !s.names(key) || !slices.Contains(s.Values, strings.ToLower(value)) || !r.signed(s.Signs) {
				continue
			}
			out = append(out, hit{kind: named[s.Kind], line: line, object: key, detail: detailOf(value, s.Lost),
				text: key + "=" + value, spare: memory})
			return
		}
	}
	switch ext := path.Ext(base); {
	case ext == ".yml" || ext == ".yaml" || ext == ".json":
		fromTree(body, ext, each)
	case ext == ".xml":
		fromMarkup(body, each)
	default:
		fromLines(body, each)
	}
	return out
}

// fromTree reads keys with all that they stand under, and the names and values of
// lists of variables.
func fromTree(body, ext string, each func(key, value string, line int)) {
	var docs []*tree.Node
	var err error
	if ext == ".json" {
		docs = make([]*tree.Node, 1)
		docs[0], err = tree.ParseJSON(body)
	} else {
		docs, err = tree.ParseYAML(body)
	}
	if err != nil {
		fromLines(strings.ReplaceAll(body, ": ", "="), each)
		return
	}
	for _, doc := range docs {
		tree.Walk(doc, func(keys []string, n *tree.Node) bool {
			switch {
			case n.Kind == tree.Scalar && len(keys) > 0:
				each(strings.Join(keys[max(0, len(keys)-6):], "."), n.Text, n.Line)
				if key, value, ok := strings.Cut(n.Text, "="); ok && len(n.Text) < 300 { // - NAME=value
					each(key, value, n.Line)
				}
			case n.IsMap() && n.Get("name").Str() != "" && n.Get("value").Str() != "":
				each(n.Get("name").Str(), n.Get("value").Str(), n.Get("value").Line)
			}
			return true
		})
	}
}

// fromLines reads KEY = VALUE and KEY: VALUE, with the section around them.
func fromLines(body string, each func(key, value string, line int)) {
	n, section := 0, ""
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		if t == "" || t[0] == '#' || t[0] == '!' || t[0] == ';' {
			continue
		}
		if t[0] == '[' {
			section = strings.Trim(t, "[]") + "."
			continue
		}
		i := strings.IndexAny(t, "=:")
		if i < 0 || len(t) > 500 {
			continue
		}
		each(section+strings.TrimPrefix(strings.TrimSpace(t[:i]), "export "), strings.Trim(strings.TrimSpace(t[i+1:]), `"'`), n)
	}
}

// fromMarkup reads name="key" value="…", and <key>value</key>.
func fromMarkup(body string, each func(key, value string, line int)) {
	n := 0
	for line := range strings.Lines(body) {
		n++
		if len(line) > 2000 {
			continue
		}
		if key, value := attribute(line, "name"), attribute(line, "value"); key != "" {
			if value == "" {
				_, rest, _ := strings.Cut(line, ">")
				value, _, _ = strings.Cut(rest, "<")
			}
			each(key, strings.TrimSpace(value), n)
			continue
		}
		_, rest, _ := strings.Cut(line, "<")
		key, rest, ok := strings.Cut(rest, ">")
		value, _, _ := strings.Cut(rest, "<")
		if ok {
			each(key, strings.TrimSpace(value), n)
		}
	}
}

func attribute(line, name string) string {
	_, rest, ok := strings.Cut(line, " "+name+`="`)
	value, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return ""
	}
	return value
}
