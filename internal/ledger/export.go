package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// exportFormat names the format of an export in its first line.
const exportFormat = "gatehold-ledger/1"

// exportHeader is the first line of an export.
type exportHeader struct {
	Format string `json:"format"`
}

// exportLine is a record as a line of an export. Its texts are those of the
// record, so that whoever has the line can compute the hash without gatehold.
type exportLine struct {
	Stream  string `json:"stream"`
	Version uint64 `json:"version"`
	At      string `json:"at"` // RFC 3339, UTC, microseconds
	Kind    string `json:"kind"`
	Key     string `json:"key,omitempty"`
	// Body is a text: most are JSON themselves, and its every byte counts.
	Body string `json:"body"`
	Prev string `json:"prev"`
	Hash string `json:"hash"`
	// Base64 lists the fields above that are in base64, because they are no UTF-8.
	Base64 []string `json:"base64,omitempty"`
}

// exportEnd is the last line of an export: without it the export was cut off.
type exportEnd struct {
	End struct {
		Streams uint64 `json:"streams"`
		Records uint64 `json:"records"`
		Heads   string `json:"heads"` // digest over all heads
	} `json:"end"`
}

const exportTime = "2006-01-02T15:04:05.000000Z"

// maxExportLine bounds a line of an export, in bytes.
const maxExportLine = 256 << 20

// Export writes a whole ledger to w as lines of JSON: a header, the records in
// the order of Walk, and an end that says how many there are. What is broken is
// exported as it is, and goes to tell. Verifying the export needs nothing of the
// store that it came from.
func Export(ctx context.Context, from Source, w io.Writer, tell func(Broken) error) (*Audit, error) {
	buffered := bufio.NewWriterSize(w, 64<<10)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(exportHeader{Format: exportFormat}); err != nil {
		return nil, err
	}
	a, err := AuditOf(ctx, exporting{from, lines}, nil, tell)
	if err != nil {
		return a, err
	}
	var end exportEnd
	end.End.Streams, end.End.Records, end.End.Heads = a.Streams, a.Records, a.Heads
	if err := lines.Encode(end); err != nil {
		return a, err
	}
	return a, buffered.Flush()
}

// exporting is a source whose records are written down on their way.
type exporting struct {
	Source
	lines *json.Encoder
}

func (e exporting) Walk(ctx context.Context, record func(Record) error, broken func(Broken) error) error {
	return e.Source.Walk(ctx, func(r Record) error {
		if err := e.lines.Encode(lineOf(r)); err != nil {
			return err
		}
		return record(r)
	}, broken)
}

func lineOf(r Record) exportLine {
	l := exportLine{
		Stream: r.Stream, Version: r.Version, At: r.At.UTC().Format(exportTime), Kind: r.Kind, Key: r.Key,
		Body: string(r.Body), Prev: r.Prev, Hash: r.Hash,
	}
	for _, f := range l.texts() {
		if !utf8.ValidString(*f.text) {
			*f.text = base64.StdEncoding.EncodeToString([]byte(*f.text))
			l.Base64 = append(l.Base64, f.name)
		}
	}
	return l
}

type exportField struct {
	name string
	text *string
}

func (l *exportLine) texts() []exportField {
	return []exportField{{"stream", &l.Stream}, {"kind", &l.Kind}, {"key", &l.Key}, {"body", &l.Body}, {"prev", &l.Prev}, {"hash", &l.Hash}}
}

func (l exportLine) record() (Record, error) {
	at, err := time.Parse(exportTime, l.At)
	if err != nil {
		return Record{}, fmt.Errorf("its time %q is not one in UTC with microseconds", l.At)
	}
	for _, name := range l.Base64 {
		if err := l.decode(name); err != nil {
			return Record{}, err
		}
	}
	if l.Stream == "" {
		return Record{}, errors.New("it names no stream")
	}
	return Record{
		Stream: l.Stream, Version: l.Version, At: at, Kind: l.Kind,
		Key: l.Key, Body: []byte(l.Body), Prev: l.Prev, Hash: l.Hash,
	}, nil
}

func (l *exportLine) decode(name string) error {
	for _, f := range l.texts() {
		if f.name != name {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(*f.text)
		if err != nil {
			return fmt.Errorf("its %s is not in base64", name)
		}
		*f.text = string(raw)
		return nil
	}
	return fmt.Errorf("it has no text %q", name)
}

// ErrNoExport is what reading something else than an export comes to.
var ErrNoExport = errors.New("ledger: it is not an export of a gatehold ledger: its first line does not say " + exportFormat)

// exported is an export as a source.
type exported struct {
	r io.Reader
}

// Exported reads an export back, once. Lines that hold no record are broken,
// not an error; ErrNoExport is.
func Exported(r io.Reader) Source { return &exported{r: r} }

// Walk implements Source.
func (e *exported) Walk(ctx context.Context, record func(Record) error, broken func(Broken) error) error {
	lines := &exportReader{r: bufio.NewReaderSize(e.r, 64<<10)}
	first, err := lines.next()
	var header exportHeader
	if err != nil && !errors.Is(err, io.EOF) || json.Unmarshal(first, &header) != nil || header.Format != exportFormat {
		return errors.Join(ErrNoExport, ignoreEOF(err))
	}
	counted := newCount()
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(line)) == 0 {
			return broken(Broken{Why: fmt.Sprintf("the export was cut off: it has no last line after line %d", lines.n)})
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if end, is := endOf(line); is {
			return e.finish(lines, counted, end, broken)
		}
		r, err := recordOf(line)
		if err != nil {
			if err := broken(Broken{Why: fmt.Sprintf("line %d of the export is not a record: %s", lines.n, err)}); err != nil {
				return err
			}
			continue
		}
		counted.add(r)
		if err := record(r); err != nil {
			return err
		}
	}
}

// finish holds what was counted against what the last line says.
func (e *exported) finish(lines *exportReader, c *count, end exportEnd, broken func(Broken) error) error {
	was := end.End
	if was.Records != c.records || was.Streams != c.streams {
		if err := broken(Broken{Why: fmt.Sprintf("the export has %d records in %d streams, and its last line says %d in %d",
			c.records, c.streams, was.Records, was.Streams)}); err != nil {
			return err
		}
	} else if heads := c.digest(); was.Heads != heads {
		if err := broken(Broken{Why: fmt.Sprintf("the heads of the export's streams have digest %s, and its last line says %q",
			heads, was.Heads)}); err != nil {
			return err
		}
	}
	if more, err := lines.next(); len(more) > 0 || !errors.Is(err, io.EOF) {
		return errors.Join(ignoreEOF(err), broken(Broken{Why: fmt.Sprintf("the export goes on after its end, at line %d", lines.n)}))
	}
	return nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func endOf(line []byte) (exportEnd, bool) {
	var end exportEnd
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	return end, strict.Decode(&end) == nil && end.End.Heads != ""
}

func recordOf(line []byte) (Record, error) {
	var l exportLine
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&l); err != nil {
		return Record{}, err
	}
	if _, err := strict.Token(); !errors.Is(err, io.EOF) {
		return Record{}, errors.New("more than one value")
	}
	return l.record()
}

// exportReader reads lines of bounded length.
type exportReader struct {
	r *bufio.Reader
	n int
}

func (l *exportReader) next() ([]byte, error) {
	l.n++
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if len(line) > maxExportLine {
			return nil, fmt.Errorf("ledger: line %d of the export is longer than %d MB", l.n, maxExportLine>>20)
		}
	}
}
