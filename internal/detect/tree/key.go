package tree

import "strings"

// MayHaveKey says without parsing whether a text of YAML or JSON may have a key,
// written without escapes: it stands at the beginning of a line, of an
// entry or of a flow, and a colon follows. A word in a sentence is none. It costs
// one pass, where parsing a large lock file costs a hundred.
func MayHaveKey(text, key string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], key)
		if i < 0 {
			return false
		}
		from := at + i
		at = from + len(key)
		if follows(text[at:]) && begins(text[:from]) {
			return true
		}
	}
}

// far is how many bytes of space may stand around a key.
const far = 200

func follows(rest string) bool {
	rest = rest[:min(len(rest), far)]
	rest = strings.TrimLeft(strings.TrimLeft(rest, "\"'"), " \t\r\n")
	return rest == "" || rest[0] == ':'
}

func begins(before string) bool {
	before = before[max(0, len(before)-far):]
	before = strings.TrimRight(before, "\"'")
	if strings.HasSuffix(before, "-") || strings.HasSuffix(before, "?") { // of a word; a mark of YAML has space behind it
		return false
	}
	before = strings.TrimRight(before, " \t")
	for before != "" { // an anchor or a tag may stand before a key
		word := before[strings.LastIndexAny(before, " \t\r\n{,[")+1:]
		if word == "" || word[0] != '&' && word[0] != '!' {
			break
		}
		before = strings.TrimRight(before[:len(before)-len(word)], " \t")
	}
	return before == "" || strings.IndexByte("\n\r-{,?[", before[len(before)-1]) >= 0
}
