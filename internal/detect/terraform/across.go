package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
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
		ownOld, ownNow := scopeOf(namingChunks(previous(f), body(f.Before))), scopeOf(namingChunks(f.Path, body(f.After)))
		alone := c.compared(f, before, after, ownOld, ownNow, nil)
		known := map[cloud.Finding]bool{}
		for _, found := range alone.findings {
			known[found] = true
		}
		one := detect.NewReport(f.Path)
		for _, found := range c.compared(f, before, after, old, now, alone.is).findings {
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
// Alone are the same blocks where less is known of the names.
func (c *counting) compared(f *change.File, before, after []chunk, old, now *scope, alone *file) (out comparedBlocks) {
	was, is := newFile(), newFile()
	if was.parseIn(previous(f), "", before, old) != nil || is.parseIn(f.Path, "", after, now) != nil {
		return out
	}
	for address, res := range is.resources {
		if alone != nil && was.resources[address] != nil && alone.resources[address] != nil {
			res.Body = withoutKnobs(was.resources[address].Body, alone.resources[address].Body, res.Body)
		}
	}
	return comparedBlocks{is, cloud.CompareAll(within(was.resources, is.resources), is.resources)}
}

type comparedBlocks struct {
	is       *file
	findings []cloud.Finding
}

// withoutKnobs leaves out settings that are new and only made to be set: by a
// variable that is off, as the setting was where nothing was said of it.
func withoutKnobs(before, alone, now *tree.Node) *tree.Node {
	out := *now
	switch {
	case before.IsMap() && alone.IsMap() && now.IsMap():
		out.Fields = nil
		for _, e := range now.Fields {
			written := alone.Get(e.Key)
			if !before.Has(e.Key) && written != nil && written.Tag == "!expr" && (e.Value.False() || e.Value.Str() == "0") {
				continue
			}
			e.Value = withoutKnobsIn(before.Get(e.Key), written, e.Value)
			out.Fields = append(out.Fields, e)
		}
	case before.IsList() && alone.IsList() && now.IsList() && len(before.Items) == len(now.Items) && len(alone.Items) == len(now.Items):
		out.Items = nil
		for i, item := range now.Items {
			out.Items = append(out.Items, withoutKnobsIn(before.Items[i], alone.Items[i], item))
		}
	}
	return &out
}

// withoutKnobsIn is withoutKnobs for what may not be there.
func withoutKnobsIn(before, alone, now *tree.Node) *tree.Node {
	if before == nil || alone == nil || now == nil {
		return now
	}
	return withoutKnobs(before, alone, now)
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
