// Package shape looks at what a change is like, whatever it says: modes, links
// and submodules, text that does not look as it reads, files that nobody can
// review, and how much is deleted.
//
// All of it is linear in the size of the texts. Files of pure ASCII cost one
// pass each.
package shape

import (
	"fmt"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
)

type detector struct{}

// New returns the detector. It is a detect.Whole.
func New() detect.Whole { return detector{} }

func (detector) Name() string          { return "shape" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants is true for everything that is text in earnest. Modes are looked at in
// DetectChange, which needs no texts.
func (detector) Wants(f *change.File) bool {
	return f.Mode != change.ModeSubmodule && f.Status != change.Removed && !opaque(f.Path)
}

// Closely: the lines that are added, but for files that are read for what they say.
func (detector) Closely(f *change.File) int {
	if base := path.Base(f.Path); base == ".gitmodules" || base == ".gitattributes" {
		return len(f.Before.Body) + len(f.After.Body)
	}
	return f.Differing()
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Unreadable || f.After.State == change.NotLoaded && f.Status != change.Removed {
		kind := unreadable
		if f.Before.State == change.Loaded && strings.Contains(f.After.Reason, "binary") {
			kind = becameBinary
		}
		r.Add(detect.Observation{Kind: kind, Path: f.Path, Object: path.Base(f.Path), Detail: f.After.Reason})
		return
	}
	if f.After.State != change.Loaded {
		return
	}
	if f.Mode == change.ModeSymlink {
		link(f, r)
		return
	}
	if path.Base(f.Path) == ".gitmodules" {
		modules(f, r)
	}
	if path.Base(f.Path) == ".gitattributes" {
		attributes(f, r)
	}
	if elsewhere(f) {
		r.Add(detect.Observation{Kind: contentElsewhere, Path: f.Path, Line: 1, Object: path.Base(f.Path)})
	}
	letters(f, r)
	unreviewable(f, r)
}

// elsewhere tells a pointer in place of what machines act upon: the real content
// is fetched from a store when it is checked out, and is in no diff.
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
func elsewhere(f *change.File) bool {
	body := f.After.Body
	pointer := strings.HasPrefix(body, "version https://git-lfs.github.com/spec/") ||
		strings.HasPrefix(body, "version https://hawser.github.com/spec/") ||
		len(body) < 1024 && strings.Contains(body, "/annex/objects/")
	return pointer && body != f.Before.Body && (acting[strings.ToLower(path.Ext(f.Path))] || path.Ext(f.Path) == "")
}

// link looks at where a symbolic link leads: its text is its target.
func link(f *change.File, r *detect.Report) {
	target := strings.TrimSpace(f.After.Body)
	if f.Before.State == change.Loaded && f.PreviousMode == change.ModeSymlink && f.Before.Body == f.After.Body && f.PreviousPath == "" {
		return
	}
	kind := linkInside
	resolved := path.Join(path.Dir(f.Path), target)
	if strings.HasPrefix(target, "/") || strings.HasPrefix(target, "~") || strings.Contains(target, ":\\") ||
		resolved == ".." || strings.HasPrefix(resolved, "../") || resolved == ".git" || strings.HasPrefix(resolved, ".git/") {
		kind = linkOutside
	}
	r.Add(detect.Observation{Kind: kind, Path: f.Path, Line: 1, Object: path.Base(f.Path), Detail: "to " + target})
}

// modules looks at where submodules come from.
func modules(f *change.File, r *detect.Report) {
	for _, line := range f.AddedLines() {
		key, value, ok := strings.Cut(line.Text, "=")
		if key = strings.TrimSpace(key); ok && (key == "url" || key == "branch" || key == "update") {
			r.Add(detect.Observation{Kind: submoduleSource, Path: f.Path, Line: line.Number, Object: key, Detail: strings.TrimSpace(value)})
		}
	}
}

// opaque reports whether a file is in a form that is not text, by its name.
func opaque(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return pictures[ext] || archives[ext] || programs[ext]
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out["."+w] = true
	}
	return out
}

