package tree

import (
	"strings"
	"testing"
)

func TestYAMLKeepsPlacesTagsAndAliases(t *testing.T) {
	docs, err := ParseYAML("base: &b\n  image: a:1\n  tag: !Ref Env\n---\n---\nx:\n  - one\n  - {k: 'true'}\n")
	if err != nil || len(docs) != 2 {
		t.Fatalf("got %d documents, %v", len(docs), err)
	}
	if n := docs[0].Get("base", "tag"); n.Tag != "!Ref" || n.Str() != "Env" || n.Line != 3 {
		t.Errorf("tag: %+v", n)
	}
	if n := docs[1].Get("x", "1", "k"); !n.True() || !n.Quoted || n.At() != 8 {
		t.Errorf("flow: %+v", n)
	}
	docs, err = ParseYAML("base: &b {image: a, cpu: 1}\none: {<<: *b, cpu: 2}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := docs[0].Get("one", "cpu").Str() + docs[0].Get("one", "image").Str(); got != "2a" {
		t.Errorf("merge: %q", got)
	}
}

// Others end a document at its mark, wherever it stands; what the parser here would
// take along into a text must not be lost.
func TestABlockAtTheTopHidesNoDocument(t *testing.T) {
	for _, text := range []string{">-\n---\na: b\n", "|\n---\na: b\n", "--- >\n---\na: b\n"} {
		if docs, err := ParseYAML(text); err == nil {
			t.Errorf("%q is read as %+v", text, docs)
		}
	}
	docs, err := ParseYAML("!!merge [a, b]: {a: c}\n")
	if err != nil || docs[0].Get("a").Str() != "c" {
		t.Errorf("a merge by its tag: %v", err)
	}
}

func TestJSONTakesCommentsAndKeepsLines(t *testing.T) {
	n, err := ParseJSON("// settings\n{\n \"a\": [1, true, null, \"x\\u0041\"], /* c\n */ \"b\": {\"c\": -1.5e3,},\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	if c := n.Get("b", "c"); c.At() != 4 {
		t.Errorf("line of c: %d", c.At())
	}
	if f, ok := n.Get("b", "c").Number(); !ok || f != -1500 {
		t.Errorf("number %v %v", f, ok)
	}
	if s := n.Get("a", "3").Str(); s != "xA" {
		t.Errorf("escape: %q", s)
	}
	for _, bad := range []string{"", "{", "[1", `{"a" 1}`, `{a: 1}`, `"x`, `[1] 2`, `tru`} {
		if n, err := ParseJSON(bad); err == nil {
			t.Errorf("%q parsed as %+v", bad, n)
		}
	}
}

func TestEqualIgnoresOrderOfKeysAndPlaces(t *testing.T) {
	a, _ := ParseJSON(`{"a":1,"b":[1,{"c":null}]}`)
	b, _ := ParseYAML("b:\n- 1\n- {c: }\na: 1\n")
	if !Equal(a, b[0]) {
		t.Error("same values are not equal")
	}
	c, _ := ParseJSON(`{"a":1,"b":[1,{"c":2}]}`)
	if Equal(a, c) {
		t.Error("other values are equal")
	}
}

func TestHostileTextsAreRefused(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i < 'k'; i++ {
		prev := string(i - 1)
		bomb += string(i) + ": &" + string(i) + " [" + strings.TrimSuffix(strings.Repeat("*"+prev+",", 9), ",") + "]\n"
	}
	indent := strings.Builder{}
	for i := range 1300 {
		indent.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	texts := map[string]string{
		"brackets": strings.Repeat("[", 500_000), "braces": strings.Repeat("{a: ", 200_000),
		"bomb": bomb, "self": "a: &a [*a]\n", "size": strings.Repeat("a: b\n", 300_000),
		"indent": indent.String(), "dashes": strings.Repeat("- ", 400_000),
	}
	for name, text := range texts {
		if _, err := ParseYAML(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := ParseJSON(strings.Repeat("[", 500_000)); err == nil {
		t.Error("JSON brackets: no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: [1, {b: c}]\n---\n- *x\n")
	f.Add(`{"a": [1, "b\n", null], // x`)
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := ParseYAML(text)
		if err == nil {
			for _, d := range docs {
				count := 0
				Walk(d, func([]string, *Node) bool { count++; return true })
				if count > MaxNodes+1 {
					t.Fatalf("%d nodes", count)
				}
			}
		}
		if n, err := ParseJSON(text); err == nil && !Equal(n, n) {
			t.Fatal("not equal to itself")
		}
	})
}
