package source

import "strings"

// Backward says for each token of a migration whether it stands in the part
// that undoes it: def down, downgrade(), exports.down, dir.down, the reverse
// SQL of Django's RunSQL. Where the way up calls the way down, nothing counts
// as backward.
func Backward(toks []Token, lang Language) []bool {
	out := make([]bool, len(toks))
	down, until := false, 0
	reverse := reverser{}
	for i, t := range toks {
		if i >= until {
			switch dir := defines(toks, i); dir {
			case goesDown:
				down = true
			case goesUp:
				down = false
			}
			if end := block(toks, i, lang); end > 0 && !down {
				for k := i; k < end; k++ {
					out[k] = true
				}
				until = end
			}
		}
		if lang == Python {
			out[i] = out[i] || reverse.step(t, toks, i)
		}
		out[i] = out[i] || down
		if !out[i] && callsDown(toks, i) || isDownToo(toks, i) {
			return make([]bool, len(toks))
		}
	}
	return out
}

type direction uint8

const (
	same direction = iota
	goesUp
	goesDown
)

func isDown(name string) bool {
	n := strings.ToLower(name)
	return n == "down" || n == "downgrade" || strings.HasPrefix(n, "down_") || strings.HasPrefix(name, "Down") ||
		strings.HasPrefix(name, "down") && len(name) > 4 && (isDigit(name[4]) || name[4] >= 'A' && name[4] <= 'Z') ||
		n == "rollback" || n == "revert" || n == "safedown"
}

func at(toks []Token, i int) Token {
	if i < 0 || i >= len(toks) {
		return Token{Kind: Newline}
	}
	return toks[i]
}

// defines says whether the token names a function that is being defined, and
// which way it leads.
func defines(toks []Token, i int) direction {
	t := toks[i]
	if t.Kind != Name {
		return same
	}
	prev, next := at(toks, i-1), at(toks, i+1)
	leads, defined := leaderIn(prev), false
	way := goesUp
	if isDown(t.Text) {
		way = goesDown
	}
	switch {
	case leads == toFunction:
		defined = true
	case leads == toMethod && next.Is("(") && opensBody(toks, i+1):
		defined = true
	case prev.Is(".") && (at(toks, i-2).Is("exports") || at(toks, i-2).Is("module")) && next.Is("="):
		defined = true
	case leads == toValue && next.Is("="):
		defined = i >= 2 && at(toks, i-2).Is("export") || way == goesDown || t.Text == "up"
	case way == goesDown || t.Text == "up" || t.Text == "change":
		defined = definesMember(toks, i)
	}
	if !defined {
		return same
	}
	return way
}

// leader is what a word before a name leads to; 0: to nothing.
type leader uint8

const (
	toFunction leader = iota + 1
	toMethod
	toValue
)

var leaders = map[string]leader{
	"def": toFunction, "function": toFunction, "func": toFunction, "fn": toFunction, "void": toFunction,
	"async": toMethod, "public": toMethod, "override": toMethod,
	"const": toValue, "let": toValue, "val": toValue,
}

func leaderIn(t Token) leader {
	if t.Kind != Name {
		return 0
	}
	return leaders[t.Text]
}

// definesMember says whether the name begins a member of an object or a class:
// `up: ...` or `up(...) {`.
func definesMember(toks []Token, i int) bool {
	prev, next := at(toks, i-1), at(toks, i+1)
	if prev.Kind != Newline && !prev.Is("{") && !prev.Is(",") {
		return false
	}
	return next.Is(":") || next.Is("(") && opensBody(toks, i+1)
}

// opensBody says whether the parentheses at i are parameters: a { follows.
func opensBody(toks []Token, i int) bool {
	depth := 0
	for k := i; k < len(toks) && k < i+200; k++ {
		switch {
		case toks[k].Is("("):
			depth++
		case toks[k].Is(")"):
			depth--
		case depth == 0 && toks[k].Is("{"):
			return true
		case depth == 0 && (toks[k].Is(";") || toks[k].Kind == Newline):
			return false
		}
	}
	return false
}

