package markup

import (
	"strings"
	"testing"
)

func TestAPlotIsAsHighAsItsColumns(t *testing.T) {
	var out strings.Builder
	err := Plot(`"><script>`, []Column{
		{Label: "Mon", Title: "<b>", Parts: []Share{{"ok", 3}, {"bad", 1}}}, {Parts: []Share{{"ok", -5}}},
	}).Render(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<rect class="ok" x="75.2" y="53.0" width="260.7" height="135.0">`, `y="8.0" width="260.7" height="45.0"`,
		`height="0.0"`, "<title>&lt;b&gt;</title>", `aria-label="&#34;&gt;&lt;script&gt;"`, ">Mon</text>", ">4</text>"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
	out.Reset()
	if err := Plot("", nil).Render(&out); err != nil || strings.Contains(out.String(), "NaN") {
		t.Errorf("%v %s", err, out.String())
	}
}
