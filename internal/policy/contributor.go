package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// What somebody did who is no author.
const (
	rolePushed     = "pushed to it"
	roleCommitted  = "committed to it"
	roleCoAuthored = "is named as a co-author of it"
	roleInstigated = "had an agent make it"
)

// contributors are the accounts that had a part in a change. None of them can
// release it, so that one too many does no harm and one too few does: what a
// commit says of its people counts here, although anybody can write it. They
// are known by their accounts' ids wherever GitHub told them: a login can be
// changed between the verdict and the choice.
func contributors(c *change.Change, a gate.Attribution) []gate.Contributor {
	var out []gate.Contributor
	known := map[string]bool{}
	add := func(login string, id int64, role string) {
		key := strings.ToLower(login)
		if login == "" && id == 0 || known[key] && login != "" || (change.Actor{Login: login, ID: id}).IsTransport() {
			return
		}
		known[key] = true
		out = append(out, gate.Contributor{Login: login, ID: id, Role: role})
	}
	add(c.Author.Login, c.Author.ID, "opened it")
	add(c.Pusher.Login, c.Pusher.ID, "pushed the head")
	for _, who := range c.Pushers {
		add(who.Login, who.ID, rolePushed)
	}
	for i := range c.Commits {
		add(c.Commits[i].Author.Login, c.Commits[i].Author.ID, "wrote a commit of it")
		add(c.Commits[i].Committer.Login, c.Commits[i].Committer.ID, roleCommitted)
	}
	for i := range c.Commits {
		for _, who := range c.Commits[i].CoAuthors {
			add(who.Login, who.ID, roleCoAuthored)
		}
	}
	for _, who := range c.Assignees {
		if a.Is && !a.ByAutomation() { // a person's change, or automation's, is nobody's task
			add(who.Login, who.ID, roleInstigated)
		}
	}
	for _, who := range a.Instigators {
		if !strings.ContainsAny(who, "<> ") {
			add(strings.TrimPrefix(who, "@"), 0, roleInstigated)
		}
	}
	return out
}

// sameness is the hash behind FindingsDigest: what was found, and in which
// content, without line numbers, which move when other lines do.
type sameness struct {
	sum     hash.Hash
	unknown bool              // the content behind some finding is not known
	files   map[string][]byte // path: hash of what changed in it
	byPath  map[string]*change.File
}

func newSameness(c *change.Change) *sameness {
	s := &sameness{sum: sha256.New(), files: map[string][]byte{}, byPath: make(map[string]*change.File, len(c.Files))}
	for i := range c.Files {
		s.byPath[c.Files[i].Path] = &c.Files[i]
	}
	return s
}

// note adds a finding. The order of findings depends on the change alone.
func (s *sameness) note(f gate.Finding) {
	if s.unknown {
		return
	}
	var content []byte
	if file := s.byPath[f.Path]; file != nil {
		if content = s.content(file); content == nil {
			s.unknown = true
			return
		}
	}
	buf := make([]byte, 0, 256)
	for _, text := range []string{f.Rule, f.Pack, observationOf(f), f.Path, f.Object, string(content)} {
		buf = binary.AppendUvarint(buf, uint64(len(text)))
		buf = append(buf, text...)
	}
	buf = binary.AppendVarint(buf, int64(f.Risk))
	s.sum.Write(buf)
}

// maxSameText is up to what size, both sides together, lines are compared. The
// same is expected of larger files to the byte, which is cheaper and stricter.
const maxSameText = 256 << 10

// content hashes what changed in a file: the lines that came and went where its
// texts are there, else the ids of its blobs. It is nil where neither is known.
func (s *sameness) content(f *change.File) []byte {
	if known := s.files[f.Path]; known != nil {
		return known
	}
	h := sha256.New()
	write := func(text string) {
		h.Write(binary.AppendUvarint(nil, uint64(len(text))))
		h.Write([]byte(text))
	}
	for _, text := range []string{string(f.Status), f.PreviousPath, f.Mode, f.PreviousMode} {
		write(text)
	}
	switch {
	case read(f.Before) && read(f.After) && len(f.Before.Body)+len(f.After.Body) > maxSameText:
		write("whole")
		write(f.Before.Body)
		write(f.After.Body)
	case read(f.Before) && read(f.After):
		write("lines")
		for _, line := range f.AddedLines() {
			write("+" + line.Text)
		}
		for _, line := range f.RemovedLines() {
			write("-" + line.Text)
		}
	case (f.Before.Blob != "" || f.Status == change.Added) && (f.After.Blob != "" || f.Status == change.Removed):
		write("blobs")
		write(f.Before.Blob)
		write(f.After.Blob)
	default:
		return nil
	}
	s.files[f.Path] = h.Sum(nil)
	return s.files[f.Path]
}

func read(t change.Text) bool { return t.State == change.Loaded || t.State == change.Absent }

// digest is empty where something is not known: then nothing is the same.
func (s *sameness) digest() string {
	if s.unknown {
		return ""
	}
	return hex.EncodeToString(s.sum.Sum(nil))
}
