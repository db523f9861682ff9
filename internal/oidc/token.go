package oidc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of a token. One of GitHub Actions has about 2,000 characters.
const (
	maxToken  = 16 << 10
	maxHeader = 4 << 10
	maxKeyID  = 512
	maxDepth  = 8
	maxValues = 1000
)

// token is one whose words are known, and not yet whether they are true.
type token struct {
	raw    string
	signed string // what the signature is of
	alg    string
	kid    string
	issuer string
	claims map[string]any
}

func unreadable(why string) error {
	return refuse(Unreadable, "The token cannot be read: "+why+".")
}

// parse takes a token apart, and takes none that another reader could read otherwise.
func parse(raw string) (*token, error) {
	if raw == "" || len(raw) > maxToken {
		return nil, unreadable("it is empty, or longer than any that gatehold takes")
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, unreadable("it is no signed JSON Web Token in three parts")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		// Strict, and nothing but the alphabet: else the same token had many spellings.
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil || strings.ContainsAny(part, "\r\n") {
			return nil, unreadable("a part of it is not base64url")
		}
	}
	if len(decoded[0]) > maxHeader || len(decoded[2]) == 0 {
		return nil, unreadable("its header is too long, or it has no signature")
	}
	header, err := object(decoded[0])
	if err != nil {
		return nil, unreadable("its header " + err.Error())
	}
	t := &token{raw: raw, signed: parts[0] + "." + parts[1]}
	if err := t.head(header); err != nil {
		return nil, err
	}
	if t.claims, err = object(decoded[1]); err != nil {
		return nil, unreadable("its claims: the text " + err.Error())
	}
	if t.issuer, _ = t.claims["iss"].(string); t.issuer == "" {
		return nil, refuse(ClaimsMissing, "The token names no issuer.")
	}
	return t, nil
}

// head reads the header. What would lead to a key is not looked at, whatever it is.
func (t *token) head(header map[string]any) error {
	for _, name := range []string{"crit", "b64", "zip", "enc"} {
		if _, has := header[name]; has {
			return unreadable("its header asks to be understood in a way that gatehold does not know")
		}
	}
	if kind, has := header["typ"]; has {
		name, _ := kind.(string)
		if name = strings.TrimPrefix(strings.ToLower(name), "application/"); name != "jwt" && name != "jose" {
			return unreadable("it is of another type than JWT")
		}
	}
	t.alg, _ = header["alg"].(string)
	t.kid, _ = header["kid"].(string)
	if t.alg == "" || t.kid == "" || len(t.kid) > maxKeyID {
		return unreadable("its header lacks the algorithm or the key's id")
	}
	return nil
}

// signedBy reports whether one of the keys made the signature.
func (t *token) signedBy(keys []jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	signed, err := jose.ParseSignedCompact(t.raw, []jose.SignatureAlgorithm{alg})
	if err != nil {
		return false
	}
	for _, key := range keys {
		if _, err := signed.Verify(key.Key); err == nil {
			return true
		}
	}
	return false
}

// object reads a JSON object in which no name stands twice, at any depth.
func object(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	left := maxValues
	v, err := value(d, 0, &left)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("goes on after its end")
	}
	o, is := v.(map[string]any)
	if !is {
		return nil, errors.New("is no JSON object")
	}
	return o, nil
}

func value(d *json.Decoder, depth int, left *int) (any, error) {
	if *left--; depth > maxDepth || *left < 0 {
		return nil, errors.New("holds more than a token has to")
	}
	next, err := d.Token()
	if err != nil {
		return nil, errors.New("is not JSON")
	}
	switch next {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := value(d, depth+1, left)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, end(d)
	case json.Delim('{'):
		o := map[string]any{}
		for d.More() {
			name, err := d.Token()
			key, is := name.(string)
			if err != nil || !is {
				return nil, errors.New("is not JSON")
			}
			if _, twice := o[key]; twice {
				return nil, errors.New("names something twice")
			}
			if o[key], err = value(d, depth+1, left); err != nil {
				return nil, err
			}
		}
		return o, end(d)
	}
	return next, nil
}

func end(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errors.New("is not JSON")
	}
	return nil
}
