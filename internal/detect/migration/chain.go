package migration

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// link is one call of a chain: a.b(c).d(e) has two.
type link struct {
	name     string
	from, to int // its arguments, without parentheses
}

// maxLinks bounds the calls of a chain that are looked at, maxBack the tokens of
// one link's arguments that are read backwards.
const (
	maxLinks = 16
	maxBack  = 400
)

// behindCall lists what is called on the result of a call.
func (p *program) behindCall(c *call) []link {
	var out []link
	for i := c.end + 1; len(out) < maxLinks; {
		for p.at(i).Kind == source.Newline && i < len(p.toks) {
			i++
		}
		switch {
		case p.at(i).Is("."):
			i++
		case p.at(i).Is("-") && p.at(i+1).Is(">"):
			i += 2
		default:
			return out
		}
		if p.at(i).Kind != source.Name {
			return out
		}
		l := link{name: p.at(i).Text, from: i + 1, to: i + 1}
		if i++; p.at(i).Is("(") {
			end := p.closing(i)
			l.from, l.to = i+1, end
			i = end + 1
		}
		out = append(out, l)
	}
	return out
}

// closing is the index of what closes the parenthesis at i, or of where reading
// for it ends.
func (p *program) closing(i int) int {
	depth := 0
	for k := i; k < min(len(p.toks), i+maxArgs); k++ {
		p.effort++
		switch t := p.toks[k]; {
		case t.Is("("), t.Is("["), t.Is("{"):
			depth++
		case closes(t):
			if depth--; depth == 0 {
				return k
			}
		}
	}
	return min(len(p.toks), i+maxArgs)
}

// beforeCall lists what the call at token i is made on, from near to far. The last
// link is what the chain begins with.
func (p *program) beforeCall(i int) []link {
	if k := p.overDot(i - 1); k >= 0 {
		return p.chainAt(k)
	}
	return nil
}

// overDot is the token before the dot, arrow or double colon that ends at token k
// or on the line above, -1 where there is none.
func (p *program) overDot(k int) int {
	for p.at(k).Kind == source.Newline && k > 0 {
		k--
	}
	switch {
	case p.at(k).Is("."):
		k--
	case p.at(k).Is(">") && p.at(k-1).Is("-"), p.at(k).Is(":") && p.at(k-1).Is(":"):
		k -= 2
	default:
		return -1
	}
	for (p.at(k).Kind == source.Newline || p.at(k).Is("&") || p.at(k).Is("?")) && k > 0 {
		k--
	}
	return k
}

// chainAt lists the calls of the chain whose last token is k, from the last one on.
func (p *program) chainAt(k int) (links []link) {
	for k >= 0 && len(links) < maxLinks {
		l := link{from: k, to: k}
		for p.at(k).Is("]") || p.at(k).Is(")") {
			open := p.opening(k)
			if open < 0 {
				return append(links, l)
			}
			l.from, l.to = open+1, k
			k = open - 1
		}
		if p.at(k).Kind != source.Name {
			return append(links, l)
		}
		l.name = p.at(k).Text
		links = append(links, l)
		k = p.overDot(k - 1)
	}
	return links
}

// opening is the index of what opens the parenthesis that closes at i, -1 if it is
// too far.
func (p *program) opening(i int) int {
	depth := 0
	for k := i; k >= 0 && k > i-maxBack; k-- {
		p.effort++
		switch t := p.toks[k]; {
		case closes(t):
			depth++
		case t.Is("("), t.Is("["), t.Is("{"):
			if depth--; depth == 0 {
				return k
			}
		}
	}
	return -1
}

// neutral are calls that leave no row out, in small letters without underscores.
var neutral = map[string]bool{
	"all": true, "objects": true, "defaultmanager": true, "basemanager": true, "unscoped": true, "query": true, "getqueryset": true,
	"using": true, "orderby": true, "order": true, "reorder": true, "iterator": true, "selectrelated": true, "prefetchrelated": true,
	"only": true, "defer": true, "includes": true, "load": true, "toa": true, "inbatches": true, "findeach": true, "each": true,
	"withdeleted": true, "withtrashed": true, "newquery": true, "lock": true, "wherenot": true, "returning": true, "asc": true,
}

// limits says whether the links of a chain leave rows out.
func (p *program) limits(links []link) bool {
	for i, l := range links {
		plain := strings.TrimLeft(plainName(l.name), "_")
		if neutral[plain] {
			continue
		}
		args := p.toks[min(l.from, len(p.toks)):min(l.to, len(p.toks))]
		switch plain {
		case "wherenotnull":
			if letsAllThrough(append(slices.Clone(args), source.Token{Text: "isnotnull"}), false) {
				continue
			}
		case "where", "filter", "exclude", "not", "whereraw":
			if plain == "where" && len(args) == 0 && i > 0 && links[i-1].name == "not" {
				continue // where.not(…), of which the second says it
			}
			if letsAllThrough(args, plain == "not" || plain == "exclude") {
				continue
			}
		}
		return true
	}
	return false
}

// letsAllThrough says whether a condition is true for every row: it is empty, it
// compares constants, or asks of a key that it is there.
func letsAllThrough(args []source.Token, negated bool) bool {
	var b strings.Builder
	for _, t := range args {
		if t.Kind != source.Newline {
			b.WriteString(strings.ToLower(t.Text))
		}
	}
	text := strings.NewReplacer(" ", "", "\"", "", "'", "").Replace(b.String())
	switch text {
	case "", "{}", "nil", "null", "none", "true", "1=1", "1=1,", "1==1", "q()":
		return !negated
	case "id:nil", "{id:nil}", "id=none", "pk=none", "id=>nil", "id__isnull=true", "pk__isnull=true":
		return negated
	case "idisnotnull", "id__isnull=false", "pk__isnull=false", "id__gt=0", "pk__gt=0", "id>0", "id__gte=0", "pk__gte=0", "id>=0":
		return !negated
	}
	return false
}

// imports says whether a program names a library near its beginning.
func (p *program) imports(name string) bool {
	for _, t := range p.toks[:min(len(p.toks), 200)] {
		if t.Is(name) {
			return true
		}
	}
	return false
}
