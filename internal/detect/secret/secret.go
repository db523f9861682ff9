// Package secret finds credentials in the lines that a change adds.
//
// Known formats are found by gitleaks' rules as data and some of our own, each
// tried only on lines that hold one of its keywords; private keys by their
// block; passwords and keys without a format by the name that they are given
// and by how random they are. What was there before the change is not
// reported, and comments that tell scanners to look away are not read.
//
// A secret is never repeated: an observation holds the name of the rule and at
// most the first four characters.
package secret

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// The bounds of one file: maxWork is bytes times expressions tried on them, at
// worst some two seconds of one core.
const (
	maxMatches = 50
	maxWork    = 6 << 20
	maxLine    = 1500 // longer lines are looked at around their keywords
	window     = 600
)

type detector struct{}

// New returns the detector of secrets.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "secret" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes every file that is there after the change, but for pictures,
// fonts and the like.
func (detector) Wants(f *change.File) bool {
	return f.Status != change.Removed && !media[strings.ToLower(path.Ext(f.Path))] && f.Mode != change.ModeSubmodule
}

var media = map[string]bool{".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".bmp": true, ".ico": true, ".webp": true,
	".woff": true, ".woff2": true, ".ttf": true, ".otf": true, ".eot": true, ".mp4": true, ".mp3": true, ".tiff": true}

// keyStores are files that hold keys, whatever is in them.
var keyStores = map[string]bool{".p12": true, ".pfx": true, ".jks": true, ".keystore": true, ".ppk": true, ".kdbx": true}

// Closely: the lines that are added.
func (detector) Closely(f *change.File) int { return f.Differing() }

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.State == change.Absent && keyStores[strings.ToLower(path.Ext(f.Path))] {
		r.Add(detect.Observation{Kind: kindKeyFile, Object: path.Base(f.Path)})
	}
	switch f.After.State {
	case change.Loaded:
	case change.Absent:
		return
	default:
		r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: f.After.Reason})
		return
	}
	if f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	s := scan{rules: loaded(), path: f.Path, body: f.After.Body, added: f.AddedLines(), bare: bareValues(f.Path), test: testPath(f.Path),
		labels: labelPath(f.Path), throwAway: throwAwayPath(f.Path), said: map[string]bool{}}
	if f.Before.State == change.Loaded {
		s.before = f.Before.Body
	}
	s.run()
	for _, h := range s.strongest() {
		r.Add(h)
	}
	if s.work > maxWork {
		r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path),
			Detail: "too much in it looks like secrets to look at all of it"})
	}
}

// found is a secret at a place: a line, and the bytes of it.
type found struct {
	kind       *detect.Kind
	line       int
	start, end int
	rule       string
	secret     string
	named      bool   // it is known by the name that it is given to
	mark       string // what tells the secret from others where that is not the secret itself
}

// scan is the work on one file.
type scan struct {
	rules   *ruleSet
	path    string
	before  string
	body    string
	added   []change.Line
	offsets []int // of lines, built when first asked for
	bare    bool
	test    bool
	labels  bool // the file holds what people read

	throwAway bool // the file describes services that live as long as a job or a developer's session

	work  int
	found []found
	said  map[string]bool // secrets that were found on a line above
	whole map[int]bool    // rules over several lines that were tried on the text
}

func (s *scan) run() {
	for i := range s.added {
		s.line(&s.added[i])
		if s.work > maxWork {
			return
		}
	}
	s.privateKeys()
}

// line looks at one added line.
func (s *scan) line(l *change.Line) {
	if len(l.Text) < 8 {
		return
	}
	if continues(l.Text) || names(l.Text) {
		joined := *l
		joined.Text = l.Text + "\n" + s.lineText(l.Number+1)
		l = &joined
	}
	text := l.Text
	var hits []hit
	assigns := false
	s.rules.keys.Find(text, func(k int32, end int) {
		if s.rules.assigns[k] {
			assigns = true
			hits = append(hits, hit{-1, end})
		}
		if n := s.rules.tail[k]; n > 0 && !tokenRun(text, end, n) {
			return
		}
		for _, r := range s.rules.byKey[k] {
			if n := s.rules.rules[r].tail; n == 0 || tokenRun(text, end, n) {
				hits = append(hits, hit{r, end})
			}
		}
	})
	if longest(text) >= minRun {
		for _, r := range s.rules.long {
			hits = append(hits, hit{r, -1})
		}
		s.bareKeys(l)
	}
	s.hidden(l)
	if len(hits) == 0 {
		return
	}
	s.apply(l, hits)
	if assigns {
		s.assignments(l, hits)
	}
}

// continues tells whether a line ends where a value is still to come.
func continues(line string) bool {
	t := strings.TrimRight(line, " \t\r")
	return t != "" && len(t) < maxLine && strings.IndexByte(">=:(,[", t[len(t)-1]) >= 0
}

// names tells whether a line is the name of a setting whose value is on the next
// line: - name: DB_PASSWORD.
func names(line string) bool {
	t := strings.TrimLeft(line, " \t-")
	return len(t) < 120 && (strings.HasPrefix(t, "name:") || strings.HasPrefix(t, `"name":`) || strings.HasPrefix(t, "key:"))
}

