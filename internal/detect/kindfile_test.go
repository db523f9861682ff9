package detect_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

func kindFiles(texts map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range texts {
		files["kinds/"+name+".txtar"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

const dropTable = "risk: 80\ntitle: drops a table\nwhy: The rows: gone.\ncontrols: a, b\npath: x.sql\n"

func TestAKindIsWhatItsFileSays(t *testing.T) {
	set := detect.KindsOf("toy", kindFiles(map[string]string{
		"drop": dropTable + "escaped: true\n\n-- fires before --\na\n-- fires --\n\\u0062\\U0001F600\n-- quiet --\nc\n",
		"link": "risk: 10\n-- fires --\na is a link\n",
	}))
	drop := set.Of("drop")
	link := set.Built("link", func(string) change.Change { return change.Change{} })
	if set.Of("drop") != drop || drop.ID != "toy/drop" {
		t.Fatalf("%+v", drop)
	}
	r := detect.NewReport("x.sql")
	r.Add(detect.Observation{Kind: drop}) // whoever is told of one can ask what it is
	if drop.Risk != 80 || drop.Title != "drops a table" || drop.Why != "The rows: gone." || strings.Join(drop.Controls, " ") != "a b" ||
		drop.ExamplePath != "x.sql" || drop.FiresBefore != "a\n" || drop.Fires != "b😀\n" || drop.Quiet != "c\n" || drop.QuietBefore != "" {
		t.Errorf("%+v", drop)
	}
	if link.Fires != "a is a link" {
		t.Errorf("the words of an example: %q", link.Fires)
	}
	if all := set.All(); len(all) != 2 || all[0] != drop || all[1] != link {
		t.Errorf("%v", all)
	}
}

func TestAKindLikeAnother(t *testing.T) {
	shared := detect.KindsOf("cloud", kindFiles(map[string]string{"drop": dropTable}))
	shared.Of("drop")
	own := detect.KindsOf("toy", kindFiles(map[string]string{"drop": "path: main.tf\n-- fires --\na\n"})).Like(shared)
	if k := own.Of("drop").Read(); k.ID != "toy/drop" || k.Risk != 80 || k.Title != "drops a table" ||
		k.ExamplePath != "main.tf" || k.Fires != "a\n" {
		t.Errorf("%+v", k)
	}
}

func TestKindFilesThatAreWrongAreNotShipped(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a line nobody knows":    {"risk: 1\nlevel: high\n", `unknown line "level"`},
		"a section nobody knows": {"risk: 1\n-- fired --\n", `unknown section "fired"`},
		"no number":              {"risk: high\n", "high"},
		"half a character":       {"escaped: true\n-- fires --\n\\u00\n", "is no character"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, _ := recover().(string); !strings.Contains(p, c.says) || !strings.Contains(p, "kinds/drop.txtar") {
					t.Errorf("%v", p)
				}
			}()
			set := detect.KindsOf("toy", kindFiles(map[string]string{"drop": c.text}))
			set.Of("drop").Read()
		})
	}
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "1 files for 2 kinds") {
			t.Errorf("%v", p)
		}
	}()
	set := detect.KindsOf("toy", kindFiles(map[string]string{"drop": dropTable}))
	set.Of("drop")
	set.Of("grant").Read()
}
