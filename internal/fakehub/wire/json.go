// Package wire writes JSON as GitHub does: objects that keep the order of their
// keys, times to the second, null for what is empty, and its opaque ids.
package wire

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Object is a JSON object: key, value, key, value. With its own encoder an answer
// of 100 kB, most of it ready-made parts, costs a copy and not a new parse.
type Object []any

// List is a JSON array.
type List []any

// Raw is JSON that is ready.
type Raw []byte

// Encode returns v as JSON.
func Encode(v any) []byte { return appendJSON(make([]byte, 0, 1024), v) }

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case Raw:
		return append(b, v...)
	case Object:
		return v.append(b)
	case List:
		return appendList(b, v)
	case []Object:
		return appendList(b, v)
	case []Raw:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case string:
		return AppendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case time.Time:
		if v.IsZero() {
			return append(b, "null"...)
		}
		return append(v.UTC().AppendFormat(append(b, '"'), time.RFC3339), '"')
	}
	other, err := json.Marshal(v)
	if err != nil { // only values of this package come here, all of them encodable
		return append(b, "null"...)
	}
	return append(b, other...)
}

func (o Object) append(b []byte) []byte {
	b = append(b, '{')
	for i := 0; i+1 < len(o); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, o[i].(string))
		b = append(b, ':')
		b = appendJSON(b, o[i+1])
	}
	return append(b, '}')
}

func appendList[T any](b []byte, items []T) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, item)
	}
	return append(b, ']')
}

// AppendString appends a text as a JSON string.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// OrNull is s, or null where it is empty.
func OrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Without drops fields of an object.
func (o Object) Without(names []string) Object {
	out := make(Object, 0, len(o))
	for i := 0; i+1 < len(o); i += 2 {
		if name, _ := o[i].(string); !slices.Contains(names, name) {
			out = append(out, o[i], o[i+1])
		}
	}
	return out
}
