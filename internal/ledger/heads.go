package ledger

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Pin is the head of a stream at one moment, to be kept where whoever writes to
// the ledger cannot reach it. A ledger that has every pinned record has not been
// cut off before it, nor written anew.
type Pin struct {
	Stream string
	Head
}

// WriteHead writes a head as one line: version, hash and the stream's name.
func WriteHead(w io.Writer, p Pin) error {
	_, err := fmt.Fprintf(w, "%d %s %s\n", p.Version, orDash(p.Hash), strconv.Quote(p.Stream))
	return err
}

func orDash(hash string) string {
	if hash == "" || strings.ContainsAny(hash, " \t\r\n") {
		return "-"
	}
	return hash
}

// maxHeadLine bounds a line of heads, in bytes.
const maxHeadLine = 64 << 10

// pins are heads that were kept elsewhere, read as the walk comes to them.
type pins struct {
	lines *bufio.Scanner
	n     int
	next  *Pin // nil at the end
	met   bool // its record was walked over
	err   error
}

func newPins(r io.Reader) *pins {
	p := &pins{lines: bufio.NewScanner(r)}
	p.lines.Buffer(nil, maxHeadLine)
	p.advance()
	return p
}

func (p *pins) advance() {
	last := p.next
	p.next, p.met = nil, false
	if p.err != nil || !p.lines.Scan() {
		if err := p.lines.Err(); err != nil && p.err == nil {
			p.err = fmt.Errorf("ledger: the kept heads cannot be read past line %d: %w", p.n, err)
		}
		return
	}
	p.n++
	pin, err := parseHead(p.lines.Text())
	switch {
	case err != nil:
		p.err = fmt.Errorf("ledger: line %d of the kept heads is none: %w", p.n, err)
	case last != nil && Before(last.Stream, pin.Stream) >= 0:
		p.err = fmt.Errorf("ledger: line %d of the kept heads is not in order: keep the file as it was written", p.n)
	default:
		p.next = &pin
	}
}

var errHead = errors.New("a line is a version, a hash and a stream's name in quotes")

func parseHead(line string) (Pin, error) {
	version, rest, ok := strings.Cut(line, " ")
	digest, quoted, ok2 := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(version, 10, 64)
	if !ok || !ok2 || err != nil || n == 0 {
		return Pin{}, errHead
	}
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != 32 {
		return Pin{}, errHead
	}
	stream, err := strconv.Unquote(quoted)
	if err != nil || stream == "" {
		return Pin{}, errHead
	}
	return Pin{Stream: stream, Head: Head{Version: n, Hash: digest}}, nil
}

// turn tells of the pinned streams that the walk has passed without meeting.
func (p *pins) turn(a *Audit, stream string) error {
	if p == nil {
		return nil
	}
	for p.err == nil && p.next != nil && Before(p.next.Stream, stream) < 0 {
		if err := p.lost(a); err != nil {
			return err
		}
	}
	return p.err
}

func (p *pins) lost(a *Audit) error {
	gone := *p.next
	p.advance()
	return a.flaw(Broken{Stream: gone.Stream,
		Why: fmt.Sprintf("the stream is gone: it had version %d with hash %s when its head was kept", gone.Version, gone.Hash)})
}

// at holds a record against the pinned head of its stream.
func (p *pins) at(a *Audit, r Record) error {
	if p == nil || p.next == nil || p.next.Stream != r.Stream || p.next.Version != r.Version {
		return nil
	}
	p.met = true
	if p.next.Hash == r.Hash {
		return nil
	}
	return a.inStream(r.Version, fmt.Sprintf("it has hash %s, and had %s when the head was kept: the stream was written anew",
		orDash(r.Hash), p.next.Hash))
}

// ended asks whether a stream reaches as far as its pinned head.
func (p *pins) ended(a *Audit, end Pin) error {
	if p == nil || p.err != nil || p.next == nil || p.next.Stream != end.Stream {
		return nil
	}
	kept, met := *p.next, p.met
	p.advance()
	if met {
		return p.err
	}
	return a.flaw(Broken{Stream: end.Stream, Version: kept.Version,
		Why: fmt.Sprintf("the stream ends at version %d, and had version %d with hash %s when its head was kept: its end was cut off",
			end.Version, kept.Version, kept.Hash)})
}

// finish tells of the pinned streams past the last one.
func (p *pins) finish(a *Audit) error {
	if p == nil {
		return nil
	}
	for p.err == nil && p.next != nil {
		if err := p.lost(a); err != nil {
			return err
		}
	}
	return p.err
}
