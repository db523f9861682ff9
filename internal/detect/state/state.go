// Package state finds settings that moved from a state that protects to one that
// permits, in files of whatever tool: an answer that is asked for no more, a
// check that is off, a door for everybody, a list of guards that lost its
// entries, a limit that no longer limits.
//
// It knows no tool. A file is read as settings, each with the keys that lead to
// it (read.go), and before is compared with after. What a key guards and which
// way a value points is told by the words that they are written with
// (words.txt): a setting of which the words say nothing is none of this
// package's business. So that the tenth tool needs no line here, it knows nothing
// either of what a value means to its reader: what is strange to it is passed.
package state

import (
	"embed"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("state", files)

var (
	kindOff     = shipped.Of("guard-off")
	kindLooser  = shipped.Of("guard-looser")
	kindWidened = shipped.Of("widened")
	kindEmptied = shipped.Of("guards-emptied")
	kindFewer   = shipped.Of("guards-fewer")
	kindLimit   = shipped.Of("limit-lifted")
	kindOpen    = shipped.Of("opened-outright")
	kindTools   = shipped.Of("tools-unasked")
	kindForked  = shipped.Of("source-forked")
)

// maxBytes bounds one text: settings that people write are far smaller.
const maxBytes = 512 << 10

// maxHunk bounds the lines that go from a program: where more do, it is another.
const maxHunk = 200

type detector struct{}

// New returns the detector of settings that guard less.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "state" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes settings and programs in use that a change wrote in. What is only
// tried or shown guards nothing.
func (detector) Wants(f *change.File) bool {
	return f.After.State != change.Absent && formatOf(f.Path) != none && !aside(f.Path)
}

// Closely: little more than what differs is read of programs, settings whole.
func (detector) Closely(f *change.File) int {
	if formatOf(f.Path) == program {
		return f.Differing()
	}
	return len(f.Before.Body) + len(f.After.Body)
}

// Detect compares settings. A text that cannot be read is another detector's to
// report: each format has its own.
func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes || len(f.Before.Body) > maxBytes ||
		f.Before.State == change.Unreadable {
		return
	}
	added := f.AddedLines()
	if len(added)+len(f.RemovedLines()) == 0 {
		return
	}
	format := formatOf(f.Path)
	c := &comparison{file: f, format: format, report: r, where: contextOf(f.Path),
		come: numbers(added), gone: numbers(f.RemovedLines())}
	if format == program {
		if len(f.Before.Body) > 0 && len(f.RemovedLines()) <= maxHunk {
			c.compare(written(f.RemovedLines()), written(added))
		}
		if b := path.Base(f.Path); b == "Package.swift" || b == "mix.exs" {
			c.forks(f.RemovedLines(), added)
		}
		return
	}
	after, ok := settings(format, f.After.Body)
	if !ok {
		return
	}
	var before []setting
	if f.Before.State == change.Loaded {
		if before, ok = settings(format, f.Before.Body); !ok {
			return
		}
	}
	c.compare(before, after)
	c.forks(f.RemovedLines(), added)
}

func numbers(lines []change.Line) map[int]bool {
	out := make(map[int]bool, len(lines))
	for _, l := range lines {
		out[l.Number] = true
	}
	return out
}

// aside says of what is in use nowhere, or for developers alone.
func aside(p string) bool {
	low := strings.ToLower(p)
	b := path.Base(low)
	if place.Aside(path.Dir(low)) || strings.Contains(b, "lock") || strings.Contains(b, ".example") || strings.Contains(b, "sample") ||
		strings.Contains("/"+low, "/node_modules/") || strings.Contains("/"+low, "/vendor/") {
		return true
	}
	agents := contextOf(p).agents
	for part := range strings.FieldsFuncSeq(low, func(r rune) bool { return strings.ContainsRune("/._-", r) }) {
		if words().aside[part] || !agents && words().developing[part] {
			return true
		}
	}
	return false
}

type format uint8

const (
	none format = iota
	yamlText
	jsonText
	plainText // keys and values on lines: TOML, HCL, ini, properties, env
	frontText // front matter of a page
	program
)

var formats = map[string]format{".yml": yamlText, ".yaml": yamlText, ".json": jsonText, ".jsonc": jsonText, ".json5": jsonText,
	".hujson": jsonText, ".toml": plainText, ".ini": plainText, ".cfg": plainText, ".conf": plainText, ".config": plainText,
	".properties": plainText, ".env": plainText, ".hcl": plainText, ".tf": plainText, ".tfvars": plainText, ".nix": plainText,
	".xml": plainText, ".cnf": plainText, ".md": frontText, ".mdc": frontText, ".rules": plainText, ".bzl": plainText,
	".bazel": plainText, ".rego": plainText, ".cue": plainText, ".pkl": plainText, ".cnfg": plainText, ".star": program,
	".go": program, ".py": program, ".js": program, ".ts": program, ".tsx": program, ".jsx": program, ".mjs": program, ".cjs": program,
	".mts": program, ".java": program, ".kt": program, ".kts": program, ".scala": program, ".groovy": program, ".rb": program,
	".php": program, ".cs": program, ".rs": program, ".ex": program, ".exs": program, ".swift": program, ".dart": program}

// bare are files that say nothing by the end of their name.
var bare = map[string]format{"WORKSPACE": plainText, "Caddyfile": plainText, "config": plainText, "gitconfig": plainText,
	".gitconfig": plainText, ".npmrc": plainText, ".gitmodules": plainText, "Gemfile": plainText, "go.mod": plainText,
	"requirements.txt": plainText, "sources.list": plainText,
	".cursorrules": none}

func formatOf(p string) format {
	b := path.Base(p)
	if f, ok := bare[b]; ok {
		return f
	}
	low := strings.ToLower(p)
	ext := path.Ext(low)
	f := formats[ext]
	switch {
	case strings.Contains(low, ".github/workflows/") && f != frontText, strings.Contains(b, ".min."), strings.HasSuffix(b, ".d.ts"):
		return none // read by package workflow, or written by no one
	case f == none && (strings.HasPrefix(b, ".env") || ext == b && strings.HasSuffix(b, "rc")):
		return plainText
	}
	return f
}
