package rulesfile

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/rules"
)

// PackNames are the packs that ship, in order. They come from the directory,
// so that asking for names parses nothing.
var PackNames = sync.OnceValue(func() []string {
	entries, err := rules.Packs.ReadDir("packs")
	if err != nil {
		return nil // embedded: the directory is there, or nothing was built
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yml"))
	}
	slices.Sort(out)
	return out
})

// packs parses each pack when it is first asked for.
var packs = sync.OnceValue(func() map[string]func() (*File, error) {
	out := map[string]func() (*File, error){}
	for _, name := range PackNames() {
		out[name] = sync.OnceValues(func() (*File, error) { return readPack(name) })
	}
	return out
})

func readPack(name string) (*File, error) {
	text, err := rules.Packs.ReadFile("packs/" + name + ".yml")
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	f, err := ParseWith(Source{Name: "pack " + name, Text: text}, catalog.Shipped(), nil)
	if err != nil {
		return nil, err
	}
	f.Pack = name
	return f, nil
}

// Pack returns a shipped pack. An error means a fault of this build; a test
// parses them all.
func Pack(name string) (*File, error) {
	load, ok := packs()[name]
	if !ok {
		return nil, fmt.Errorf("there is no pack %q", name)
	}
	return load()
}

// WithExtended returns the packs and all that they extend, each once, by name.
func WithExtended(names []string) ([]*File, error) {
	seen := map[string]*File{}
	todo := slices.Clone(names)
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[name] != nil {
			continue
		}
		f, err := Pack(name)
		if err != nil {
			return nil, err
		}
		seen[name] = f
		todo = append(todo, f.Extends...)
	}
	out := make([]*File, 0, len(seen))
	for _, f := range seen {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *File) int { return strings.Compare(a.Pack, b.Pack) })
	return out, nil
}

// PackRuleIDs are the full ids of all rules of all packs.
func PackRuleIDs() []string {
	var out []string
	for _, name := range PackNames() {
		f, err := Pack(name)
		if err != nil {
			continue // the rules of a pack that does not parse cannot be adjusted
		}
		for _, r := range f.Rules {
			out = append(out, name+"/"+r.ID)
		}
	}
	return out
}
