// Package program finds what programs destroy by calls of libraries: tables and
// schemas through mappers, stores, clouds and clusters through their clients,
// folders, and what an HTTP request deletes; and settings that have a framework
// empty a database when it starts.
//
// What destroys is data (calls/*.yaml): names of calls, the library whose import
// or client must be seen in the same text, and the arguments that count. One
// tolerant reader takes the words of every language. A call that stood there
// before is not reported; what is for tests, or for a database in memory as the
// text itself says, is noise.
package program

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// maxText bounds the program that is read; those that people write are far smaller.
const maxText = 2 << 20

type detector struct{}

// New returns the detector "program". It holds no state.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "program" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes programs, and files of settings.
func (detector) Wants(f *change.File) bool {
	if f.Status == change.Removed || f.Mode == change.ModeSymlink || f.Mode == change.ModeSubmodule {
		return false
	}
	base := strings.ToLower(path.Base(f.Path))
	return languageOf(base) != source.NoLanguage && !strings.HasSuffix(base, ".min.js") || holdsSettings(base)
}

func languageOf(base string) source.Language {
	if path.Ext(base) == ".ipynb" {
		return source.Python
	}
	switch base {
	case "rakefile", "capfile", "fastfile":
		return source.Ruby
	}
	return source.LanguageOf(path.Ext(base))
}

// Detect reports what the program destroys now and did not before.
// Closely: a text that holds none of the words by which programs destroy is left.
func (detector) Closely(f *change.File) int {
	if !mayDestroy(f.After.Body) {
		return 0
	}
	return len(f.Before.Body) + len(f.After.Body)
}

func (detector) Detect(f *change.File, r *detect.Report) {
	base := strings.ToLower(path.Base(f.Path))
	lang := languageOf(base)
	if f.After.State == change.Unreadable && lang != source.NoLanguage {
		r.Add(detect.Observation{Kind: unreadable, Object: path.Base(f.Path), Detail: f.After.Reason})
	}
	if f.After.State != change.Loaded || f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	if !mayDestroy(f.After.Body) {
		return
	}
	if len(f.After.Body) > maxText {
		r.Add(detect.Observation{Kind: unreadable, Object: path.Base(f.Path), Detail: "larger than any program should be"})
		return
	}
	p := source.Look(f.Path)
	was := map[string]int{}
	if f.Before.State == change.Loaded && len(f.Before.Body) <= maxText {
		found, _ := read(f.Before.Body, base, lang, p)
		for _, h := range found {
			was[h.text]++
		}
	}
	found, err := read(f.After.Body, base, lang, p)
	if err != nil {
		r.Add(detect.Observation{Kind: unreadable, Object: path.Base(f.Path), Detail: err.Error(), Bound: true})
	}
	for _, h := range found {
		if was[h.text] > 0 {
			was[h.text]--
			continue
		}
		k := h.kind
		if p.Test || testSettings(base) || strings.HasPrefix(base, "conftest") {
			k = inTest
		} else if h.spare {
			k = minor
		}
		r.Add(detect.Observation{Kind: k, Line: h.line, Object: h.object, Detail: h.detail})
	}
}

// hit is one thing that is destroyed.
type hit struct {
	kind           *detect.Kind
	line           int
	object, detail string
	text           string // the call as it is compared with those before
	spare          bool   // it is for tests, or comes back by itself
}

// read finds what a text destroys.
func read(body, base string, lang source.Language, p source.Path) (hits []hit, err error) {
	err = bound.Catch(func() { // what was found before counts all the same
		if lang == source.NoLanguage {
			hits = settings(body, base)
			return
		}
		at := func(line int) int { return line }
		if path.Ext(base) == ".ipynb" {
			body, at = cells(body)
		}
		r := newReader(body, lang)
		r.migration = p.Migration
		r.each(func(h hit) {
			h.line = at(h.line)
			hits = append(hits, h)
		})
	})
	return hits, err
}

// mayDestroy tells whether a text holds a part of what is looked for.
func mayDestroy(body string) bool {
	yes := false
	parts().Find(body, func(int32, int) { yes = true })
	return yes
}

// spared tells whether a name says that it is for tests or a pull request.
func spared(name string) bool { return name != "" && tool.Spare(name) }
