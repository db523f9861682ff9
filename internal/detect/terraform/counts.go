package terraform

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// counting compares how many of each resource there are, over all files of a
// directory: what a name stands for is often said in another file of it.
type counting struct {
	files    []*change.File
	old, now []definitionSite
	values   bool                // a value differs
	moved    map[string][]string // by address, the instances from which a moved block leads, "" for all
}

// definitionSite is a block that gives names to values, and where it stands.
type definitionSite struct {
	path string
	chunk
}

// countLosses reports resources of which fewer are left.
func countLosses(c *change.Change, r *detect.Report) {
	all := map[string]*counting{}
	for i := range c.Files {
		f := &c.Files[i]
		if !wanted(f.Path) || isTerragrunt(f.Path) || body(f.After) == "" || f.Status == change.Copied {
			continue
		}
		dir := path.Dir(f.Path)
		if all[dir] == nil {
			all[dir] = &counting{moved: map[string][]string{}}
		}
		all[dir].add(f)
	}
	for _, dir := range sorted(all) {
		all[dir].judge(r)
		all[dir].across(r)
	}
}

// add notes a file and what its names stand for.
func (c *counting) add(f *change.File) {
	if path.Dir(previous(f)) != path.Dir(f.Path) {
		return
	}
	old, now := namingChunks(previous(f), body(f.Before)), namingChunks(f.Path, body(f.After))
	c.old, c.now = append(c.old, old...), append(c.now, now...)
	c.values = c.values || !slices.EqualFunc(old, now, func(a, b definitionSite) bool { return a.text == b.text })
	c.moves(f)
	if applied(f.Path) {
		c.files = append(c.files, f)
	}
}

// moves notes from where the moved blocks of a file lead.
func (c *counting) moves(f *change.File) {
	chunks, ok := split(body(f.After))
	if !ok || strings.HasSuffix(f.Path, ".json") {
		return
	}
	for _, one := range chunks {
		if kind, _ := one.header(); kind != "moved" {
			continue
		}
		block, conv, err := read(f.Path, one, newScope())
		if err != nil || len(block.Blocks) == 0 {
			continue
		}
		from := conv.attributes(block.Blocks[0].Body).Get("from")
		address := addressOf(from)
		c.moved[address] = append(c.moved[address], strings.Trim(strings.TrimPrefix(from.Str(), address), `[]"`))
	}
}

// namingChunks are the blocks of a file that give names to values. A file of
// values is one as a whole, where the programs read it unasked.
// https://developer.hashicorp.com/terraform/language/values/variables
func namingChunks(p, text string) []definitionSite {
	if isValues(p) {
		base := path.Base(p)
		if strings.HasSuffix(base, ".json") || base != "terraform.tfvars" && !strings.HasSuffix(base, ".auto.tfvars") {
			return nil
		}
		return []definitionSite{{p, chunk{text, 1}}}
	}
	chunks, ok := split(text)
	if !ok || strings.HasSuffix(p, ".json") {
		return nil
	}
	var out []definitionSite
	for _, c := range chunks {
		if kind, _ := c.header(); kind == "variable" || kind == "locals" {
			out = append(out, definitionSite{p, c})
		}
	}
	return out
}

// scopeOf is what all names of a directory stand for.
func scopeOf(sites []definitionSite) *scope {
	s := newScope()
	for _, values := range []bool{false, true} { // values given win over defaults
		for _, site := range sites {
			if isValues(site.path) != values {
				continue
			}
			body, conv, err := read(site.path, site.chunk, s)
			if err != nil {
				continue // an unreadable file is reported by Detect
			}
			s.define(conv, body)
			for _, e := range conv.attributes(body).Entries() {
				if values {
					s.set("var."+e.Key, e.Value)
				}
			}
		}
	}
	return s
}

func (c *counting) judge(r *detect.Report) {
	var old, now *scope
	for _, f := range c.files {
		before, after := c.counted(f)
		if len(after) == 0 && !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		if old == nil {
			old, now = scopeOf(c.old), scopeOf(c.now)
		}
		was, is := newFile(), newFile()
		if was.parseIn(previous(f), body(f.Before), before, old) != nil || is.parseIn(f.Path, body(f.After), after, now) != nil {
			continue
		}
		one := detect.NewReport(f.Path)
		for _, address := range sorted(is.resources) {
			b := was.resources[address]
			if b == nil && overrides(f.Path) {
				b = &cloud.Resource{Address: address, Type: is.resources[address].Type}
			}
			if b != nil {
				fewer(b, is.resources[address], c.moved[address], one)
			}
		}
		for _, o := range one.Observations() {
			r.Add(o)
		}
	}
}

