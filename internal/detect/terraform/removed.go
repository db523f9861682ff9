package terraform

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

// removedBlocks reports removed blocks that destroy what no file of the change
// declared: those that it did are reported as gone.
// https://developer.hashicorp.com/terraform/language/block/removed
func removedBlocks(c *change.Change, dirs map[string]*module, r *detect.Report) {
	for i := range c.Files {
		f := &c.Files[i]
		if !applied(f.Path) || same(f) || !strings.Contains(body(f.After), "removed") {
			continue
		}
		before, after, err := parsePair(f.Path, previous(f), body(f.Before), body(f.After))
		if err != nil {
			continue // an unreadable file is reported by Detect
		}
		for _, address := range sorted(after.destroyed) {
			if m := dirs[path.Dir(f.Path)]; before.destroyed[address] > 0 || m != nil && len(m.lost[address]) > 0 {
				continue
			}
			kind, typ := kinds.class[cloud.StatefulDeleted], addressType(address)
			switch {
			case typ == "module" && !keepsState(&cloud.Resource{Address: address}):
				kind = kinds.moduleRemoved
			case typ != "module" && !cloud.Stateful(typ):
				continue
			}
			r.Add(detect.Observation{Kind: kind, Path: f.Path, Line: after.destroyed[address], Object: address,
				Detail: "a removed block destroys it"})
		}
	}
}

func addressType(address string) string {
	typ, _, _ := strings.Cut(address, ".")
	return typ
}
