package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Thousands of documents are read here in one test. encoding/json goes over each
// of them twice, and the race detector watches it do so; jsontext goes over them
// once, and shares nothing that there could be a race for.

// document reads JSON as a schema takes it.
func document(data []byte) (any, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	v, err := value(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its end")
	}
	return v, nil
}

func value(d *jsontext.Decoder) (any, error) {
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		out := map[string]any{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			if out[key], err = value(d); err != nil {
				return nil, err
			}
		}
		_, err := d.ReadToken()
		return out, err
	case '[':
		out := []any{}
		for d.PeekKind() != ']' {
			v, err := value(d)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err := d.ReadToken()
		return out, err
	case '"':
		return t.String(), nil
	case '0':
		return json.Number(t.String()), nil
	case 'n':
		return nil, nil
	}
	return t.Bool(), nil
}

// rememberAtMost bounds what a memory keeps: 32 bytes for each.
const rememberAtMost = 1 << 16

// memory knows which documents were found right: a program asks again and again
// for what has not changed.
type memory struct {
	mu    sync.Mutex
	right map[[sha256.Size]byte]bool
}

// once has a document checked that was not found right before. What is wrong is
// checked anew, for each is told.
func (m *memory) once(schema string, data []byte, check func() error) error {
	sum := sha256.New()
	io.WriteString(sum, schema)
	sum.Write([]byte{0})
	sum.Write(data)
	key := [sha256.Size]byte(sum.Sum(nil))
	m.mu.Lock()
	known := m.right[key]
	m.mu.Unlock()
	if known {
		return nil
	}
	err := check()
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.right == nil || len(m.right) >= rememberAtMost {
			m.right = map[[sha256.Size]byte]bool{}
		}
		m.right[key] = true
	}
	return err
}
