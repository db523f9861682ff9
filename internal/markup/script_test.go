package markup

import (
	"strings"
	"testing"
)

func TestAScriptIsWhatItsSourceNames(t *testing.T) {
	var out strings.Builder
	s := NewScript(files, "testdata/sheet.css") // any text will do
	if err := s.Node().Render(&out); err != nil || out.String() != "<script>a > b { content: \"&\" }\n</script>" {
		t.Errorf("%v %s", err, out.String())
	}
	if s.Source() != NewSheet(files, "testdata/sheet.css").Source() {
		t.Error(s.Source())
	}
}
