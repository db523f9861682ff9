package redact

import "strings"

// Secrets are those of a file's texts. A detector quotes parts of what it read,
// and a secret may have lost there what it is known by: the host behind a
// password, the word PASSWORD before it. Known by its file, it is found.
type Secrets struct {
	words map[string]bool // in lower case
	whole []string        // with other characters than those of words
	left  int             // bytes that may still be looked at
}

// MaxScanned bounds what is looked at of the texts that Of is given, around the
// words that announce a secret, in bytes. What is past it is known by itself or
// not at all.
const MaxScanned = 128 << 10

const (
	before   = 160 // bytes before such a word
	after    = 400
	maxWhole = 200
)

// Of finds the secrets in the texts of a file.
func Of(texts ...string) *Secrets {
	s := &Secrets{words: map[string]bool{}, left: MaxScanned}
	for _, text := range texts {
		s.read(text)
	}
	return s
}

// read looks at a text around each word that may announce a secret. Windows
// that touch are one.
func (s *Secrets) read(text string) {
	from, to := 0, 0
	words().Find(text, func(_ int32, end int) {
		if end > to || to == 0 {
			if end-before > to {
				s.window(text[from:to])
				from = end - before
			}
		}
		to = min(len(text), end+after)
		if to-from > 8*after {
			s.window(text[from:to])
			from = max(from, to-after-before)
		}
	})
	s.window(text[from:to])
}

func (s *Secrets) window(text string) {
	if s.left < len(text) {
		return
	}
	s.left -= len(text)
	joined, _ := join(text)
	for _, piece := range [...]string{text, joined} {
		for _, p := range spans(piece) {
			s.add(piece[p.from:p.to])
		}
	}
}

// add notes a secret with its parts. A part that any text might hold is left
// out: it tells nobody anything.
func (s *Secrets) add(secret string) {
	secret = strings.Trim(secret, "\"'` \t\r\n")
	parts := strings.FieldsFunc(secret, func(r rune) bool { return !letterOrDigit(r) })
	for _, part := range parts {
		if telling(part) && (len(parts) == 1 || len(part) >= 6) {
			s.words[strings.ToLower(part)] = true
		}
	}
	if len(parts) > 1 && len(secret) >= 6 && len(s.whole) < maxWhole {
		s.whole = append(s.whole, secret)
	}
}

// telling says whether a part of a secret is no word or number as names have
// them: it holds digits among letters, or capitals inside.
func telling(part string) bool {
	if len(part) < shortest || strings.Trim(part, "0123456789") == "" && len(part) < 9 {
		return false
	}
	return strings.ContainsAny(part, "0123456789") ||
		strings.ToLower(part) != part && strings.ToUpper(part) != part && strings.ToLower(part[1:]) != part[1:]
}

// Text is Text, and takes out the file's secrets too. A nil s knows of none.
func (s *Secrets) Text(text string) string {
	if s == nil || len(s.words) == 0 && len(s.whole) == 0 {
		return Text(text)
	}
	for _, secret := range s.whole {
		text = strings.ReplaceAll(text, secret, Mark)
	}
	text = Text(text)
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); {
		from := i
		for i < len(text) && letterOrDigit(rune(text[i])) {
			i++
		}
		word := text[from:i]
		if from > 0 && text[from-1] == '-' && len(word) > shortest && s.words[strings.ToLower(word[1:])] {
			from, word = from+1, word[1:] // -pSECRET
		}
		if len(word) >= shortest && s.words[strings.ToLower(word)] {
			b.WriteString(text[done:from])
			b.WriteString(Mark)
			done = i
		}
		i = max(i, from+1)
	}
	if done == 0 {
		return text
	}
	return b.String() + text[done:]
}
