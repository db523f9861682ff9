package fakehub

import (
	"fmt"
	"slices"
)

// DropRuleset takes a ruleset of the repository away, as an administrator can
// on its settings page. Whoever may hear of rulesets is told.
func (r *Repo) DropRuleset(id int64) error {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.rulesets, func(rs *ruleset) bool { return rs.repo == r && rs.id == id })
	if i < 0 {
		return fmt.Errorf("%s has no ruleset %d", r.fullName(), id)
	}
	gone := h.rulesets[i]
	h.rulesets = slices.Delete(slices.Clone(h.rulesets), i, i+1)
	h.emitRuleset(gone, "deleted", r.owner)
	return nil
}
