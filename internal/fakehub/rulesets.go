package fakehub

// rulesOn are the rules in force on a branch.
func (r *Repo) rulesOn(branch string) []raw { return r.branchRules[branch] }
