package command

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// state is the work on one file.
type state struct {
	form  form
	name  string // the file's path, with an ending that its text says
	table *tool.Table
	cut   cutter
	file  *change.File
	where func() string // the text in lower case, for what it says about itself
	test  bool
	whole bool // all of it is run from now on, whatever was added
	added lines
	had   func() *standing // the commands of the text before; nil: there is none
	has   func() *standing // those of the text after
	plans map[string]bool  // files that hold the plan of a destruction
	loads map[string]string
}

// reader is how a file's texts are read.
func (s *state) reader() *shell.Reader {
	ext := strings.ToLower(path.Ext(s.name))
	return &shell.Reader{Windows: ext == ".ps1" || ext == ".psm1" || ext == ".bat" || ext == ".cmd", Programs: s.table.Knows}
}

// is tells whether something was added in lines of the file, or they are run from
// now on.
func (s *state) is(from, to int) bool { return s.whole || s.added.any(from, to) }

// piece looks at the commands of one text, if a part of it was added or what it
// stands on may have gone.
func (s *state) piece(p piece, r *detect.Report) {
	last := p.end
	if last == 0 {
		last = p.line + strings.Count(p.text, "\n")
	}
	if !s.is(p.line, last) && s.same(p) {
		return
	}
	if p.unread != "" {
		r.Add(detect.Observation{Kind: kindUnreadable, Line: p.line, Object: path.Base(s.file.Path), Detail: p.unread, Bound: true})
		return
	}
	read := s.reader().Read(p.text, p.line)
	if read.Unread != "" {
		r.Add(detect.Observation{Kind: kindUnreadable, Line: p.line, Object: path.Base(s.file.Path), Detail: read.Unread, Bound: true})
	}
	s.commands(p, commandsOf(read, p), r)
}

// same tells whether a text stood in the file before, as far as it may be looked at.
func (s *state) same(p piece) bool {
	if !strings.Contains(p.text, "\n") || len(s.file.RemovedLines()) == 0 {
		return true
	}
	had := s.had()
	return had == nil || had.texts[p.text]
}

// commands reports what commands do that were added.
func (s *state) commands(p piece, cmds []command, r *detect.Report) {
	type what struct {
		id, object string
		line       int
	}
	seen := map[what]bool{}
	report := func(line int, found []finding) {
		for _, f := range found {
			if w := (what{f.kind.ID, f.object, line}); !seen[w] {
				seen[w] = true
				k := f.kind
				if p.built && ofImage[k.ID] {
					continue
				}
				if s.test && k != kindReverseShell && k != kindExfiltrate {
					k = kindInTest
				}
				r.Add(detect.Observation{Kind: k, Line: line, Object: f.object, Detail: f.detail})
			}
		}
	}
	around := surroundings(cmds)
	for i := range cmds {
		c := &cmds[i]
		c.around = around[i]
		s.follow(c)
		if len(c.words) == 0 && s.form != settings || s.form == settings && len(c.words) > 0 && len(c.vars) > 0 && !c.Substituted {
			continue
		}
		if found := s.all(cmds, i); len(found) > 0 && s.isNew(c) {
			report(c.line, found)
		}
	}
	s.reverse(p, cmds, report)
}

// all is what a command does.
func (s *state) all(cmds []command, i int) []finding {
	c := &cmds[i]
	if len(c.words) == 0 {
		return kept(c)
	}
	found := append(s.command(c), s.inline(c)...)
	if len(found) == 0 && confirmed(cmds, i) {
		found = s.command(c.forced())
	}
	found = append(found, piped(cmds, i)...)
	found = append(found, s.emptied(c)...)
	found = append(found, s.loaded(c)...)
	found = append(found, s.planned(c)...)
	found = append(found, unseen(cmds, i)...)
	found = append(found, exfiltrates(cmds, i)...)
	if len(found) == 0 {
		found = s.statement(c)
	}
	return found
}

// kept is SQL that a file of settings keeps under a name.
func kept(c *command) []finding {
	for _, a := range c.Assigns {
		first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Value.Text)), " ")
		if slices.Contains([]string{"drop", "truncate", "delete"}, first) {
			return sqlIn(a.Value.Text)
		}
	}
	return nil
}

// isNew tells whether what a command does was not done before: it was added, and
// more than touched, or is another one now by what stands around it.
func (s *state) isNew(c *command) bool {
	had := s.had()
	if had == nil || s.whole {
		return s.is(c.line, c.end)
	}
	has := s.has()
	switch {
	case has == nil:
		return s.is(c.line, c.end)
	case s.is(c.line, c.end):
		return !had.holds(c, has)
	}
	return had.becomes(c, has)
}

// lazily reads a side of the file when it is first asked for.
func (s *state) lazily(t change.Text) func() *standing {
	return sync.OnceValue(func() *standing {
		if t.State != change.Loaded || len(t.Body) > maxBytes {
			return nil
		}
		return s.stands(t.Body)
	})
}
