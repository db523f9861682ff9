package markup

import (
	"embed"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/markup/markuptest"
)

var link = regexp.MustCompile(`^<a href="([!#-;=?-~]*)"></a>$`)

// target is what a browser reads from a link: the only attribute, with nothing in it
// that a browser drops before it looks for the scheme.
func target(t *rapid.T, to Address) string {
	var page strings.Builder
	if err := h.A(Href(to)).Render(&page); err != nil {
		t.Fatal(err)
	}
	found := link.FindStringSubmatch(page.String())
	if found == nil {
		t.Fatalf("the link is %q", page.String())
	}
	return html.UnescapeString(found[1])
}

func TestAPathLeadsNowhereElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path, name, value := markuptest.Hostile().Draw(t, "path"), markuptest.Hostile().Draw(t, "name"), markuptest.Hostile().Draw(t, "value")
		to := target(t, Path(path, name, value))
		got, err := url.Parse(to)
		if err != nil || got.Scheme != "" || got.Host != "" || got.Opaque != "" || !strings.HasPrefix(to, "/") ||
			strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Fatalf("%q leads to %q: %v", path, to, err)
		}
		if want := "/" + strings.TrimLeft(path, "/"); got.Path != want || got.Fragment != "" {
			t.Errorf("%q leads to the path %q and the part %q", path, got.Path, got.Fragment)
		}
		if q := got.Query(); len(q) != 1 || q.Get(name) != value || len(q[name]) != 1 {
			t.Errorf("%q=%q arrives as %q", name, value, q)
		}
	})
}

func TestHereLeadsToThePageItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, value := markuptest.Hostile().Draw(t, "name"), markuptest.Hostile().Draw(t, "value")
		to := target(t, Here(name, value))
		got, err := url.Parse(to)
		if err != nil || to[0] != '?' || got.Path != "" || got.Query().Get(name) != value || len(got.Query()) != 1 {
			t.Errorf("%q=%q leads to %q: %v", name, value, to, err)
		}
	})
	if got := Here().url; got != "?" {
		t.Errorf("without a query it leads to %q", got)
	}
}

func TestOnlyHTTPSLeadsElsewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rest := markuptest.Hostile().Draw(t, "rest")
		if a, ok := HTTPS(rest); ok != strings.HasPrefix(rest, "https://") || !ok && a != (Address{}) {
			t.Errorf("%q is taken: %v, as %q", rest, ok, a.url)
		}
		a, ok := HTTPS("https://" + rest)
		if to := target(t, a); !ok || !strings.HasPrefix(to, "https://") {
			t.Errorf("https://%q leads to %q", rest, to)
		}
	})
	for from, want := range map[string]string{
		"https://app.devin.ai/sessions/a1?b=c&d=%20e#f": "https://app.devin.ai/sessions/a1?b=c&d=%20e#f",
		`https://a/"><script>`:                          "https://a/%22%3E%3Cscript%3E",
		"https://a/100%":                                "https://a/100%25",
		"https://a\n.b/\xff é":                          "https://a%0A.b/%FF%20%C3%A9",
	} {
		if got, _ := HTTPS(from); got.url != want {
			t.Errorf("%q leads to %q, want %q", from, got.url, want)
		}
	}
	for _, from := range []string{"", "http://a", "HTTPS://a", " https://a", "javascript:https://a", "//a", "https:/a"} {
		if _, ok := HTTPS(from); ok {
			t.Errorf("%q is taken", from)
		}
	}
}

//go:embed testdata/sheet.css
var files embed.FS

func TestADocumentEscapesItsTitleAndKeepsItsSheet(t *testing.T) {
	sheet := NewSheet(files, "testdata/sheet.css")
	var page strings.Builder
	if err := Document(`</title><script>"`, sheet, h.P(Joined(" < ", g.Text("a"), g.Text("b"), g.Text("c")))).Render(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!doctype html><html lang=\"en\"><head>", "<title>&lt;/title&gt;&lt;script&gt;&#34;</title>",
		"<style>a > b { content: \"&\" }\n</style>", "<body><p>a &lt; b &lt; c</p></body></html>"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in %s", want, page.String())
		}
	}
	// printf 'a > b { content: "&" }\n' | openssl sha256 -binary | base64
	if got := sheet.Source(); got != "'sha256-7JtPfTjb48TyqD46zkTM/evQbS9ykjRp3rfntJsAUeI='" {
		t.Errorf("its source is %s", got)
	}
}

func TestADrawingKeepsItsShapesAndEscapesItsAttributes(t *testing.T) {
	var page strings.Builder
	if err := h.Details(Open(), Drawing(`<path d="M1 1"/>`, h.Class(`"><b>`))).Render(&page); err != nil {
		t.Fatal(err)
	}
	const want = `<details open><svg class="&#34;&gt;&lt;b&gt;" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 1"/></svg></details>`
	if page.String() != want {
		t.Errorf("it is %s", page.String())
	}
}