// counted are the blocks of a file that say how many there are, and differ.
func (c *counting) counted(f *change.File) (before, after []chunk) {
	oldChunks, okB := split(body(f.Before))
	newChunks, okA := split(body(f.After))
	if !okA || !okB || strings.HasSuffix(f.Path, ".json") {
		return nil, nil
	}
	old := map[string]chunk{}
	for _, one := range oldChunks {
		old[one.name()] = one
	}
	for _, one := range newChunks {
		kind, _ := one.header()
		was, there := old[one.name()]
		if kind != "resource" && kind != "module" || !there && !overrides(f.Path) || !counts(one) && !counts(was) ||
			one.text == was.text && !(c.values && namesValues(one)) {
			continue
		}
		before, after = append(before, was), append(after, one)
	}
	return before, after
}

func counts(c chunk) bool {
	return strings.Contains(c.text, "count") || strings.Contains(c.text, "for_each")
}

// parseIn reads blocks of a file, or of the JSON form all, in which names stand
// for what a scope says.
func (f *file) parseIn(p, text string, chunks []chunk, names *scope) error {
	if strings.HasSuffix(p, ".json") {
		whole, err := parse(p, text)
		if err == nil {
			f.resources = whole.resources
		}
		return err
	}
	for _, c := range chunks {
		if c.text == "" {
			continue
		}
		body, conv, err := read(p, c, names)
		if err != nil {
			return err
		}
		for _, b := range body.Blocks {
			f.add(b.Type, b.Labels, conv.body(b.Body, b.DefRange().Start.Line, 0), b.DefRange().Start.Line)
		}
	}
	return nil
}

// extent is how many instances of a resource there are, and by what names.
type extent struct {
	how  string // "", count or for_each
	n    int    // -1: not known
	keys []string
}

func extentOf(body *tree.Node) extent {
	if each := body.Get("for_each"); each != nil && each.Kind != tree.Null {
		switch {
		case each.IsMap():
			return extent{"for_each", len(each.Fields), each.Keys()}
		case each.IsList():
			keys := each.Strings()
			for _, item := range each.Items {
				if item == nil || item.Tag != "" || item.Kind != tree.Scalar || strings.Contains(item.Text, "${") {
					return extent{"for_each", -1, nil}
				}
			}
			return extent{"for_each", len(keys), keys}
		}
		return extent{"for_each", -1, nil}
	}
	count := body.Get("count")
	if count == nil || count.Kind == tree.Null {
		return extent{n: 1}
	}
	if n, ok := count.Number(); ok && count.Tag == "" {
		return extent{"count", int(n), nil}
	}
	if count.Tag == "" && (count.True() || count.False()) {
		return extent{"count", map[bool]int{true: 1}[count.True()], nil}
	}
	return extent{"count", -1, nil}
}

// fewer reports what is lost where there are fewer of a resource, or the same
// under other addresses.
func fewer(before, after *cloud.Resource, moved []string, r *detect.Report) {
	stateful := cloud.Stateful(after.Type) || after.Type == "module" && keepsState(after)
	was, is := extentOf(before.Body), extentOf(after.Body)
	line := cmpLine(after.Body.Get("for_each"), after.Body.Get("count"), after.Line)
	add := func(c cloud.Class, detail string) {
		r.Add(detect.Observation{Kind: kinds.class[c], Line: line, Object: after.Address, Detail: detail})
	}
	switch {
	case is.n == 0 && was.n != 0:
		if stateful {
			add(cloud.StatefulDeleted, cmp.Or(is.how, "count")+" is 0")
		} else if after.Type == "module" {
			r.Add(detect.Observation{Kind: kinds.moduleRemoved, Line: line, Object: after.Address, Detail: cmp.Or(is.how, "count") + " is 0"})
		}
	case !stateful || is.n < 0 && is.how == was.how || was.n == 0:
	case is.how == "for_each" && was.how == "for_each":
		lostKeys(was, is, moved, add)
	case len(moved) > 0:
	case is.how == "for_each" || was.how == "for_each" && is.n >= 0:
		add(cloud.StatefulReplaced, "the address changes with "+cmp.Or(is.how, was.how)+", and no moved block says so")
	case is.n >= 0 && was.n > is.n:
		add(cloud.StatefulDeleted, fmt.Sprintf("%d of %d are left", is.n, was.n))
	}
}

// lostKeys reports members of a for_each that are not there any more.
func lostKeys(was, is extent, moved []string, add func(cloud.Class, string)) {
	if was.n < 0 || is.n < 0 {
		return
	}
	have := map[string]bool{}
	for _, k := range append(is.keys[:len(is.keys):len(is.keys)], moved...) {
		have[k] = true
	}
	var lost []string
	for _, k := range was.keys {
		if !have[k] {
			lost = append(lost, strconv.Quote(k))
		}
	}
	if len(lost) > 0 {
		add(cloud.StatefulDeleted, "without "+strings.Join(lost[:min(3, len(lost))], ", "))
	}
}

func cmpLine(a, b *tree.Node, line int) int {
	if a.At() > 0 {
		return a.At()
	}
	if b.At() > 0 {
		return b.At()
	}
	return line
}
