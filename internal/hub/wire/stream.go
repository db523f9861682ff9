package wire

import (
	"encoding/json"
	"fmt"
)

// The largest answers (trees, comparisons) are decoded element by element:
// encoding/json holds a whole value in memory before it decodes it.

// ignored is a value that nobody wants.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// Object calls field for each name of a JSON object; field consumes the value.
func Object(dec *json.Decoder, field func(name string) error) error {
	if err := expect(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if err := field(name.(string)); err != nil { // a name is always a string
			return err
		}
	}
	return expect(dec, '}')
}

// Array decodes each element of a JSON array, or nothing for null, into the
// value that each is called with.
func Array[T any](dec *json.Decoder, each func(*T)) error {
	open, err := dec.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('[') {
		return fmt.Errorf("an array was expected, not %v", open)
	}
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			return err
		}
		each(&v)
	}
	return expect(dec, ']')
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%v was expected, not %v", want, got)
	}
	return nil
}

// Skip consumes one value.
func Skip(dec *json.Decoder) error { return dec.Decode(new(ignored)) }