var (
	pictures = set("png jpg jpeg gif bmp ico webp avif tiff psd woff woff2 ttf otf eot mp3 mp4 m4a wav ogg webm mov avi pdf " +
		"icns heic flac glb")
	archives = set("zip gz tgz tar bz2 xz 7z rar zst lz4 iso dmg deb rpm apk aab nupkg gem whl crate")
	programs = set("exe dll so dylib a o obj lib jar war ear class pyc pyo wasm bin msi com scr ko node pkg dex")
)

const (
	manyRemoved = 25     // files
	manyLines   = 10_000 // lines added and removed, generated files left out
	manyFiles   = 300
)

// DetectChange looks at the modes of all files, and at the change as a whole.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	removed, counted, lines := 0, 0, 0
	for i := range c.Files {
		f := &c.Files[i]
		mode(f, r)
		if f.Status == change.Removed && !place.Note(f.Path) {
			removed++
		}
		if !byMachine(f.Path) {
			counted++
			lines += f.Additions + f.Deletions
		}
	}
	if removed >= manyRemoved { // whatever else changes: a file more makes nothing less
		r.Add(detect.Observation{Kind: bulkDeletion, Detail: fmt.Sprintf("%d of %d files", removed, len(c.Files))})
	}
	if counted >= manyFiles || lines >= manyLines {
		r.Add(detect.Observation{Kind: veryLarge, Detail: fmt.Sprintf("%d files, %d lines", counted, lines)})
	}
}

// mode looks at what kind of thing a path is, and was.
func mode(f *change.File, r *detect.Report) {
	add := func(kind *detect.Kind, detail string) {
		r.Add(detect.Observation{Kind: kind, Path: f.Path, Object: path.Base(f.Path), Detail: detail})
	}
	ext := strings.ToLower(path.Ext(f.Path))
	switch {
	case f.Status == change.Removed:
		if f.PreviousMode == change.ModeSubmodule || f.Mode == change.ModeSubmodule {
			add(submodule, "taken away")
		}
	case f.Mode == change.ModeSubmodule && f.PreviousMode == change.ModeSubmodule:
		add(submodule, "set to another commit")
	case f.Mode == change.ModeSubmodule && runAsIs(f.Path):
		add(submoduleRuns, "added")
	case f.Mode == change.ModeSubmodule:
		add(submodule, "added")
	case f.Mode == change.ModeSymlink && f.PreviousMode != "" && f.PreviousMode != change.ModeSymlink && f.Status != change.Added:
		add(becameLink, "")
	case programs[ext] && f.Status != change.Renamed:
		add(program, "")
	case archives[ext] && f.Status != change.Renamed:
		add(archive, "")
	case f.Mode == change.ModeExecutable && f.PreviousMode == change.ModeFile:
		add(executable, "")
	}
}

// runAsIs reports whether what lies at a path is run with the rights of whoever
// deploys, as it is there.
func runAsIs(name string) bool {
	for part := range strings.SplitSeq(strings.ToLower(name), "/") {
		switch part {
		case "migrations", "migrate", "migration", ".github", "initdb.d", "docker-entrypoint-initdb.d", "hooks", "changelog":
			return true
		}
	}
	return false
}

// byMachine reports whether a path holds what programs write.
func byMachine(name string) bool {
	base := path.Base(name)
	for _, folder := range []string{"vendor/", "node_modules/", "third_party/", "dist/", "testdata/", "__snapshots__/", "generated/"} {
		if strings.HasPrefix(name, folder) || strings.Contains(name, "/"+folder) {
			return true
		}
	}
	return strings.HasSuffix(base, ".lock") || strings.HasSuffix(base, "-lock.json") || strings.HasSuffix(base, "-lock.yaml") ||
		base == "go.sum" || base == "npm-shrinkwrap.json" || strings.HasSuffix(base, ".snap") ||
		strings.HasSuffix(base, ".pb.go") || strings.Contains(base, ".min.")
}
