package schema

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// prismaTypes are the types that are columns of themselves.
var prismaTypes = map[string]string{
	"String": "text", "Boolean": "boolean", "Int": "int", "BigInt": "bigint", "Float": "double", "Decimal": "numeric",
	"DateTime": "timestamp", "Json": "jsonb", "Bytes": "blob", "Unsupported": "",
}

// Prisma reads the files of Prisma schemas, in their order. What they name may
// stand in another file: a field is taken for a relation where its type is a
// model there.
// https://www.prisma.io/docs/orm/reference/prisma-schema-reference
func Prisma(bodies []string) []*Schema {
	files := make([][]prismaBlock, len(bodies))
	known := prismaNames{kinds: map[string]string{}, enums: map[string]string{}}
	for i, body := range bodies {
		files[i] = prismaBlocks(body)
		for _, b := range files[i] {
			known.kinds[b.name] = b.kind
			if b.kind == "enum" {
				known.enums[b.name] = b.mapped()
			}
		}
	}
	out := make([]*Schema, len(bodies))
	for i, blocks := range files {
		out[i] = New()
		for _, b := range blocks {
			switch b.kind {
			case "datasource":
				b.product(out[i])
			case "enum":
				b.values(out[i])
			case "model":
				b.table(out[i], known)
			}
		}
	}
	return out
}

// prismaNames are the names of blocks: of each what it is, and of enumerations
// what the database calls them.
type prismaNames struct{ kinds, enums map[string]string }

// prismaBlock is one block: its lines, each cut into tokens.
type prismaBlock struct {
	kind, name string
	line       int
	lines      [][]source.Token
}

func prismaBlocks(body string) []prismaBlock {
	var out []prismaBlock
	var head []source.Token
	open, depth := -1, 0
	flush := func() {
		if open >= 0 && len(head) > 0 {
			out[open].lines = append(out[open].lines, head)
		}
		head = nil
	}
	source.Each(body, source.JavaScript, func(t source.Token) bool {
		switch {
		case t.Kind == source.Newline && depth == 0:
			flush()
		case t.Kind == source.Newline:
		case open < 0 && t.Is("{"):
			if len(head) >= 2 {
				out = append(out, prismaBlock{kind: head[0].Text, name: head[1].Text, line: head[0].Line})
				open = len(out) - 1
			}
			head = nil
		case t.Is("}") && depth == 0:
			flush()
			open = -1
		default:
			depth = max(0, depth+nesting(t))
			head = append(head, t)
		}
		return true
	})
	return out
}

// nesting is what a token does to the depth of parentheses and brackets.
func nesting(t source.Token) int {
	switch {
	case t.Is("("), t.Is("["), t.Is("{"):
		return 1
	case t.Is(")"), t.Is("]"), t.Is("}"):
		return -1
	}
	return 0
}

func (b *prismaBlock) product(s *Schema) {
	for _, l := range b.lines {
		if len(l) == 3 && l[0].Is("provider") && l[2].Kind == source.String {
			s.From, s.Line = l[2].Text, l[0].Line
			if s.From == "postgres" {
				s.From = "postgresql"
			}
		}
	}
}

func (b *prismaBlock) values(s *Schema) {
	name := b.mapped()
	e := s.Enum(name, name, b.line)
	for _, l := range b.lines {
		if l[0].Kind == source.Name {
			e.Values[mappedTo(l, 1, l[0].Text)] = l[0].Line
		}
	}
}

// mapped is the block's name in the database.
func (b *prismaBlock) mapped() string {
	for _, l := range b.lines {
		if len(l) > 3 && l[0].Is("@") && l[1].Is("@") && l[2].Is("map") {
			return mappedTo(l, 1, b.name)
		}
	}
	return b.name
}

// mappedTo is the name in @map("name") on a line, from token i on.
func mappedTo(l []source.Token, i int, name string) string {
	if at := attribute(l, i, "map"); at > 0 {
		for _, t := range l[at:min(len(l), at+5)] {
			if t.Kind == source.String {
				return t.Text
			}
		}
	}
	return name
}