// hit is a rule that a keyword calls for and where the keyword ended; rule -1
// is the assignments, end -1 the whole line.
type hit struct{ rule, end int }

// apply tries each rule once on the line, or on windows around its keywords
// where the line is long.
func (s *scan) apply(l *change.Line, hits []hit) {
	seen := map[hit]bool{}
	for _, h := range hits {
		if h.rule < 0 {
			continue
		}
		r := s.rules.rules[h.rule]
		from, to := 0, len(l.Text)
		if len(l.Text) > maxLine && h.end >= 0 {
			from, to = max(0, h.end-window/2), min(len(l.Text), h.end+window)
			h.end = h.end / (window / 2)
		} else {
			h.end = 0
			to = min(to, maxLine*40)
		}
		if seen[h] || s.work > maxWork || !r.whole && r.lacks(l.Text[from:to]) || r.context != "" && !s.near(l.Number, r.context) {
			continue
		}
		seen[h] = true
		if r.whole {
			s.several(h.rule, r, l)
			continue
		}
		s.work += to - from
		for _, m := range r.find(s.path, l.Text[from:to]) {
			s.keep(found{kind: r.kind, line: l.Number, start: from + m.start, end: from + m.end, rule: r.ID, named: r.named,
				secret: l.Text[from+m.start : from+m.end]}, l.Text, from+m.start)
		}
	}
}

// several tries a rule whose match may span lines on the text from this line
// on; a rule about a whole document is tried on the text once.
func (s *scan) several(index int, r *rule, l *change.Line) {
	from, to := s.offset(l.Number), 0
	if r.Path != "" {
		if s.whole[index] {
			return
		}
		if s.whole == nil {
			s.whole = map[int]bool{}
		}
		s.whole[index] = true
		from = 0
		to = min(len(s.body), 64<<10)
	} else {
		to = min(len(s.body), from+2000)
	}
	if r.lacks(s.body[from:to]) {
		return
	}
	s.work += 4 * (to - from) // such expressions cost more than those that end on their line
	for _, m := range r.find(s.path, s.body[from:to]) {
		line := s.lineAt(from + m.start)
		if s.isAdded(line) {
			at := from + m.start - s.offset(line)
			s.keep(found{kind: r.kind, line: line, start: at, end: at + m.end - m.start, rule: r.ID,
				secret: s.body[from+m.start : from+m.end]}, s.body, from+m.start)
		}
	}
}

// keep notes a secret that stands at a place in a text, unless it was in the
// file before or on a line above, or is none by what stands around it.
func (s *scan) keep(f found, text string, at int) {
	if f.mark == "" {
		f.mark = f.secret
	}
	if len(s.found) >= 1000 || s.known(f.mark) {
		return
	}
	if f.rule == "url-password" || f.rule == "dsn-password" || f.rule == "oracle-password" {
		f.kind = s.loginIs(urlLogin(text, at, at+len(f.secret)))
	}
	if f.kind == nil {
		return
	}
	if (f.kind == kindToken || f.kind == kindGeneric) && s.public(f, text, at) {
		f.kind = kindIdentifier
	}
	weak := f.kind == kindGeneric || f.kind == kindPassword || f.rule == bareKeyRule // a test of what reads keys has one
	if weak && s.test || f.kind == kindPassword && s.throwAway && everydayPassword(f.secret) {
		f.kind = kindTest
	}
	s.found = append(s.found, f)
}

// known tells whether a secret stood in the file before: moved or written in
// another way it is not new.
func (s *scan) known(secret string) bool {
	s.work += len(s.before) / 32
	for from := 0; from < len(s.before); {
		i := strings.Index(s.before[from:], secret)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(secret)
		if (start == 0 || !letterOrDigit(s.before[start-1])) && (end == len(s.before) || !letterOrDigit(s.before[end])) {
			return true
		}
		from = end
	}
	return false
}

// strongest keeps of secrets that overlap the one with the highest risk.
func (s *scan) strongest() []detect.Observation {
	sort.SliceStable(s.found, func(i, k int) bool {
		a, b := s.found[i], s.found[k]
		if a.line != b.line {
			return a.line < b.line
		}
		return a.kind.Read().Risk > b.kind.Read().Risk
	})
	var out []detect.Observation
	var kept []found
	for _, f := range s.found {
		clash := s.said[f.mark]
		for i := len(kept) - 1; i >= 0 && kept[i].line == f.line && !clash; i-- {
			clash = f.start < kept[i].end && kept[i].start < f.end
		}
		if !clash {
			kept = append(kept, f)
			s.said[f.mark] = true
			out = append(out, detect.Observation{Kind: f.kind, Line: f.line, Object: f.rule, Detail: redact(f)})
		}
	}
	return out
}

// redact shows how long a secret is, and of a token with a known format its
// first four characters, which are mostly its format.
func redact(f found) string {
	shown := ""
	if f.kind == kindToken && len(f.secret) >= 20 {
		shown = f.secret[:4]
		for i := 0; i < 4; i++ {
			if shown[i] < ' ' || shown[i] > '~' {
				shown = ""
				break
			}
		}
	}
	return fmt.Sprintf("%s… (%d characters)", shown, len(f.secret))
}
