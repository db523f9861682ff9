package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

// across reports what a file comes to only with what another file of its
// directory says: `deletion_protection = var.protect`, and protect is false by
// default. What the file says by itself is reported by Detect.
func (c *counting) across(r *detect.Report) {
	if len(c.now) == 0 {
		return
	}
	var old, now *scope
	for _, f := range c.files {
		before, after := c.naming(f)
		if len(after) == 0 {
			continue
		}
		if old == nil {
			old, now = scopeOf(c.old), scopeOf(c.now)
		}
		alone := c.compared(f, before, after, scopeOf(namingChunks(previous(f), body(f.Before))), scopeOf(namingChunks(f.Path, body(f.After))))
		known := map[cloud.Finding]bool{}
		for _, found := range alone {
			known[found] = true
		}
		one := detect.NewReport(f.Path)
		for _, found := range c.compared(f, before, after, old, now) {
			if !known[found] {
				report([]cloud.Finding{found}, one)
			}
		}
		for _, o := range one.Observations() {
			r.Add(o)
		}
	}
}

// naming are the blocks of a file that use names, of which they or what the
// names stand for differ.
func (c *counting) naming(f *change.File) (before, after []chunk) {
	oldChunks, okB := split(body(f.Before))
	newChunks, okA := split(body(f.After))
	if !okA || !okB || strings.HasSuffix(f.Path, ".json") || len(c.now) == len(namingChunks(f.Path, body(f.After))) {
		return nil, nil // it says all that there is to say
	}
	old := map[string]chunk{}
	for _, one := range oldChunks {
		old[one.name()] = one
	}
	for _, one := range newChunks {
		kind, _ := one.header()
		was := old[one.name()]
		if kind != "resource" && kind != "data" && kind != "module" || !namesValues(one) || one.text == was.text && !c.values {
			continue
		}
		before, after = append(before, was), append(after, one)
	}
	return before, after
}

// compared is what is worse in some blocks of a file, with what names stand for.
func (c *counting) compared(f *change.File, before, after []chunk, old, now *scope) []cloud.Finding {
	was, is := newFile(), newFile()
	if was.parseIn(previous(f), "", before, old) != nil || is.parseIn(f.Path, "", after, now) != nil {
		return nil
	}
	return cloud.CompareAll(within(was.resources, is.resources), is.resources)
}

// within leaves out what is gone.
func within(before, after map[string]*cloud.Resource) map[string]*cloud.Resource {
	out := map[string]*cloud.Resource{}
	for address, res := range before {
		if after[address] != nil {
			out[address] = res
		}
	}
	return out
}
