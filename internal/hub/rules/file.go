package rules

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxRules bounds a rules file. GitHub cuts a blob's text at about this size.
const maxRules = 512 << 10

// OfBranch is the rules file of a repository at the tip of a branch.
func OfBranch(repo gate.Repo, branch string, at *Ref) change.RulesFile {
	if at.Tip() == "" {
		return change.RulesFile{
			State:  change.RulesUnknown,
			Name:   repo.FullName() + "/" + wire.RulesPath,
			Reason: fmt.Sprintf("The base branch %q does not exist any more, so its rules cannot be read.", wire.Clip(branch, 100)),
		}
	}
	return OfFile(repo.FullName(), at.Target.File)
}

// OfOrg is the organisation's rules file, from the default branch of its
// .github repository.
//
// GitHub gives the same answer for a repository that does not exist and for one
// that the App may not see. An installation on all repositories sees all there
// are, so there the file is absent. One on selected repositories cannot tell:
// the file counts as absent, because installing gatehold must not block
// anybody, and the reason says how to let it see the file. Only those who
// administer the installation can bring that state about. Any other trouble
// leaves the rules unknown, which holds.
func OfOrg(c *api.Client, owner string, org *Org, trouble *api.GraphError) change.RulesFile {
	place := owner + "/.github/" + wire.RulesPath
	switch {
	case trouble != nil && trouble.Type == "NOT_FOUND" && trouble.At() == "org":
		f := change.RulesFile{State: change.RulesAbsent, Name: place}
		if !c.CoversAll() {
			f.Reason = fmt.Sprintf("The App cannot see %s/.github; give it access to that repository if the organisation "+
				"keeps its rules there.", owner)
		}
		return f
	case trouble != nil:
		return change.RulesFile{State: change.RulesUnknown, Name: place,
			Reason: fmt.Sprintf("GitHub does not show %s/.github: %s", owner, wire.Clip(trouble.Message, 200))}
	case org == nil:
		return change.RulesFile{State: change.RulesUnknown, Name: place,
			Reason: fmt.Sprintf("GitHub's answer says nothing of %s/.github.", owner)}
	case !strings.EqualFold(org.NameWithOwner, owner+"/.github"):
		return change.RulesFile{State: change.RulesUnknown, Name: place,
			Reason: fmt.Sprintf("GitHub answers with %s in the place of %s/.github.", wire.Clip(org.NameWithOwner, 200), owner)}
	case org.DefaultBranchRef == nil: // an empty repository
		return change.RulesFile{State: change.RulesAbsent, Name: place}
	case org.DefaultBranchRef.Target == nil:
		return change.RulesFile{State: change.RulesUnknown, Name: place,
			Reason: fmt.Sprintf("GitHub's answer does not say where the default branch of %s/.github is.", owner)}
	}
	return OfFile(org.NameWithOwner, org.DefaultBranchRef.Target.File)
}

// OfFile judges a tree entry: only a plain text file is used. It is named
// by its blob, not by the commit: a base branch moves with every merge, and
// what was said under the same rules stays said under the same rules.
func OfFile(repo string, e *files.Entry) change.RulesFile {
	return plainFile(repo+"/"+wire.RulesPath, e)
}

func plainFile(place string, e *files.Entry) change.RulesFile {
	f := change.RulesFile{Name: place}
	if e != nil {
		f.Name += "@" + e.Oid[:min(len(e.Oid), 12)]
	}
	refuse := func(reason string) change.RulesFile {
		f.State, f.Reason = change.RulesRefused, reason
		return f
	}
	switch {
	case e == nil:
		f.State = change.RulesAbsent
		return f
	case e.GitMode() != change.ModeFile:
		return refuse(fmt.Sprintf("It has the mode %s; only a plain file (%s) is used, no link, directory or executable.",
			e.GitMode(), change.ModeFile))
	case e.Object == nil || e.Object.Type != "Blob":
		return refuse("It is not a file.")
	case e.Object.ByteSize > maxRules || e.Object.IsTruncated:
		return refuse(fmt.Sprintf("It is larger than %d KB.", maxRules>>10))
	case e.Object.Text == nil || e.Object.IsBinary != nil && *e.Object.IsBinary:
		return refuse("It is binary.")
	case int64(len(*e.Object.Text)) != e.Object.ByteSize || !files.IsBlob(*e.Object.Text, e.Oid):
		return refuse("It is not UTF-8.")
	}
	f.State, f.Text = change.RulesFound, []byte(*e.Object.Text)
	return f
}
