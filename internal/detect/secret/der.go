package secret

import (
	"encoding/base64"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// minKey is how long the shortest private key is in base 64: the 32 bytes of
// a curve with what says which.
const minKey = 60

const bareKeyRule = "private-key-without-header"

// bareKeys finds private keys that stand on a line in base 64 without the
// header of a PEM block.
func (s *scan) bareKeys(l *change.Line) {
	text := l.Text
	if strings.Contains(text, "-----BEGIN") || l.Number > 1 && strings.Contains(s.lineText(l.Number-1), "-----BEGIN") {
		return // the block says what it holds
	}
	for i := 0; i < len(text); {
		from := i
		for i < len(text) && (letterOrDigit(text[i]) || text[i] == '+' || text[i] == '/' || text[i] == '-' || text[i] == '_') {
			i++
		}
		if i-from >= minKey {
			s.work += 64
			if word := text[from:i]; privateKeyBytes(word) {
				s.keep(found{kind: kindPrivateKey, line: l.Number, start: from, end: i, rule: bareKeyRule, secret: word}, text, from)
			}
		}
		i = max(i, from+1)
	}
}

// privateKeyBytes tells whether base 64 holds the beginning of a private key:
// of OpenSSH, or in the ASN.1 of PKCS #1, PKCS #8 or SEC 1.
func privateKeyBytes(word string) bool {
	if strings.HasPrefix(word, "b3BlbnNzaC1rZXktdjE") { // openssh-key-v1
		return true
	}
	if word[0] != 'M' { // a SEQUENCE
		return false
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(word[:44]))
	if err != nil {
		return false
	}
	_, data, ok := element(data, 0x30)
	if !ok {
		return false
	}
	n, rest, ok := element(data, 0x02)
	if !ok || n != 1 {
		return false
	}
	version, rest := rest[0], rest[1:]
	switch {
	case version == 0 && rest[0] == 0x02: // PKCS #1: the modulus
		n, _, ok = element(rest, 0x02)
		return ok && n >= 32
	case version <= 1 && rest[0] == 0x30: // PKCS #8: what the key is for
		_, rest, ok = element(rest, 0x30)
		return ok && rest[0] == 0x06
	case version == 1 && rest[0] == 0x04: // SEC 1: the key
		n, _, ok = element(rest, 0x04)
		return ok && n >= 16 && n <= 66
	}
	return false
}

// element reads tag and length of an element of ASN.1, and returns its length
// and what follows, of which there is something.
func element(data []byte, tag byte) (length int, rest []byte, ok bool) {
	if len(data) < 6 || data[0] != tag {
		return 0, nil, false
	}
	length, rest = int(data[1]), data[2:]
	if length >= 0x80 {
		n := length & 0x7f
		if n < 1 || n > 2 {
			return 0, nil, false
		}
		length = 0
		for _, b := range rest[:n] {
			length = length<<8 | int(b)
		}
		rest = rest[n:]
	}
	return length, rest, len(rest) > 2
}