// attribute is the index of @name on a line, from token i on, and 0 if it is not
// there.
func attribute(l []source.Token, i int, name string) int {
	for ; i+1 < len(l); i++ {
		if l[i].Is("@") && l[i+1].Is(name) {
			return i + 1
		}
	}
	return 0
}

func (b *prismaBlock) table(s *Schema, known prismaNames) {
	name := b.mapped()
	t := s.Table(name, name, b.line)
	fields := map[string]string{} // of the program: column
	for _, l := range b.lines {
		if len(l) < 2 || l[0].Kind != source.Name || !isColumn(l, known) {
			continue
		}
		field := l[0].Text
		column := mappedTo(l, 2, field)
		fields[field] = column
		c := t.Column(column, l[0].Line)
		c.Type = prismaType(l, known)
		c.Required = !l[at(l, 2)].Is("?")
		c.Filled = attribute(l, 2, "default") > 0 || l[at(l, 2)].Is("[")
		if attribute(l, 2, "unique") > 0 || attribute(l, 2, "id") > 0 {
			c.Unique = c.Line
		}
	}
	for _, l := range b.lines {
		if len(l) > 4 && l[0].Is("@") && l[1].Is("@") {
			t.keyOf(l, fields)
		}
	}
}

// at is an index that is there, for what may stand at i.
func at(l []source.Token, i int) int { return min(i, len(l)-1) }

// isColumn says whether a field is a column, and no relation. Whose type is not
// in the texts is a relation where it may be missing, and an enumeration where
// not: Prisma has every relation that must be there say by which fields.
func isColumn(l []source.Token, known prismaNames) bool {
	typ := l[1].Text
	if _, ok := prismaTypes[typ]; ok {
		return true
	}
	switch known.kinds[typ] {
	case "model", "view":
		return false
	case "enum", "type":
		return true
	}
	return attribute(l, 2, "relation") == 0 && (attribute(l, 2, "default") > 0 || attribute(l, 2, "map") > 0 ||
		!l[at(l, 2)].Is("?") && !l[at(l, 2)].Is("["))
}

// prismaType is the type of a field's column: what @db says, or what Prisma takes.
func prismaType(l []source.Token, known prismaNames) Type {
	if i := attribute(l, 2, "db"); i > 0 && i+2 < len(l) && l[i+1].Is(".") {
		text := l[i+2].Text
		for _, t := range l[i+3 : min(len(l), i+9)] {
			if t.Is("@") {
				break
			}
			text += t.Text
		}
		if to, ok := prismaNative[strings.ToLower(l[i+2].Text)]; ok {
			text = to + text[len(l[i+2].Text):]
		}
		return TypeOf(text)
	}
	typ := l[1].Text
	if name, ok := prismaTypes[typ]; ok {
		typ = name
	} else if name := known.enums[typ]; name != "" {
		typ = name
	}
	if l[at(l, 2)].Is("[") && typ != "" {
		typ += "[]"
	}
	return Type{Name: typ}
}

// prismaNative are names of types that SQL writes in several words.
var prismaNative = map[string]string{
	"doubleprecision": "double", "unsignedint": "int unsigned", "unsignedbigint": "bigint unsigned",
	"unsignedsmallint": "smallint unsigned", "unsignedtinyint": "tinyint unsigned", "oid": "int",
}

// keyOf reads @@unique([a, b]) and @@index([a, b]).
func (t *Table) keyOf(l []source.Token, fields map[string]string) {
	unique := l[2].Is("unique") || l[2].Is("id")
	if !unique && !l[2].Is("index") {
		return
	}
	var columns []string
	depth := 0
	for _, k := range l[3:] {
		switch {
		case k.Is("["):
			depth++
		case k.Is("]"):
			t.Key(columns, unique, l[0].Line)
			return
		case depth > 0 && k.Kind == source.Name && fields[k.Text] != "":
			columns = append(columns, fields[k.Text])
		}
	}
}
