package judge

import (
	"github.com/gatehold/gatehold/internal/policy"
)

// reader reads the rules files of the change that is judged.
func (j *judgement) reader() policy.FileReader {
	return policy.FileReader{Org: j.rules.Org, Organisation: policy.IsOrganisations(j.change.Repository)}
}