// maxBlock bounds the tokens of a block that is read to its end.
const maxBlock = 2000

// block returns the end of the block of Rails' dir.down, or of Sequel's down, or 0:
// one that is too long counts as forward.
func block(toks []Token, i int, lang Language) int {
	if lang != Ruby || !toks[i].Is("down") || !at(toks, i-1).Is(".") && at(toks, i-1).Kind != Newline || at(toks, i-2).Is("exports") {
		return 0
	}
	return BlockEnd(toks, i+1)
}

// BlockEnd returns the token behind the block of Ruby that token i opens, or 0.
func BlockEnd(toks []Token, i int) int {
	next := at(toks, i)
	if next.Is("{") {
		depth := 0
		for k := i; k < min(len(toks), i+maxBlock); k++ {
			if toks[k].Is("{") {
				depth++
			} else if toks[k].Is("}") {
				if depth--; depth == 0 {
					return k + 1
				}
			}
		}
		return 0
	}
	if !next.Is("do") {
		return 0
	}
	depth := 1
	for k := i + 1; k < min(len(toks), i+maxBlock); k++ {
		switch {
		case toks[k].Is("do"), at(toks, k-1).Kind == Newline && (toks[k].Is("if") || toks[k].Is("unless") ||
			toks[k].Is("case") || toks[k].Is("begin") || toks[k].Is("while")):
			depth++
		case toks[k].Is("end"):
			if depth--; depth == 0 {
				return k + 1
			}
		}
	}
	return 0
}

// isDownToo says whether the token is the name of the way up, which is given the
// way down as what it is: exports.up = exports.down, alias up down.
func isDownToo(toks []Token, i int) bool {
	if t := toks[i]; t.Kind != Name && t.Kind != Symbol || t.Text != "up" && t.Text != "upgrade" {
		return false
	}
	k := i + 1
	switch {
	case at(toks, i-1).Is("alias"), at(toks, i-1).Is("alias_method"):
		if at(toks, k).Is(",") {
			k++
		}
	case at(toks, k).Is("=") && !at(toks, k+1).Is("="), at(toks, k).Is(":"):
		for k++; at(toks, k+1).Is(".") && k < i+8; k += 2 {
		}
	default:
		return false
	}
	down := at(toks, k)
	return (down.Text == "down" || down.Text == "downgrade") && (down.Kind == Name || down.Kind == Symbol) && !at(toks, k+1).Is("(") &&
		!at(toks, k+1).Is(":")
}

// callsDown says whether the token calls the way down: then it runs.
func callsDown(toks []Token, i int) bool {
	t := toks[i]
	if t.Kind != Name || t.Text != "down" && t.Text != "downgrade" || defines(toks, i) != same {
		return false
	}
	prev, next := at(toks, i-1), at(toks, i+1)
	if prev.Is(".") {
		return next.Is("(") && (at(toks, i-2).Is("this") || at(toks, i-2).Is("self") || at(toks, i-2).Is("exports"))
	}
	return next.Is("(") && !prev.Is("function") || prev.Kind == Newline && next.Kind == Newline
}

// reverser follows Django's RunSQL(sql, reverse_sql).
type reverser struct {
	depth, args, inside int
	on                  bool
}

func (r *reverser) step(t Token, toks []Token, i int) bool {
	switch {
	case t.Is("(") || t.Is("[") || t.Is("{"):
		r.depth++
		if at(toks, i-1).Is("RunSQL") || at(toks, i-1).Is("RunPython") {
			r.inside, r.args, r.on = r.depth, 0, false
		}
	case t.Is(")") || t.Is("]") || t.Is("}"):
		if r.depth == r.inside {
			r.inside, r.on = 0, false
		}
		r.depth--
	case t.Is(",") && r.inside > 0 && r.depth == r.inside:
		r.args++
		r.on = r.args == 1 && !at(toks, i+2).Is("=") && !at(toks, i+3).Is("=")
	case r.inside > 0 && r.depth == r.inside && at(toks, i+1).Is("="):
		r.on = t.Is("reverse_sql") || t.Is("reverse_code")
	}
	return r.on
}
