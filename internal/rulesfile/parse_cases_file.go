package rulesfile

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/words"
)

// MaxCaseText bounds a text that a case takes from a file beside it, in bytes.
const MaxCaseText = 8 << 20

// caseModes are the git modes of files, in words.
var caseModes = map[string]string{
	"file": change.ModeFile, "executable": change.ModeExecutable, "symlink": change.ModeSymlink, "submodule": change.ModeSubmodule,
}

// sides are a file's texts as the case gives them: nil is not said.
type sides struct{ before, after *string }

// file reads one changed file. Where its status is not said, it follows from
// the texts that are there; a text that is not there but must be is empty.
func (p *caseParser) file(n *yaml.Node, c *change.Change) {
	var f change.File
	var s sides
	at := len(p.problems)
	if n.Kind == yaml.ScalarNode {
		f.Path = p.text(n, "a file's path", 4096)
	} else {
		p.fields(n, "a file", map[string]field{
			"path":          func(_, v *yaml.Node) { f.Path = p.text(v, "path", 4096) },
			"previous_path": func(_, v *yaml.Node) { f.PreviousPath = p.text(v, "previous_path", 4096) },
			"status": func(_, v *yaml.Node) {
				f.Status = change.Status(p.word(v, "status", "added", "removed", "modified", "renamed", "copied", "changed"))
			},
			"mode":          func(_, v *yaml.Node) { f.Mode = p.mode(v, "mode") },
			"previous_mode": func(_, v *yaml.Node) { f.PreviousMode = p.mode(v, "previous_mode") },
			"before":        func(_, v *yaml.Node) { s.before = p.body(v, "before") },
			"after":         func(_, v *yaml.Node) { s.after = p.body(v, "after") },
		})
	}
	if len(p.problems) > at {
		return
	}
	if f.Path == "" {
		p.fail(n, "missing_key", "a file needs a `path`")
		return
	}
	if slices.ContainsFunc(c.Files, func(o change.File) bool { return o.Path == f.Path }) {
		p.fail(n, "duplicate_key", "the file %q stands here twice", words.Clip(f.Path))
		return
	}
	p.complete(n, &f, s)
	c.Files = append(c.Files, f)
}

// complete finds the status of a file and fills in what follows from it.
func (p *caseParser) complete(n *yaml.Node, f *change.File, s sides) {
	if f.Status == "" {
		f.Status = s.status(f)
	}
	p.agree(n, f, s)
	if f.Status == change.Renamed && s.before == nil {
		s.before = s.after
	}
	if f.Status == change.Renamed && s.after == nil {
		s.after = s.before
	}
	if f.Status != change.Added && f.Status != change.Copied {
		f.Before = caseText(s.before)
		f.PreviousMode = cmp.Or(f.PreviousMode, change.ModeFile)
	} else {
		f.Before, f.PreviousMode = change.NoText(), ""
	}
	if f.Status != change.Removed {
		f.After = caseText(s.after)
		f.Mode = cmp.Or(f.Mode, change.ModeFile)
	} else {
		f.After, f.Mode = change.NoText(), ""
	}
	f.Additions, f.Deletions = len(f.AddedLines()), len(f.RemovedLines())
}

// status is what the texts that are there say of a file.
func (s sides) status(f *change.File) change.Status {
	switch {
	case f.PreviousPath != "" && f.PreviousPath != f.Path:
		return change.Renamed
	case s.before == nil && s.after != nil:
		return change.Added
	case s.after == nil && s.before != nil:
		return change.Removed
	}
	return change.Modified
}

// agree says where the status of a file and what is given of it contradict.
func (p *caseParser) agree(n *yaml.Node, f *change.File, s sides) {
	switch f.Status {
	case change.Added:
		if s.before != nil {
			p.fail(n, "bad_value", "the file %q is added and has a `before`", words.Clip(f.Path))
		}
	case change.Removed:
		if s.after != nil {
			p.fail(n, "bad_value", "the file %q is removed and has an `after`", words.Clip(f.Path))
		}
	case change.Renamed, change.Copied:
		if f.PreviousPath == "" {
			p.fail(n, "missing_key", "the file %q is %s and has no `previous_path`", words.Clip(f.Path), f.Status)
		}
	}
}

func caseText(s *string) change.Text {
	if s == nil {
		return change.TextOf("")
	}
	if strings.IndexByte(*s, 0) >= 0 {
		return change.Text{State: change.Unreadable, Reason: "it is binary"}
	}
	return change.TextOf(*s)
}

func (p *caseParser) mode(n *yaml.Node, what string) string {
	return caseModes[p.word(n, what, "executable", "file", "submodule", "symlink")]
}

// body reads a text that stands in the case, or `from:` a file beside it.
func (p *caseParser) body(n *yaml.Node, what string) *string {
	if n.Kind == yaml.ScalarNode {
		if n.Tag != "!!str" {
			p.fail(n, "wrong_type", "%s must be a text, and this is %s%s", what, describe(n), quoteHint(n))
			return nil
		}
		return &n.Value
	}
	var text *string
	p.fields(n, what, map[string]field{"from": func(_, v *yaml.Node) {
		name := p.text(v, "from", 1024)
		if name == "" {
			return
		}
		if clean := path.Clean(name); path.IsAbs(name) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(name, `\`) {
			p.fail(v, "bad_value", "from must be the relative path of a file beside this one, and this is %q", words.Clip(name))
			return
		}
		body, err := p.open(path.Clean(name))
		switch {
		case err != nil:
			p.fail(v, "unreadable", "the file %q cannot be read: %s", words.Clip(name), err)
		case len(body) > MaxCaseText:
			p.fail(v, "too_large", "the file %q has %d bytes and may have %d", words.Clip(name), len(body), MaxCaseText)
		default:
			s := string(body)
			text = &s
		}
	}})
	if text == nil && len(n.Content) == 0 {
		p.fail(n, "missing_key", "%s is empty: give it a text, or `from:` a file", what)
	}
	return text
}
