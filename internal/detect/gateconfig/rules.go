package gateconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// compareRules compares two texts of gatehold's own rules file by what is in
// force under each.
func (d detector) compareRules(before, after string, r *detect.Report) {
	if before == after {
		return
	}
	weaker, err := d.rules.Weaker(before, after)
	if err != nil {
		r.Add(detect.Observation{Kind: unreadable, Object: "the rules", Detail: firstLine(err.Error())})
		return
	}
	// The texts are read a second time to say at which line, and whether they
	// differ in more than comments: nothing is decided by it.
	old, now := firstDocument(before), firstDocument(after)
	for _, w := range weaker {
		line, gone := placeOf(now, w.At), false
		if line == 0 {
			line, gone = placeOf(old, w.At), true
		}
		r.Add(detect.Observation{Kind: rulesWeakened, Line: line, Removed: gone && line > 0, Object: strings.Join(w.At, "/"),
			Detail: w.Detail})
	}
	if len(weaker) == 0 && !(old != nil && tree.Equal(old, now)) {
		r.Add(detect.Observation{Kind: rulesChanged, Line: 1})
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func firstDocument(text string) *tree.Node {
	docs, err := tree.ParseYAML(text)
	if err != nil || len(docs) == 0 {
		return nil
	}
	return docs[0]
}

// placeOf is the line to which keys lead, as far as they lead: at least to the
// first of them. It is 0 where they lead nowhere.
func placeOf(n *tree.Node, keys []string) int {
	line := 0
	for _, key := range keys {
		if n = child(n, key); n == nil {
			break
		}
		line = n.At()
	}
	return line
}

func child(n *tree.Node, key string) *tree.Node {
	if n == nil {
		return nil
	}
	for _, field := range n.Entries() {
		if strings.EqualFold(field.Key, key) {
			return field.Value
		}
	}
	if !n.IsList() {
		return nil
	}
	for _, item := range n.Items {
		if item.Get("id").Str() == key || item.Str() == key && key != "" {
			return item
		}
	}
	return nil
}
