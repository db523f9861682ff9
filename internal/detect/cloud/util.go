package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

func leafOf(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

// name is how a setting is called in a sentence: with the block above it where
// its own name says too little.
func name(path []string) string {
	leaf := leafOf(path)
	if (general[leaf] || targets[leaf]) && len(path) > 1 {
		return path[len(path)-2] + "." + leaf
	}
	return leaf
}

func change(from, to string) string {
	if from == "" {
		return "to " + clip(to)
	}
	if to == "" {
		return clip(from) + " to nothing"
	}
	return clip(from) + " to " + clip(to)
}

// clip shortens a value for a sentence. Values shown are settings, never
// those of attributes that hold secrets.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		cut := 57
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		return s[:cut] + "..."
	}
	return s
}

// anyOn says whether anything below n is set to more than off.
func anyOn(n *tree.Node) bool {
	found := false
	switchOff := false
	tree.Walk(n, func(path []string, n *tree.Node) bool {
		if found || n.Kind != tree.Scalar {
			return !found
		}
		leaf := leafOf(path)
		if (leaf == "enabled" || leaf == "status" || leaf == "state") && off(n) {
			switchOff = true
		}
		if on(n) {
			found = true
		}
		return true
	})
	return !switchOff && (found || n.IsMap() && len(n.Fields) == 0 || n.IsList() && len(n.Items) > 0 && len(n.Items[0].Keys()) == 0)
}

// document parses a scalar that holds JSON, so that what is inside is compared
// and not the text. Anything else is returned as it is.
func document(n *tree.Node) *tree.Node {
	if n == nil || n.Kind != tree.Scalar || len(n.Text) < 2 || n.Tag == "!expr" {
		return n
	}
	text := strings.TrimSpace(n.Text)
	if text == "" || text[0] != '{' && text[0] != '[' || len(text) < 4 {
		return n
	}
	doc, err := tree.ParseJSON(text)
	if err != nil || !doc.IsMap() && !doc.IsList() {
		return n
	}
	if isPolicy(doc) {
		return shift(doc, n.Line-1)
	}
	return shift(snakeKeys(doc), n.Line-1)
}

// shift moves a document's lines to where its text begins.
func shift(n *tree.Node, by int) *tree.Node {
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		n.Line += by
		for i := range n.Fields {
			n.Fields[i].Line += by
		}
		return true
	})
	return n
}

func snakeKeys(n *tree.Node) *tree.Node {
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		for i := range n.Fields {
			n.Fields[i].Key = Snake(n.Fields[i].Key)
		}
		return true
	})
	return n
}
