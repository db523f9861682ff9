package schema

import (
	"slices"
	"strconv"
	"strings"
)

// Type is a column's, in lower case, with what stands behind it in parentheses.
// One without a name is not known, and compared with nothing.
type Type struct {
	Name        string
	Size, Scale int // 0: not said
}

// TypeOf reads a type as SQL writes it: "character varying(48)", "int[]".
func TypeOf(text string) Type {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	var t Type
	if open := strings.IndexByte(text, '('); open >= 0 {
		inner, behind, _ := strings.Cut(text[open+1:], ")")
		if a, b, ok := strings.Cut(inner, ","); ok {
			t.Size, t.Scale = number(a), number(b)
		} else {
			t.Size = number(inner)
		}
		text = strings.TrimSpace(text[:open]) + strings.TrimRight(" "+strings.TrimSpace(behind), " ")
	}
	t.Name = text
	if to, ok := synonyms[text]; ok {
		t.Name = to
	}
	return t
}

func number(s string) int {
	s = strings.TrimSpace(s)
	if s == "max" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// synonyms are names of the same type.
var synonyms = map[string]string{
	"int4": "int", "integer": "int", "serial": "int", "serial4": "int", "int2": "smallint", "smallserial": "smallint",
	"int8": "bigint", "bigserial": "bigint", "serial8": "bigint", "integer unsigned": "int unsigned",
	"character varying": "varchar", "varchar2": "varchar", "nvarchar": "varchar", "nvarchar2": "varchar", "character": "char",
	"nchar": "char", "bpchar": "char", "string": "text", "ntext": "text", "clob": "text",
	"bool": "boolean", "float8": "double", "double precision": "double", "float4": "real", "decimal": "numeric", "number": "numeric",
	"dec": "numeric", "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz",
	"time without time zone": "time", "time with time zone": "timetz", "datetime": "timestamp", "datetime2": "timestamp",
	"bytea": "blob", "bytes": "blob", "varbinary": "blob",
}

// ranked are types of which each holds all that the ones before it hold.
var ranked = [...]map[string]int{
	{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 5, "numeric": 6},
	{"tinyint unsigned": 1, "smallint unsigned": 2, "mediumint unsigned": 3, "int unsigned": 4, "bigint unsigned": 5},
	{"tinyint unsigned": 1, "smallint": 2, "smallint unsigned": 3, "int": 4, "int unsigned": 5, "bigint": 6},
	{"real": 1, "float": 1, "double": 2},
	{"tinyblob": 1, "blob": 2, "mediumblob": 3, "longblob": 4},
	{"date": 1, "timestamp": 2}, {"json": 1, "jsonb": 2}, {"cidr": 1, "inet": 2},
}

// texts are the types of texts, each with what it holds.
var texts = map[string]int{
	"char": 255, "varchar": 1 << 30, "tinytext": 255, "text": 1 << 30, "mediumtext": 1 << 30, "longtext": 1 << 31, "citext": 1 << 30,
}

// Keeps says whether a column of one type can become one of the other without
// losing a value.
func (t Type) Keeps(now Type) bool {
	if t == now {
		return true
	}
	return t.Name == "" || now.Name == "" || t.holds(now)
}

// holds is Keeps for two types that are known, and differ.
func (t Type) holds(now Type) bool {
	was, isText := texts[t.Name]
	is, becomesText := texts[now.Name]
	switch {
	case isText && becomesText:
		return fits(t.Size, was, now.Size, is, now.Name)
	case becomesText && now.Name != "char" && now.Size == 0:
		return t.Name != "blob" // every value can be written down
	case t.Name == now.Name && t.Name == "numeric":
		return now.Size == 0 || t.Size != 0 && now.Scale >= t.Scale && now.Size-now.Scale >= t.Size-t.Scale
	case t.Name == now.Name:
		return now.Size == 0 || t.Size != 0 && now.Size >= t.Size || integers(t.Name)
	}
	return slices.ContainsFunc(ranked[:], func(family map[string]int) bool {
		return family[t.Name] > 0 && family[now.Name] > family[t.Name]
	})
}

// integers says whether what stands in a type's parentheses is for display.
func integers(name string) bool {
	return strings.HasPrefix(name, "int") || strings.HasPrefix(name, "tinyint") || strings.HasPrefix(name, "smallint") ||
		strings.HasPrefix(name, "mediumint") || strings.HasPrefix(name, "bigint") || name == "year"
}

// fits says whether a text of one size has room in another; a size of 0 is the
// most that the type holds.
func fits(size, most, nowSize, nowMost int, nowName string) bool {
	if nowName == "char" && nowSize == 0 {
		nowSize = 1
	}
	if size == 0 {
		size = most
	}
	if nowSize == 0 {
		nowSize = nowMost
	}
	return nowSize >= size
}

func (t Type) String() string {
	switch {
	case t.Scale > 0:
		return t.Name + "(" + strconv.Itoa(t.Size) + "," + strconv.Itoa(t.Scale) + ")"
	case t.Size > 0:
		return t.Name + "(" + strconv.Itoa(t.Size) + ")"
	}
	return t.Name
}
