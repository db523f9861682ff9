package judge

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/gate"
)

// sameness is the hash behind FindingsDigest: what was found, and in which
// content, without line numbers, which move when other lines do.
type sameness struct {
	sum     hash.Hash
	unknown bool              // the content behind some finding, or of a file that is read, is not known
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

// touched adds a file that a detector in force reads, whatever it finds there.
func (s *sameness) touched(f *change.File) {
	if s.unknown {
		return
	}
	content := s.content(f)
	if content == nil {
		s.unknown = true
		return
	}
	for _, text := range []string{"touched", f.Path, string(content)} {
		s.sum.Write(binary.AppendUvarint(nil, uint64(len(text))))
		s.sum.Write([]byte(text))
	}
}

// touches reports whether a detector would read a file by either of its names,
// and as a plain file where it has become something else, or has gone.
func touches(d detect.Detector, f *change.File) bool {
	if d.Wants(f) {
		return true
	}
	plain := change.File{Path: f.Path, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile}
	if d.Wants(&plain) {
		return true
	}
	plain.Path = f.PreviousPath
	return f.PreviousPath != "" && d.Wants(&plain)
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
		s.lines(f, write)
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

// Bounds on what of the lines beside a change is taken for a part of it.
const (
	linesBefore, linesAfter = 20, 5
	maxPlaces               = 200 // of one file; past it the whole text is
)

// lines writes what came and went in a file, and beside what. Both texts are
// written whole where lines that both have stand in another order.
func (s *sameness) lines(f *change.File, write func(string)) {
	after, added := keptLines(f.After.Body, f.AddedLines())
	before, removed := keptLines(f.Before.Body, f.RemovedLines())
	if !slices.Equal(after, before) || len(added)+len(removed) > maxPlaces {
		write("whole")
		write(f.Before.Body)
		write(f.After.Body)
		return
	}
	write("lines")
	for _, side := range []struct {
		sign   string
		places []spot
	}{{"+", added}, {"-", removed}} {
		for _, p := range side.places {
			for _, line := range after[max(0, p.at-linesBefore):min(len(after), p.at+linesAfter)] {
				write(" " + line)
			}
			for _, line := range p.lines {
				write(side.sign + line)
			}
		}
	}
}

// spot is where lines stand that only one side has: before which of those that
// both have.
type spot struct {
	at    int
	lines []string
}

// keptLines takes from a text those of its lines that the other side has not.
func keptLines(text string, own []change.Line) (kept []string, places []spot) {
	n, end := 0, -1
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if len(own) == 0 || own[0].Number != n {
			kept = append(kept, line)
			continue
		}
		if own = own[1:]; end != len(kept) {
			end, places = len(kept), append(places, spot{at: len(kept)})
		}
		last := &places[len(places)-1]
		last.lines = append(last.lines, line)
	}
	return kept, places
}

func read(t change.Text) bool { return t.State == change.Loaded || t.State == change.Absent }

// digest is empty where something is not known: then nothing is the same.
func (s *sameness) digest() string {
	if s.unknown {
		return ""
	}
	return hex.EncodeToString(s.sum.Sum(nil))
}
