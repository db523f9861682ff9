package terraform

import "fmt"

// The bounds of one file. The parser recurses without a limit of its own, and
// a stack overflow cannot be recovered: what nests deeper is not given to it.
const (
	maxBytes   = 1 << 20
	maxNesting = 200
	maxTernary = 5_000 // "?" nests to the right without a bracket
	maxUnary   = 200   // so does a run of "!" or "-"
	maxControl = 500   // and so do "%{" in templates
)

// refuse scans text for what would cost the parser too much. Brackets in
// strings and comments count too: an overestimate that no real file reaches.
func refuse(text string) error {
	if len(text) > maxBytes {
		return fmt.Errorf("the file has %d bytes, more than the %d that are read", len(text), maxBytes)
	}
	depth, ternary, unary, control := 0, 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '[', '{', '(':
			depth++
			if c == '{' && i > 0 && text[i-1] == '%' {
				control++
			}
		case ']', '}', ')':
			depth = max(0, depth-1)
		case '?':
			ternary++
		case '!', '-':
			unary++
		}
		switch text[i] {
		case '!', '-', ' ', '\t':
		case '\n', '\r':
			if depth == 0 {
				unary = 0
			}
		default:
			unary = 0
		}
		if depth > maxNesting || ternary > maxTernary || unary > maxUnary && bangs(text, i) || control > maxControl {
			return fmt.Errorf("the file nests more than %d levels deep", maxNesting)
		}
	}
	return nil
}

// bangs tells a run of operators from a line of dashes in a comment: the run
// before i is looked at back to the start of its line.
func bangs(text string, i int) bool {
	for ; i >= 0 && text[i] != '\n'; i-- {
		if text[i] == '#' || text[i] == '/' && i > 0 && text[i-1] == '/' || text[i] == '*' {
			return false
		}
	}
	return true
}
