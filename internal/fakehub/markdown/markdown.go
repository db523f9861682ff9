// Package markdown renders GitHub-flavoured Markdown for the pages of a fake
// GitHub. Of raw HTML only <details> and <summary> are let through, which is
// what texts of check runs use; all other HTML is shown as it was written.
// Nothing that a browser loads or runs comes out: an image becomes its text.
package markdown

import (
	"bytes"
	"html"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// maxDepth is how many block quotes and lists may lie in each other before a
// text is shown as it was written: what is deeper is an attack on a stack.
const maxDepth = 100

var converter = sync.OnceValue(func() goldmark.Markdown {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	md.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(tame{}, 1)))
	return md
})

// Rendered is a text as HTML, and a node of a page. Nobody else makes one.
type Rendered struct{ html string }

// Render writes it as it is.
func (r Rendered) Render(w io.Writer) error {
	_, err := io.WriteString(w, r.html)
	return err
}

func (r Rendered) String() string { return r.html }

// HTML renders a text. The result is safe in the body of a page: its elements
// are balanced, and it holds no script, style, image or form.
func HTML(source string) Rendered {
	var out bytes.Buffer
	if deep(source) || converter().Convert([]byte(source), &out) != nil {
		return Rendered{"<pre>" + html.EscapeString(source) + "</pre>"}
	}
	return Rendered{balanced(out.String())}
}

// deep says whether any line begins with more markers of containers than
// maxDepth.
func deep(source string) bool {
	for line := range strings.Lines(source) {
		text := strings.TrimLeft(line, ">-+*.) \t0123456789")
		head, marks := line[:len(line)-len(text)], 0
		for _, mark := range ">-+*.)" {
			marks += strings.Count(head, string(mark))
		}
		if strings.Count(head, ">") > maxDepth || marks > maxDepth && strings.TrimSpace(text) != "" {
			return true
		}
	}
	return false
}

// tame writes the nodes that could bring something foreign into the page.
type tame struct{}

func (tame) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, rawHTML)
	r.Register(ast.KindHTMLBlock, htmlBlock)
	r.Register(ast.KindImage, image)
}

func rawHTML(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(allowed(n.(*ast.RawHTML).Segments.Value(source)))
	}
	return ast.WalkSkipChildren, nil
}

func htmlBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	block := n.(*ast.HTMLBlock)
	if entering {
		_, _ = w.WriteString(allowed(block.Lines().Value(source)))
		if block.HasClosure() {
			_, _ = w.WriteString(allowed(block.ClosureLine.Value(source)))
		}
	}
	return ast.WalkContinue, nil
}

// image leaves the image out; its text is written by its children.
func image(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkContinue, nil
}

var (
	folding = regexp.MustCompile(`(?i)</?(?:details|summary)(?: open)?>`)
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// allowed keeps the elements of a folded section, drops comments and escapes
// the rest.
func allowed(raw []byte) string {
	text := comment.ReplaceAllString(string(raw), "")
	var b strings.Builder
	for {
		at := folding.FindStringIndex(text)
		if at == nil {
			return b.String() + html.EscapeString(text)
		}
		b.WriteString(html.EscapeString(text[:at[0]]))
		b.WriteString(strings.ToLower(text[at[0]:at[1]]))
		text = text[at[1]:]
	}
}

// balanced drops an end that has no beginning and adds the ends that are
// missing, so that a text cannot close a section of the page around it. All
// other brackets of the source have been escaped by now.
func balanced(page string) string {
	var open []string
	page = folding.ReplaceAllStringFunc(page, func(tag string) string {
		name := strings.Trim(strings.TrimSuffix(tag, " open>"), "</>")
		if !strings.HasPrefix(tag, "</") {
			open = append(open, name)
			return tag
		}
		if len(open) == 0 || open[len(open)-1] != name {
			return ""
		}
		open = open[:len(open)-1]
		return tag
	})
	for i := len(open) - 1; i >= 0; i-- {
		page += "</" + open[i] + ">"
	}
	return page
}
